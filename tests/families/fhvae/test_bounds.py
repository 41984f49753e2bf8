"""Bounds of FHVAE against the exact evidence of a straight model, means of sequences integrated out."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from scipy.stats import multivariate_normal

from indl_vae import make_params
from indl_vae.models import build_model
from indl_vae.typing import DataSpec

T, N, L, DF, DZ = 6, 3, 2, 2, 1
SEGMENTS = T // L


@pytest.fixture(scope="module")
def straight():
    """The simple variant with straight activations, and its p(x): dense, f of the segments correlated by their mean."""
    params = make_params(
        "fhvae_simple", segment_length=L, f_units=[4], z1_units=4, z2_units=0, decoder_units=[5], n_factors=4,
        f_latent_size=DF, z_latent_size=DZ, likelihood="gaussian", gaussian_scale="fixed", scale_channels=False,
        jit_compile=False,
    )  # fmt: skip
    model = build_model(params, DataSpec(N, T))
    rng = np.random.default_rng(0)
    for weight in model.trainable_weights:
        weight.assign(weight + 0.3 * rng.normal(size=weight.shape))
    model.core.get_layer("decoder_0").activation = keras.activations.linear
    offset = _decoded(model, np.zeros(DF + DZ))
    columns = np.array([_decoded(model, one) - offset for one in np.eye(DF + DZ)]).T
    weights = np.kron(np.eye(SEGMENTS), columns)
    of_f = np.kron(0.25 * np.eye(SEGMENTS) + 1.0, np.diag([0.0] * DZ + [1.0] * DF))
    of_z = np.kron(np.eye(SEGMENTS), np.diag([1.0] * DZ + [0.0] * DF))
    covariance = weights @ (of_f + of_z) @ weights.T + np.eye(T * N)
    return model, multivariate_normal(np.tile(offset, SEGMENTS), covariance, seed=1)


def _decoded(model, latents):
    """One segment, flat, of [z | f]."""
    hidden = latents
    for name in ("decoder_0", "flat_factors"):
        layer = model.core.get_layer(name)
        hidden = hidden @ np.asarray(layer.kernel, "f8") + np.asarray(layer.bias, "f8")
    layer = model.core.get_layer("readout")
    return (hidden.reshape(L, -1) @ np.asarray(layer.kernel, "f8") + np.asarray(layer.bias, "f8")).ravel()


def test_the_oracle_decodes_as_the_model_does(straight):
    model, law = straight
    x = law.rvs(2).reshape(2, T, N).astype("f4")
    f, z, _ = model.segment_latents(x)
    expected = [[_decoded(model, np.concatenate([z[b, s], f[b, s]])) for s in range(SEGMENTS)] for b in range(2)]
    np.testing.assert_allclose(
        model.posterior(x, push_mean=True)["rates"].reshape(2, -1), np.reshape(expected, (2, -1)), rtol=1e-4, atol=1e-4
    )


def test_bounds_stay_below_the_evidence_however_good_the_encoders_are(straight):
    model, law = straight
    x = law.rvs(256).reshape(256, T, N).astype("f4")
    exact = law.logpdf(x.reshape(256, -1).astype("f8"))
    gaps = []
    for epochs in (0, 25):
        for layer in model.core.layers:
            layer.trainable = layer.name.startswith(("f_dense", "f_loc", "f_scale", "z_dense", "z_loc", "z_scale"))
        model.compile(optimizer="adam", jit_compile=False)
        model.optimizer.learning_rate = 0.01
        if epochs:
            model.fit(x, epochs=epochs, batch_size=32, verbose=0)
        found = model.bounds(x, samples=300)
        standard_error = 3.0 / np.sqrt(300)
        assert (found["elbo"] < exact + 5 * standard_error).all()
        assert found["iwae"].mean() < exact.mean() + 0.05
        gaps.append(exact.mean() - found["elbo"].mean())
    assert 0 < gaps[1] < 0.5 * gaps[0]
