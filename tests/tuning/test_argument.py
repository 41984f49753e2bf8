"""What is varied, and what its runs are called."""

from __future__ import annotations

import pytest

from indl_vae.errors import ConfigError
from indl_vae.tuning.argument import Argument, combinations


def test_runs_are_named_after_their_values_the_first_argument_changing_most_slowly():
    arguments = [Argument("n_bases", [20, 5], "b"), Argument("dim_z", (5, 6), "z"), Argument("n_epochs", [3])]
    made = list(combinations(arguments))
    assert [name for name, _ in made] == ["b20z5", "b20z6", "b5z5", "b5z6"]
    assert made[1][1] == {"n_bases": 20, "dim_z": 6, "n_epochs": 3}


def test_lists_are_joined_and_a_scan_without_names_has_one():
    assert Argument("reg", [[[0.5, 1.0], [0.3, 0.1]]], "r").label([[0.5, 1.0], [0.3, 0.1]]) == "r0.5-1.0-0.3-0.1"
    assert [name for name, _ in combinations([Argument("dim_z", [5])])] == ["scan"]


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (lambda: Argument("dim_z", []), "dim_z: expected at least one value to try, got none"),
        (lambda: Argument("dim_z", [5, 6]), "has 2 values and no add_to_name_as"),
        (lambda: Argument("dim_z", [5, 5], "z"), "expected values with names of their own, got z5, z5"),
        (lambda: Argument("inputs_path", ["a/b", "c"], "i"), "values that can be part of a folder's name"),
        (lambda: list(combinations([Argument("a", [1]), Argument("a", [2])])), "one argument for each parameter"),
    ],
)
def test_what_has_no_name_is_refused(made, message):
    with pytest.raises(ConfigError, match=message):
        made()
