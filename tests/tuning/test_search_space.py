"""What a search draws: the families' declared ranges, what a user names, and what depends on what."""

from __future__ import annotations

import pytest

import indl_vae
from indl_vae.errors import ConfigError
from indl_vae.params import SearchRange
from indl_vae.registry import family_params
from indl_vae.tuning.combinations import Shared
from indl_vae.tuning.search_space import SearchSpace

HIDDEN = {"select_on": "hidden"}
VARIANTS = [
    ("dsae", {"variant": "factorized"}),
    ("dsae", {"decoder": "rnn"}),
    ("fhvae", {"variant": "simple"}),
    ("dendplrnn", {"training": "teacher_forcing"}),
    ("dendplrnn", {"training": "svae_forced", "likelihood": "poisson"}),
    ("dendplrnn", {"rec_model": "encoder"}),
    ("dendplrnn", {"latent_step": "shallow"}),
    ("mrsds", {"inference": "svae"}),
    ("mrsds", {"inference": "mean_field"}),
    ("mrsds", {"inference": "slds"}),
    ("mrsds", {"sequence_encoder": "transformer"}),
    ("lfads", {"heldout_channels": 2, "select_on": "heldout_channels"}),
    ("lfads", {"f_prior_process": "null"}),
]
ALL = [(family, {"preset": preset}) for family in indl_vae.families() for preset in family_params(family).presets]


def space(family="lfads", asked=None, config=None, entries=None, preset=None, **fixed):
    return SearchSpace(Shared(family, preset, config or {}, {**HIDDEN, **fixed}), asked, entries)


def names(family="lfads", asked=None, **options):
    return [one.name for one in space(family, asked, **options).dimensions]


def of(found, name):
    return next(one for one in found.dimensions if one.name == name)


def samples(found, n):
    """Returns settings that keras-tuner draws at random."""
    from indl_vae.tuning.oracles import make_oracle

    oracle = make_oracle("random", None, 10, 0)
    hp = oracle.get_space()
    found.register(hp)
    oracle.update_space(hp)
    return [oracle._random_values() for _ in range(n)]


@pytest.mark.parametrize(("family", "fixed"), [*ALL, *VARIANTS])
def test_random_samples_are_parameters_of_the_family(family, fixed):
    found = space(family, entries=(30, 12), **fixed)
    assert "learning_rate" in [one.name for one in found.dimensions]
    drawn = samples(found, 12)
    for values in drawn:
        params = found.params(values)
        assert params.select_on != "loss" and all(params[name] is not None for name in values)
    assert len({repr(values) for values in drawn}) == 12


def test_what_has_no_effect_is_not_searched():
    assert {"con_units", "kl_z_weight", "l2_con_scale", "z1_units"} <= set(names())
    assert not {"con_units", "kl_z_weight", "l2_con_scale", "z1_units", "z2_units"} & set(names(z_latent_size=0))
    assert "gen_units" not in names("dsae") and "gen_units" in names("dsae", decoder="rnn")
    assert "decoder_units" in names("dsae") and "decoder_units" not in names("dsae", decoder="rnn")
    assert "n_hidden" not in names("dendplrnn") and "n_hidden" in names("dendplrnn", latent_step="shallow")
    assert "n_bases" in names("dendplrnn") and "n_bases" not in names("dendplrnn", latent_step="shallow")
    assert "kl_f_weight" not in names("mrsds") and "kl_z_weight" in names("mrsds")
    assert "stickiness" not in names("mrsds", n_states=1) and "stickiness" in names("mrsds", n_states=2)
    assert "gru_clip_value" not in names("fhvae") and "gru_clip_value" in names("lfads")
    assert not {"dropout_rate", "input_factors", "l2_con_scale"} & set(names("ceneurovae"))


def test_what_depends_on_a_drawn_value_is_drawn_with_it():
    found = space()
    assert of(found, "kl_z_weight").parents == (("z_latent_size", (1, 2, 4, 8)),)
    for values in samples(found, 30):
        there = {"con_units", "kl_z_weight", "l2_con_scale", "z1_units"} & set(values)
        assert len(there) == (4 if values["z_latent_size"] else 0)
        assert set(found.chosen(values)) == set(values)
    ranged = space("mrsds", {"n_states": {"low": 1, "high": 3}, "stickiness": None})
    assert of(ranged, "n_states").whole and of(ranged, "stickiness").parents == (("n_states", (2, 3)),)


def test_declared_ranges_are_those_that_the_family_accepts():
    assert 0 not in of(space("dsae"), "z_latent_size").choices
    rate = of(space("lfads"), "learning_rate").span  # a rule ends the training at 1e-5
    assert 1e-5 < rate.low < 1.1e-5 and rate.high == 1e-2
    assert of(space("lfads", lr_rule="none"), "learning_rate").span == SearchRange(1e-5, 1e-2, "log")
    assert "z2_units" not in names("dsae", variant="factorized")


def test_weights_of_the_loss_have_ranges_for_its_reduction():
    summed, averaged = (of(space(entries=(100, 60), nll_reduction=one), "kl_f_weight").span for one in ("sum", "mean"))
    assert (summed.low, summed.high) == (5e-3, 5.0)
    assert averaged.low == pytest.approx(5e-3 / 6000) and averaged.high == pytest.approx(5.0 / 6000)
    assert of(space("dendplrnn", entries=(100, 60)), "kl_z_weight").span.high == pytest.approx(5.0 / 100)


def test_nothing_is_longer_than_a_trial():
    assert of(space("fhvae", entries=(24, 5)), "segment_length").choices == (10, 20)
    forced = space("dendplrnn", entries=(24, 5), training="teacher_forcing")
    assert of(forced, "z_latent_size").choices == (8, 20), "5 channels are states"


def test_a_stack_keeps_its_depth_and_its_own_value():
    assert of(space("fhvae", f_units=[64, 64], decoder_units=[96, 96]), "z1_units").choices == (16, 32, 64, 128)
    found = space("fhvae", config={"f_units": [48, 48]})
    assert of(found, "f_units").choices == ([32, 32], [64, 64], [128, 128], [256, 256])
    assert found.params({"f_units": "[64, 64]"}).f_units == (64, 64)
    assert 50 in of(space("lfads", config={"gen_units": 50}), "gen_units").choices


def test_what_is_fixed_is_not_searched_and_a_config_is():
    assert "learning_rate" not in names(lr_init=1e-3), "an alias"
    found = space(config={"learning_rate": 1e-3})
    assert of(found, "learning_rate").start == 1e-3 and found.base.learning_rate == 1e-3


def test_a_space_of_ones_own():
    asked = {
        "keep_prob": {"low": 0.5, "high": 0.9},
        "f_units": [[8], [8, 8]],
        "LR.INIT": None,
        "lr_rule": ["none", "cosine"],
        "co_dim": [0, 2],
        "kl_ramp_length": {"low": 0, "high": 20},
        "con_units": [8, 16],
    }
    found = space(asked={**asked, "LR.INIT": None}, entries=(100, 60))
    assert [one.name for one in found.dimensions] == [
        "dropout_rate", "f_units", "learning_rate", "lr_rule", "z_latent_size", "kl_ramp_length", "con_units",
    ]  # fmt: skip
    span = of(found, "dropout_rate").span
    assert (round(span.low, 6), round(span.high, 6)) == (0.1, 0.5)
    assert of(found, "kl_ramp_length").whole and of(found, "con_units").parents == (("z_latent_size", (2,)),)
    for values in samples(found, 8):
        params = found.params(values)
        assert params.f_units in ((8,), (8, 8)) and isinstance(params.kl_ramp_length, int)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"learning_rat": None}, r"space: 'learning_rat' is not a parameter of the family\. Did you mean 'learning_rate'"),
        ({"bin_width_s": [0.01, 0.02]}, "bin_width_s: cannot be searched: it decides what is scored, so that trials"),
        ({"select_on": ["hidden", "nll"]}, "select_on: cannot be searched"),
        ({"sv_rate": [0.0, 0.2]}, "sv_rate: cannot be searched"),
        ({"CS_DIM": [1, 2]}, "heldout_channels: cannot be searched"),
        ({"seed": [1, 2]}, "seed: cannot be searched: it would be chosen by luck"),
        ({"epochs": [1, 2]}, "n_epochs: cannot be searched: it is the length of a trial"),
        ({"gen_units": 5}, r"space: gen_units: expected values or a range, got 5\. Give a list of values"),
        ({"gen_units": []}, "space: gen_units: expected at least one value, and none twice, got"),
        ({"gen_units": [5, 5]}, "space: gen_units: expected at least one value, and none twice, got"),
        ({"gen_units": [5, -1]}, r"space: gen_units = -1: gen_units: expected an integer >= 1, got -1"),
        ({"gen_units": {"low": 1.5, "high": 3}}, r"space: gen_units: expected whole numbers, got 1.5 \.\. 3"),
        ({"learning_rate": {"low": 0.1, "high": 0.01}}, r"expected low < high, and low > 0 .* got 0.1 \.\. 0.01"),
        ({"learning_rate": {"low": 0, "high": 0.01, "scale": "log"}}, "expected low < high, and low > 0 on a log"),
        ({"learning_rate": {"low": 1, "hi": 2}}, "space: learning_rate: expected low, high and possibly scale, got"),
        ({"lr_rule": {"low": 1, "high": 2}}, "space: lr_rule: expected a list of values: lr_rule is no number"),
        ({"lr_rule": None}, "space: lr_rule: has no range of its own to search"),
        ({"keep_prob": ["x"]}, "space: keep_prob: expected a value for dropout_rate, got 'x'"),
        ({"kl_increase_epochs": [1, 2]}, "kl_increase_epochs sets other parameters than kl_ramp_length too. Name kl_ramp"),
        ({"keep_prob": None, "dropout_rate": None}, "dropout_rate stands twice"),
        ({"dim_z": None}, "space: z_latent_size is set for all trials, expected it to be searched or set"),
        ({"con_units": None}, r"space: con_units: has no effect here, only where gen_cell_type is Complex and z_latent_size"),
        ({}, "space: expected at least one parameter to search, got none"),
    ],
)  # fmt: skip
def test_spaces_that_are_refused(asked, message):
    with pytest.raises(ConfigError, match=message):
        space(asked=asked, z_latent_size=0)


@pytest.mark.parametrize("select_on", ["nll", "loss"])
def test_a_score_of_what_the_encoders_saw_is_refused(select_on):
    message = (
        rf"select_on: expected 'hidden' or 'heldout_channels' for a search, got '{select_on}', which scores what the"
    )
    with pytest.raises(ConfigError, match=message):
        space(select_on=select_on, sv_rate=0.2)


def test_families_that_select_on_a_bound_have_to_be_told():
    with pytest.raises(ConfigError, match=r"got 'elbo', which scores .* Set select_on = 'hidden'"):
        SearchSpace(Shared("mrsds", None, {}, {}))
