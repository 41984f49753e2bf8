"""Read-in and read-out by identity against loops over neurons."""

from __future__ import annotations

import numpy as np
import pytest

from indl_vae import make_params
from indl_vae.errors import ConfigError
from indl_vae.layers import IdentityReadIn, IdentityReadOut

B, T, N, E, H = 2, 3, 4, 5, 6


def test_the_read_in_is_a_weighted_sum_over_seen_neurons(rng):
    x, codes = rng.normal(size=(B, T, N)).astype("f4"), rng.normal(size=(B, N, E)).astype("f4")
    seen = (rng.random((B, T, N)) > 0.4).astype("f4")
    seen[0, 1] = 0.0
    layer = IdentityReadIn(H, seed=1)
    found = np.asarray(layer(np.where(seen > 0, x, np.nan), seen, codes))
    layer.bias.assign(rng.normal(size=H))
    biased = np.asarray(layer(np.where(seen > 0, x, np.nan), seen, codes))
    for bias, values in ((np.zeros(H), found), (np.asarray(layer.bias), biased)):
        for b, t in np.ndindex(B, T):
            there = [n for n in range(N) if seen[b, t, n]]
            own = [x[b, t, n] * (bias + codes[b, n] @ np.asarray(layer.kernel)) for n in there]
            expected = np.sum(own, 0) / len(there) ** 0.5 if there else np.zeros(H)
            np.testing.assert_allclose(values[b, t], expected, rtol=1e-4, atol=1e-5)


def test_the_read_out_is_linear_in_the_state(rng):
    states, codes = rng.normal(size=(B, T, H)).astype("f4"), rng.normal(size=(B, N, E)).astype("f4")
    layer = IdentityReadOut(outputs=2, constant=1, seed=1)
    layer.build(states.shape, codes.shape)
    layer.bias.assign([0.3, -0.2, 0.7])
    chunks = np.split(np.asarray(layer(states, codes)), 3, axis=-1)
    loadings, offsets = np.asarray(layer.loadings).reshape(E, 2, H), np.asarray(layer.offsets)
    for b, t, n, i in np.ndindex(B, T, N, 3):
        expected = codes[b, n] @ offsets[:, i] + np.asarray(layer.bias)[i]
        if i < 2:
            expected += codes[b, n] @ loadings[:, i] @ states[b, t]
        assert chunks[i][b, t, n] == pytest.approx(expected, rel=1e-4, abs=1e-5)


def test_what_cannot_be_is_refused():
    with pytest.raises(ConfigError, match="IdentityReadIn: expected at least 1 unit, got 0"):
        IdentityReadIn(0)
    with pytest.raises(
        ConfigError, match="expected at least 1 output and no negative number of constants, got 0 and 0"
    ):
        IdentityReadOut(0)
    with pytest.raises(ConfigError, match="neuron_pooling: expected 'mean' with identity_mixing = 'product'"):
        make_params("ceneurovae", neuron_pooling="attention")
    with pytest.raises(ConfigError, match="z_prior_process: expected 'tiled' or 'AR1', got 'GRU'"):
        make_params("ceneurovae", z_prior_process="GRU")
    with pytest.raises(ConfigError, match="z_prior_off_diag: expected False, got True"):
        make_params("ceneurovae", z_prior_process="tiled", z_prior_off_diag=True)
