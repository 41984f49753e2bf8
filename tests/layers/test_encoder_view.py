"""What the encoders see: nothing missing, nothing hidden, no held-out channel or bin."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from indl_vae.layers import EncoderView

B, T, N = 3, 6, 4


@pytest.fixture
def x(rng):
    return rng.poisson(2.0, (B, T, N)).astype("f4") + 1.0


@pytest.fixture
def observed(rng):
    return (rng.random((B, T, N)) > 0.4).astype("f4")


@pytest.mark.parametrize("junk", [np.nan, np.inf, 1e9, -1e9])
def test_missing_entries_reach_neither_values_nor_gradients(x, observed, junk, rng):
    visible = (rng.random(x.shape) > 0.2).astype("f4")
    results = []
    for missing in (0.0, junk):
        data = tf.constant(np.where(observed > 0, x, missing).astype("f4"))
        with tf.GradientTape() as tape:
            tape.watch(data)
            view = EncoderView([0, 2, 3], 1)(data, observed=observed, visible=visible)
            loss = tf.reduce_sum(tf.square(view))
        results.append((view.numpy(), tape.gradient(loss, data).numpy()))
    for clean, dirty in zip(*results, strict=True):
        np.testing.assert_array_equal(clean, dirty)
        assert np.isfinite(clean).all()


def test_a_mask_of_bins_hides_all_channels(x):
    steps = np.array([[1, 1, 0, 1, 0, 0]] * B, "f4")
    np.testing.assert_array_equal(EncoderView()(x, observed=steps), x * steps[..., None])


def test_without_masks_all_is_seen(x):
    np.testing.assert_array_equal(EncoderView()(x), x)


def test_held_out_channels_and_bins_are_cut_off(x):
    np.testing.assert_array_equal(EncoderView([3, 1])(x), x[..., [3, 1]])
    np.testing.assert_array_equal(EncoderView(heldout_bins=2)(x), x[:, :-2])
    changed = x.copy()
    changed[:, -2:], changed[..., 0] = 99.0, 99.0
    layer = EncoderView([1, 2, 3], 2)
    np.testing.assert_array_equal(layer(x), layer(changed))


def test_visible_entries_are_scaled_by_the_share_of_their_trial(x):
    visible = np.ones((B, T, N), "f4")
    visible[0, :3], visible[1, :, 0] = 0.0, 0.0
    view = EncoderView()(x, visible=visible).numpy()
    np.testing.assert_allclose(view[0], x[0] * visible[0] * 2.0, rtol=1e-6)
    np.testing.assert_allclose(view[1], x[1] * visible[1] * 4 / 3, rtol=1e-6)
    np.testing.assert_array_equal(view[2], x[2])


def test_padding_does_not_change_the_scale_of_visible_entries(x, rng):
    visible = (rng.random(x.shape) > 0.3).astype("f4")
    longer, hidden = (np.concatenate([a, np.zeros((B, 5, N), "f4")], axis=1) for a in (x, visible))
    steps = np.concatenate([np.ones((B, T)), np.zeros((B, 5))], axis=1).astype("f4")
    padded = EncoderView()(longer, observed=steps, visible=hidden)
    np.testing.assert_array_equal(padded[:, :T], EncoderView()(x, visible=visible))
    shown = np.concatenate([visible, np.ones((B, 5, N), "f4")], axis=1)
    np.testing.assert_array_equal(EncoderView()(longer, observed=steps, visible=shown), padded)


def test_a_trial_without_anything_to_see_is_zero(x):
    nothing = np.zeros_like(x)
    for masks in ({"visible": nothing}, {"observed": nothing}, {"observed": nothing, "visible": nothing}):
        np.testing.assert_array_equal(EncoderView()(x, **masks), nothing)
