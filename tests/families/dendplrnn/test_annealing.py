"""The course of the balance between likelihood and latent terms."""

from __future__ import annotations

import numpy as np
import pytest

from indl_vae import make_params, train
from indl_vae.data import Dataset
from indl_vae.errors import ConfigError
from indl_vae.families.dendplrnn.annealing import annealing_factor
from indl_vae.params import AnnealingGroup


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, [0.5] * 4),
        ({"annealing": "lin"}, [0.125, 0.25, 0.375, 0.5]),
        ({"annealing": ["quad"]}, [0.25 * 0.875, 0.5 * 0.75, 0.75 * 0.625, 0.5]),
        ({"annealing": ["exp", 2]}, [0.5 * (1 - np.exp(-2 * p)) for p in (0.25, 0.5, 0.75, 1.0)]),
        ({"annealing": "exp"}, [0.5 * (1 - np.exp(-10 * p)) for p in (0.25, 0.5, 0.75, 1.0)]),
        ({"annealing": ["const", 0.8]}, [0.8] * 4),
        ({"annealing": "lin", "annealing_step_size": 2}, [0.0, 0.25, 0.25, 0.5]),
    ],
)
def test_the_factor_of_each_epoch(settings, expected):
    group = AnnealingGroup(**settings)
    assert [annealing_factor(epoch, 4, group) for epoch in range(1, 5)] == pytest.approx(expected)


@pytest.mark.parametrize("given", [None, "None", "none", ["none"]])
def test_no_annealing_has_several_spellings(given):
    assert AnnealingGroup(annealing=given).annealing == "none"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"annealing": "cubic"}, "annealing"),
        ({"annealing": ["exp", 1, 2]}, "expected a name, or a name and its constant"),
        ({"annealing": ["lin", 2.0]}, "expected null with annealing = 'lin', got 2"),
        ({"annealing": ["const", 1.5]}, "expected 0 to 1 with annealing = 'const', got 1.5"),
    ],
)
def test_what_has_no_meaning_is_refused(settings, message):
    with pytest.raises(ConfigError, match=message):
        AnnealingGroup(**settings)


@pytest.mark.slow
def test_training_follows_it_and_says_so(tmp_path):
    x = np.random.default_rng(0).normal(size=(6, 8, 2)).astype("f4")
    data = Dataset.from_arrays({"x": x}, {"x": x[:2]}, likelihood="gaussian")
    params = make_params(
        "dendplrnn", z_latent_size=3, n_bases=2, n_epochs=3, batch_size=3, jit_compile=False, annealing="lin"
    )
    run = train(params, data, tmp_path / "run")
    assert [row["annealing"] for row in run.history] == pytest.approx([1 / 6, 1 / 3, 1 / 2])
    latest = type(run)(run.folder, checkpoint="latest").model
    assert float(latest.nll_weight.weight_value) == pytest.approx(0.5)
    assert float(latest.terms["kl_z"].weight_value) == pytest.approx(0.5)
