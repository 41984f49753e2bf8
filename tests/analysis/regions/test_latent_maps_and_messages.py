"""Maps to true latents, messages taken through them, channels' R2: against truths that are known."""

from __future__ import annotations

import numpy as np
import pytest

from indl_vae.analysis.regions import channel_r2, fit_latent_maps, latent_r2, message_norms, message_recovery
from indl_vae.analysis.regions.generation import r2_over_time
from indl_vae.errors import DataError

B, T, R, D = 6, 20, 2, 2


@pytest.fixture
def truth():
    rng = np.random.default_rng(0)
    true = rng.normal(size=(B, T, R * D))
    turns = [rng.normal(size=(D, D)) for _ in range(R)]
    found = np.concatenate([true[..., 2 * r : 2 * r + 2] @ np.linalg.inv(turns[r]) + 3.0 for r in range(R)], -1)
    messages = rng.normal(size=(B, T, R, R, D))
    told = np.stack([messages[:, :, r] @ np.linalg.inv(turns[r]) for r in range(R)], 2)
    return true, found, messages, told


def test_a_linear_map_is_undone(truth):
    true, found, messages, told = truth
    maps = fit_latent_maps(found, true, R)
    np.testing.assert_allclose(latent_r2(found, true, maps), 1.0, atol=1e-6)
    np.testing.assert_allclose(message_recovery(told, messages, maps), 1.0, atol=1e-4)


def test_a_constant_may_go_to_any_sender_but_other_messages_may_not(truth):
    true, found, messages, told = truth
    maps = fit_latent_maps(found, true, R)
    states = (np.arange(T) > 9) * np.ones((B, 1))
    moved = told + np.where(states[..., None, None, None] > 0, 5.0, -1.0)
    assert message_recovery(moved, messages, maps)[0, 0] < 0.0
    np.testing.assert_allclose(message_recovery(moved, messages, maps, states), 1.0, atol=1e-4)
    np.testing.assert_allclose(message_recovery(told[:, :, :, ::-1], messages, maps) < 0.0, True)


def test_no_message_has_no_score(truth):
    true, found, messages, told = truth
    messages[:, :, 0, 1] *= 1e-3
    scores = message_recovery(told, messages, fit_latent_maps(found, true, R))
    assert np.isnan(scores[0, 1]) and np.isfinite(scores).sum() == 3


def test_norms_are_those_of_regions_then_inputs():
    messages = np.zeros((1, 2, 2, 2, 2))
    messages[0, 1, 1, 0] = 3.0, 4.0
    norms = message_norms(messages, np.ones((1, 2, 2, 1, 2)))
    assert norms.shape == (1, 2, 2, 3) and norms[0, 1, 1, 0] == 5.0
    np.testing.assert_allclose(norms[..., 2], 2**0.5)


def test_r2_of_channels_counts_no_difference_between_channels():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(4, 9, 3)) + np.array([0.0, 100.0, -50.0])
    means = np.broadcast_to(x.mean((0, 1)), x.shape)
    np.testing.assert_allclose(channel_r2(x, means)[0], 0.0, atol=1e-12)
    np.testing.assert_allclose(channel_r2(x, x)[1], 1.0)
    mask = np.ones_like(x)
    mask[0] = 0.0
    wrong = x.copy()
    wrong[0] = 1e9
    np.testing.assert_allclose(channel_r2(x, wrong, mask)[0], 1.0)
    assert r2_over_time(x, x).shape == (9,)
    np.testing.assert_allclose(r2_over_time(x, x), 1.0)


def test_what_does_not_fit_is_refused(truth):
    true, found, messages, told = truth
    maps = fit_latent_maps(found, true, R)
    with pytest.raises(DataError, match="latents of 3 regions, got shape"):
        fit_latent_maps(found, true, 3)
    with pytest.raises(DataError, match="expected the trials, bins and regions of the true ones"):
        message_recovery(told[:, :-1], messages, maps)
