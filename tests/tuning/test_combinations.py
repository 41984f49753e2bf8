"""All combinations of values, checked before anything starts, and their runs with seeds of their own."""

from __future__ import annotations

from pathlib import Path

import pytest

from indl_vae.errors import ConfigError
from indl_vae.tuning.argument import Argument
from indl_vae.tuning.combinations import combine, shared_settings
from indl_vae.tuning.member import make_members


def made(*arguments, n_runs=1, **options):
    shared = shared_settings(
        *({"family": "dendplrnn", "config": None, "preset": None, "settings": {}} | options).values()
    )
    return make_members(combine(shared, arguments), arguments, n_runs, Path("out"))


def test_the_first_argument_changes_most_slowly_and_runs_fastest():
    members = made(
        Argument("n_bases", [20, 5], "b"), Argument("dim_z", [15, 6], "z"), Argument("n_epochs", [3]), n_runs=2
    )
    names = ["b20z15", "b20z6", "b5z15", "b5z6"]
    assert [(one.name, one.run) for one in members] == [(name, run) for name in names for run in (1, 2)]
    assert [(one.params.n_bases, one.params.z_latent_size) for one in members[::2]] == [
        (20, 15),
        (20, 6),
        (5, 15),
        (5, 6),
    ]
    assert {one.params.n_epochs for one in members} == {3}
    assert members[3].folder == Path("out/b20z6/002") and members[3].log == Path("out/b20z6/002.log")


def test_each_run_of_a_combination_has_a_seed_of_its_own():
    members = made(Argument("dim_z", [5, 6], "z"), n_runs=3, settings={"seed": 7})
    assert [one.params.seed for one in members] == [7, 8, 9] * 2
    assert [one.settings["seed"] for one in members] == [7, 8, 9] * 2


@pytest.mark.parametrize("name", ["seed", "random_seed"])
def test_a_seed_that_is_an_argument_stays(name):
    assert [one.params.seed for one in made(Argument(name, [4, 2], "s"))] == [4, 2]
    with pytest.raises(ConfigError, match="seed: is an argument, so 2 runs of a combination would be copies. Leave"):
        made(Argument(name, [4, 2], "s"), n_runs=2)


def test_an_argument_run_lists_the_runs():
    members = made(Argument("run", [2, 5]), Argument("dim_z", [5, 6], "z"))
    assert [(one.name, one.run, one.params.seed) for one in members] == [
        ("z5", 2, 1), ("z5", 5, 4), ("z6", 2, 1), ("z6", 5, 4),
    ]  # fmt: skip
    with pytest.raises(ConfigError, match="n_runs: expected 1 beside an argument run, got 2. Leave one of them out"):
        made(Argument("run", [1, 2]), n_runs=2)


def test_a_scan_without_names_has_one():
    assert [one.name for one in made(Argument("dim_z", [5]))] == ["scan"]
    assert [one.name for one in made()] == ["scan"]


def test_layers_are_those_of_train(tmp_path):
    (tmp_path / "c.yaml").write_text("family: dendplrnn\nz_latent_size: 4\nn_bases: 3\nn_epochs: 8\n")
    (member,) = made(
        Argument("dim_z", [5]), family=None, config=tmp_path / "c.yaml", preset="default", settings={"n_bases": 2}
    )
    assert (member.params.family, member.params.z_latent_size) == ("dendplrnn", 5)
    assert (member.params.n_bases, member.params.n_epochs) == (2, 8)


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        ([("dim_z", [5, -1], "z")], {}, r"z-1 \(dim_z = -1\): z_latent_size: expected an integer >= 0, got -1"),
        ([("dim_z", [5, 0], "z"), ("n_bases", [1], "b")], {}, r"z0b1 \(dim_z = 0, n_bases = 1\): z_latent_size: .* at least 1"),
        ([("dimz", [1], "x")], {}, "x1 .*'dimz' is not a parameter of dendplrnn"),
        ([("dim_z", [5, 6], "z"), ("z_latent_size", [5], "l")], {}, "z6l5 .*z_latent_size is given twice"),
        ([("dim_z", [5, 6], "z")], {"settings": {"z_latent_size": 3}}, "z5 .*z_latent_size is given twice"),
        ([("dim_z", [5], "z")], {"settings": {"dim_z": 3}}, "dim_z: stands in the arguments and in the settings"),
        ([("a", [1]), ("a", [2])], {}, "a: expected one argument for each parameter, got two"),
        ([("dim_z", [1, 12], "a"), ("n_bases", [22, 2], "2")], {}, "a1222: expected a name of its own .* but a1222 is taken"),
        ([("activation", ["x", "X"], "a")], {}, "aX: expected a name of its own .*aX|ax .*activation"),
        ([("experiment", ["csv"], "scan.")], {}, "scan.csv: expected a name of its own for each combination"),
        ([("dim_z", [5])], {"preset": "no_such"}, "scan .*preset: expected one of"),
        ([("dim_z", [5])], {"settings": {"seed": 2**32}}, "seed: "),
        ([("dim_z", [5])], {"settings": {"seed": {1}}}, "seed: expected numbers, text"),
    ],
)  # fmt: skip
def test_what_is_no_configuration_is_refused(arguments, options, message):
    with pytest.raises(ConfigError, match=message):
        made(*(Argument(*argument) for argument in arguments), **options)
