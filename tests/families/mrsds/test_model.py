"""Regions stay apart, starts come from the data, and a model runs by itself."""

from __future__ import annotations

import numpy as np
import pytest

from indl_vae import make_params
from indl_vae.data.synthetic import make
from indl_vae.errors import ConfigError
from indl_vae.layers.regions.switching_dynamics import SwitchingDynamics
from indl_vae.models import build_model
from indl_vae.typing import DataSpec
from tests.models.family_cases import U, make_batch, tiny

SMALL = {"n_train": 24, "n_valid": 6, "n_test": 6, "n_bins": 30}


@pytest.fixture(scope="module")
def wells():
    return make("double_well", seed=0, **SMALL).dataset()


def test_a_region_is_read_out_from_its_own_latents():
    model = tiny("mrsds s_svae")
    x = np.random.default_rng(0).normal(size=(1, 3, 4)).astype("f4")
    for latent in range(4):
        moved = x.copy()
        moved[..., latent] += 1.0
        changed = np.abs(model.read_out(moved) - model.read_out(x)).max((0, 1)) > 0
        assert changed.tolist() == ([True] * 5 + [False] * 3 if latent < 2 else [False] * 5 + [True] * 3)


def test_the_start_is_a_switching_autoregression_of_the_components(wells):
    options = {"n_states": 2, "inference": "mean_field", "jit_compile": False, "start_steps": 60, "z1_units": 8}
    started, random = (
        build_model(make_params("mrsds", {**options, "initialisation": name}), wells) for name in ("pca", "random")
    )
    batches = wells.valid.batches(6, shuffle=False)
    nll = [model.evaluate(batches, verbose=0, return_dict=True)["nll"] for model in (started, random)]
    assert nll[0] < nll[1] - 0.5
    assert started.count_params() == random.count_params()


def test_runs_by_itself_are_functions_of_seed_and_start():
    model = tiny("mrsds s_svae")
    u = np.ones((3, 8, U), "f4")
    first, again, other = (model.free_run(6, 3, ext_input=u, seed=s, noise=True, drop=2) for s in (1, 1, 2))
    assert first["rates"].shape == (3, 6, 8) and first["state_probs"].sum(-1).min() == 1.0
    np.testing.assert_array_equal(first["factors"], again["factors"])
    assert not np.array_equal(first["factors"], other["factors"])
    start = np.zeros((1, 4), "f4")
    still = model.free_run(2, start=start, start_state=[1], ext_input=u[:1, :2])
    state = still["state_probs"][0, 0].argmax()
    expected = model.next_means(start, u[:1, 0])[0, state]
    np.testing.assert_allclose(still["factors"][0, 0], expected, rtol=1e-5)
    with pytest.raises(ConfigError, match="ext_input: this model has a measured external input"):
        model.free_run(2)


def test_draws_of_the_prior_switch_as_often_as_the_chain_says():
    model = tiny("mrsds single latent system", stickiness=0.0, latents_to_states=False)
    drawn = model.sample_prior(400, n_bins=40)["state_probs"]
    system = next(one for one in model.core._flatten_layers() if isinstance(one, SwitchingDynamics))
    matrix = np.exp(system.transition().numpy())
    states = drawn.argmax(-1)
    for k in (0, 1):
        after = states[:, 1:][states[:, :-1] == k]
        assert abs((after == 1).mean() - matrix[k, 1]) < 0.02


def test_messages_add_up_to_the_step():
    model = tiny("mrsds s_svae")
    batch = make_batch(model)
    x, probs = model.states(batch), model.state_probs(batch)
    told = model.messages(x, batch["ext_input"], probs)
    steps = told["messages"].sum(3) + told["input_messages"].sum(3)
    expected = model.one_step(x, batch["ext_input"], probs)[:, 1:] - x[:, :-1]
    np.testing.assert_allclose(steps[:, 1:].reshape(expected.shape), expected, atol=1e-4)
    assert not steps[:, 0].any()


def test_the_most_probable_path_follows_the_probabilities():
    model = tiny("mrsds s_svae", shake=0.0)
    batch = make_batch(model)
    x = model.states(batch)
    made = model.potentials(x, batch["ext_input"])
    path = model.discrete_path(x, batch["ext_input"])
    assert path.shape == x.shape[:2] and made["log_matrix"].shape == (4, 5, 2, 2)
    assert (path == model.state_probs(batch).argmax(-1)).mean() > 0.7


def test_sizes_must_add_up():
    with pytest.raises(ConfigError, match="region_sizes: expected sizes that add up to the 9 channels"):
        build_model(make_params("mrsds", region_sizes=[5, 3]), DataSpec(9))
