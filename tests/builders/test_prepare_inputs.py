"""What the encoders get: dropout, coordinated dropout, held-out channels and bins, the leading segment, the read-in."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from indl_vae.builders import prepare_inputs
from indl_vae.errors import ConfigError
from tests.builders.helpers import layer_names, run, wire

B, T, N = 6, 20, 9


@pytest.fixture
def x(rng):
    return rng.poisson(2.0, (B, T, N)).astype("f4") + 1.0


def model_of(n_masks=0, **params):
    def build(x, *masks):
        return prepare_inputs(params, x, **dict(zip(("mask", "visible"), masks, strict=False)))

    return wire(build, *[N] * (1 + n_masks))


def test_without_training_the_data_pass_unchanged(x):
    f_inputs, z_inputs, seen = run(model_of(coordinated_dropout_rate=0.5, dropout_rate=0.3), x)
    np.testing.assert_array_equal(f_inputs, x)
    np.testing.assert_array_equal(z_inputs, x)
    assert seen.all()


def test_both_encoders_see_the_entries_that_the_mask_names(x):
    model = model_of(coordinated_dropout_rate=0.5, dropout_rate=0.0)
    f_inputs, z_inputs, seen = run(model, x, training=True)
    np.testing.assert_array_equal(f_inputs, z_inputs)
    np.testing.assert_allclose(z_inputs, np.where(seen, x / 0.5, 0.0), rtol=1e-6)
    assert 0.4 < seen.mean() < 0.6


def test_ordinary_dropout_is_no_part_of_the_mask(x):
    f_inputs, _, seen = run(model_of(coordinated_dropout_rate=0.0, dropout_rate=0.4), x, training=True)
    assert seen.all() and 0.3 < (f_inputs == 0).mean() < 0.5


def test_leading_segment_is_not_dropped_and_alone_reaches_f(x):
    model = model_of(f_enc_input_samps=4, coordinated_dropout_rate=0.5, dropout_rate=0.0)
    f_inputs, z_inputs, seen = run(model, x, training=True)
    np.testing.assert_array_equal(f_inputs, x[:, :4])
    np.testing.assert_array_equal(z_inputs[:, :4], x[:, :4])
    assert seen[:, :4].all() and not seen[:, 4:].all()
    np.testing.assert_allclose(z_inputs[:, 4:], np.where(seen, 2 * x, 0.0)[:, 4:], rtol=1e-6)


@pytest.mark.parametrize("head", [0, 3])
def test_held_out_channels_and_bins_are_not_seen(x, head):
    model = model_of(heldout_channels="2::3", heldout_bins=5, f_enc_input_samps=head, coordinated_dropout_rate=0.3)
    changed = x.copy()
    changed[:, -5:], changed[..., 2::3] = 77.0, 77.0
    for before, after in zip(run(model, x), run(model, changed), strict=True):
        np.testing.assert_array_equal(before, after)
    f_inputs, z_inputs, seen = run(model, x, training=True)
    assert z_inputs.shape == (B, T - 5, 6) and f_inputs.shape == (B, head or T - 5, 6)
    assert seen.shape == (B, T, N)
    assert not seen[:, -5:].any() and not seen[..., 2::3].any()


def test_masked_and_hidden_entries_are_zero(x, rng):
    observed, visible = (rng.random(x.shape) > 0.3 for _ in range(2))
    junk = np.where(observed, x, np.nan).astype("f4")
    f_inputs, z_inputs, _ = run(model_of(2), junk, observed.astype("f4"), visible.astype("f4"))
    for view in (f_inputs, z_inputs):
        assert np.isfinite(view).all()
        np.testing.assert_array_equal(view == 0, ~(observed & visible))


@pytest.mark.parametrize("head", [0, 3])
def test_read_in_is_one_layer_for_both_encoders(x, head):
    model = model_of(input_factors=4, f_enc_input_samps=head, heldout_channels=2)
    f_inputs, z_inputs, seen = run(model, x)
    kernel, bias = model.get_layer("read_in").get_weights()
    assert kernel.shape == (N - 2, 4)
    np.testing.assert_allclose(z_inputs, x[..., :-2] @ kernel + bias, rtol=1e-4, atol=1e-4)
    np.testing.assert_array_equal(f_inputs, z_inputs[:, :head] if head else z_inputs)
    assert seen.shape == x.shape


def test_layers_have_names():
    names = {"encoder_view", "input_dropout", "coordinated_dropout", "seen_by_encoders", "read_in"}
    assert names <= layer_names(model_of(input_factors=2))


@pytest.mark.parametrize(
    ("params", "message"),
    [({"heldout_bins": 5}, "heldout_bins = 5 holds out all 5 bins"), ({"f_enc_input_samps": 6}, "at most the 5 bins")],
)
def test_bins_must_be_left_to_see_where_their_number_is_known(params, message):
    with pytest.raises(ConfigError, match=message):
        prepare_inputs(params, keras.Input((5, N)))


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"coordinated_dropout_rate": 1.0}, "coordinated_dropout_rate"),
        ({"dropout_rate": -0.1}, "dropout_rate"),
        ({"heldout_channels": list(range(N))}, "holds out all 9 channels"),
        ({"coordinated_dropout": 0.1}, "Did you mean 'coordinated_dropout_rate'"),
    ],
)
def test_parameters_that_cannot_be_are_refused(params, message):
    with pytest.raises(ConfigError, match=message):
        model_of(**params)
