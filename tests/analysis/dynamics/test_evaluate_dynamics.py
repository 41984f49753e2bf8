"""All figures of a model's dynamics on a split, on a model whose dynamics are known."""

from __future__ import annotations

import numpy as np
import pytest

from indl_vae import make_params
from indl_vae.analysis.dynamics import evaluate_dynamics
from indl_vae.analysis.dynamics.evaluate_dynamics import series_of
from indl_vae.data import Dataset
from indl_vae.errors import ConfigError
from indl_vae.models import build_model
from tests.models.helpers import tiny

N, M, T = 2, 3, 40


@pytest.fixture(scope="module")
def rotation():
    """Trials that turn by 0.3 a bin, and a model that decays by cos 0.3: what a rotation is without its other half."""
    data_turn = lambda z: np.stack([np.cos(z), np.sin(z)], -1)  # noqa: E731
    phases = np.random.default_rng(0).uniform(0, 6, 20)[:, None] + 0.3 * np.arange(T)
    x = data_turn(phases).astype("f4")
    data = Dataset.from_arrays({"x": x}, {"x": x[:5]}, {"x": x}, likelihood="gaussian", bin_width_s=0.01)
    params = make_params(
        "dendplrnn", z_latent_size=M, n_bases=0, rectifier_slope=0.5, training="teacher_forcing", forcing_interval=1,
        jit_compile=False, scale_channels=False, hard_clip=True, clip_range=1e3, learn_z0=False,
    )  # fmt: skip
    model = build_model(params, data)
    step = model.core.get_layer("rollout").step
    step.square.assign(np.diag([np.cos(0.3), np.cos(0.3), 0.0]))
    step.bias.assign(np.zeros(M))
    return model, data


def test_forecasts_of_the_step_as_it_is(rotation):
    """The map is a decay by cos 0.3, from the observation itself."""
    model, data = rotation
    found = evaluate_dynamics(model, data.test, ["mse"])
    x = data.test.x
    for k in (1, 5, 10, 20):
        expected = np.mean((np.cos(0.3) ** k * x[:, : T - k] - x[:, k:]) ** 2)
        assert found[f"mse_{k}"] == pytest.approx(expected, rel=1e-4)
    assert found["persistence_1"] == pytest.approx(np.mean((x[:, 1:] - x[:, :-1]) ** 2), rel=1e-4)


def test_the_exponent_of_a_decay_is_its_logarithm(rotation):
    model, data = rotation
    assert evaluate_dynamics(model, data.test, ["lyapunov"])["lyapunov"] == pytest.approx(np.log(np.cos(0.3)), rel=1e-3)


def test_a_run_that_leaves_every_bound_gives_nan_and_says_so(rotation):
    model, data = rotation
    model = build_model(model.params.replace(hard_clip=False), data)
    model.core.get_layer("rollout").step.square.assign(np.eye(M) * 3.0)
    found = evaluate_dynamics(model, data.test)
    assert found["finite"] == 0.0
    assert all(np.isnan(found[name]) for name in ("klx", "klz", "pse", "d_h", "lyapunov"))


def test_series_are_without_padding_and_masked_entries():
    trials = [np.ones((n, 1), "f4") * n for n in (5, 3)]
    data = Dataset.from_arrays({"x": trials}, {"x": trials}, likelihood="gaussian")
    assert [len(one) for one in series_of(data.train)] == [5, 3]


def test_what_cannot_be_is_refused(rotation):
    model, data = rotation
    with pytest.raises(ConfigError, match="metrics: expected some of mse, klx, .*, got 'mae'"):
        evaluate_dynamics(model, data.test, ["mae"])
    with pytest.raises(ConfigError, match="starts: expected data or random, got 'zero'"):
        evaluate_dynamics(model, data.test, starts="zero")
    with pytest.raises(
        ConfigError,
        match="expected one that can run by itself and whose latent step is a map, as dendplrnn, got 'lfads'",
    ):
        evaluate_dynamics(tiny(), data.test)
