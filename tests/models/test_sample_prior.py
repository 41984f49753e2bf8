"""New trials from the priors: shapes, seeds, statistics."""

from __future__ import annotations

import numpy as np
import pytest

from indl_vae.errors import ConfigError
from indl_vae.models import build_model
from indl_vae.typing import DataSpec
from tests.models.helpers import N, T, U, tiny

WIDTHS = {"rates": N, "factors": 10, "gen_states": 9, "controller_outputs": 2}


@pytest.fixture(scope="module")
def model():
    return tiny()


def test_names_shapes_and_types(model):
    drawn = model.sample_prior(4)
    shapes = {name: (4, T, width) for name, width in WIDTHS.items()} | {"gen_init": (4, 9), "f_sample": (4, 3)}
    assert {name: value.shape for name, value in drawn.items()} == shapes
    assert all(isinstance(value, np.ndarray) and np.isfinite(value).all() for value in drawn.values())
    assert (drawn["rates"] > 0).all()
    assert model.sample_prior(2, n_bins=T + 5)["rates"].shape == (2, T + 5, N)


def test_a_seed_gives_the_same_trials(model):
    first, again, other = (model.sample_prior(3, seed=s) for s in (1, 1, 2))
    for name in first:
        np.testing.assert_array_equal(first[name], again[name])
        assert not np.array_equal(first[name], other[name])
        assert len(np.unique(first[name].reshape(3, -1), axis=0)) == 3, "every trial is a draw of its own"


def test_latents_follow_their_priors(model):
    drawn = model.sample_prior(8000, n_bins=4, seed=3)
    prior = model.core.get_layer("f_prior").distribution()
    error = np.sqrt(np.asarray(prior.variance()) / 8000)
    assert (np.abs(drawn["f_sample"].mean(0) - prior.mean()) < 4 * error).all()
    np.testing.assert_allclose(drawn["f_sample"].var(0), prior.variance(), rtol=0.1)
    z_prior = model.core.get_layer("z_prior")
    stationary = z_prior.distribution().variance()
    inputs = drawn["controller_outputs"]
    np.testing.assert_allclose(inputs.var(0), np.broadcast_to(stationary, (4, 2)), rtol=0.1)
    decay = np.exp(-1 / np.exp(np.asarray(z_prior.logtaus)))
    next_to = [np.corrcoef(inputs[:, 1, d], inputs[:, 2, d])[0, 1] for d in range(2)]
    np.testing.assert_allclose(next_to, decay, atol=0.04)


def test_the_generator_takes_the_draws_the_way_it_does_in_the_model(model):
    """Factors and rates are the model's own maps of its own states."""
    drawn = model.sample_prior(2)
    cell = model.core.get_layer("complex_rnn").cell
    np.testing.assert_allclose(drawn["factors"], drawn["gen_states"] @ np.asarray(cell.factor_matrix()), atol=1e-5)
    kernel, bias = model.core.get_layer("readout").get_weights()
    np.testing.assert_allclose(drawn["rates"], np.exp(drawn["factors"] @ kernel + bias), rtol=1e-4)
    kernel, bias = model.core.get_layer("gen_init").get_weights()
    np.testing.assert_allclose(drawn["gen_init"], drawn["f_sample"] @ kernel + bias, atol=1e-5)


def test_without_inferred_inputs():
    drawn = tiny(z_latent_size=0).sample_prior(3)
    assert drawn["controller_outputs"].shape == (3, T, 0)
    assert np.ptp(drawn["rates"], axis=0).max() > 0


def test_a_measured_input_must_be_given():
    model = tiny(ext_input_dim=U)
    ext = np.random.default_rng(1).normal(size=(3, T, U))
    with pytest.raises(
        ConfigError, match=r"ext_input: this model has a measured external input; pass an array \(3, 5, 2\)"
    ):
        model.sample_prior(3)
    assert not np.array_equal(*(model.sample_prior(3, ext_input=e)["rates"] for e in (ext, ext + 1)))


def test_a_length_must_be_known(model):
    with pytest.raises(ConfigError, match="n_bins: expected the number of bins to draw, got none"):
        build_model(model.params, DataSpec(N)).sample_prior(2)
