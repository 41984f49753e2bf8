"""The posterior head: scales, draws, sampling scope, shapes in functional models, saving, messages."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf
import tensorflow_probability as tfp

from indl_vae.distributions import GaussianPosterior
from indl_vae.errors import ConfigError
from indl_vae.layers.sampling_scope import sampling_scope
from indl_vae.numerics import SCALE_FLOOR, softplus_inverse
from indl_vae.typing import Latent
from tests.distributions.helpers import value_and_gradients


def head(rng, layer, shape=(2, 4)):
    return [rng.normal(size=(*shape, width)).astype("f4") for width in (layer.dim, layer.raw_size)]


@pytest.mark.parametrize("init_std", [1e-3, 0.1, 1.0, 30.0])
@pytest.mark.parametrize("off_diag", [False, True])
def test_softplus_scale_starts_at_init_std(init_std, off_diag):
    layer = GaussianPosterior(3, off_diag=off_diag, init_std=init_std)
    scale = layer.scale(tf.zeros((2, layer.raw_size))).numpy()
    expected = np.full(3, init_std + SCALE_FLOOR)
    np.testing.assert_allclose(scale[0], np.diag(expected) if off_diag else expected, rtol=2e-4)


def test_softplus_triangle_is_tfp_fill_scale_tril(rng):
    layer = GaussianPosterior(4, off_diag=True, init_std=0.3)
    raw = rng.normal(size=(2, 5, 10)).astype("f4")
    shift = tfp.bijectors.Shift(softplus_inverse(0.3))
    positive = tfp.bijectors.Chain([tfp.bijectors.Shift(SCALE_FLOOR), tfp.bijectors.Softplus(), shift])
    oracle = tfp.bijectors.FillScaleTriL(diag_bijector=positive, diag_shift=None)
    np.testing.assert_allclose(layer.scale(raw), oracle.forward(raw), rtol=1e-6)
    assert (np.tril(layer.scale(raw).numpy(), -1) < 0).any(), "covariances may be negative"


def test_logvar_scale_has_the_variance_floor(rng):
    raw = rng.normal(size=(2, 3)).astype("f4") * 5
    layer = GaussianPosterior(3, scale_transform="logvar", min_var=1e-4)
    np.testing.assert_allclose(layer.scale(raw), np.sqrt(np.exp(raw) + 1e-4), rtol=1e-5)
    assert layer.scale(tf.constant([[-200.0] * 3])).numpy() == pytest.approx(0.01)


@pytest.mark.parametrize("off_diag", [False, True])
def test_mean_at_inference_and_draws_in_training(rng, off_diag):
    layer = GaussianPosterior(3, off_diag=off_diag, seed=5)
    inputs = head(rng, layer)
    at_rest = layer(inputs)
    assert isinstance(at_rest, Latent)
    np.testing.assert_array_equal(at_rest.sample, inputs[0])
    draws = [layer(inputs, training=True).sample.numpy() for _ in range(2)]
    assert not np.array_equal(*draws)
    np.testing.assert_array_equal(
        draws[0], _first_draw(GaussianPosterior(3, off_diag=off_diag, seed=5), inputs), "a seed fixes the stream"
    )


def _first_draw(layer, inputs):
    layer(inputs)  # inference draws nothing and leaves the stream of noise where it was
    return layer(inputs, training=True).sample


@pytest.mark.parametrize("jit", [False, True])
def test_draws_follow_the_distribution(rng, jit):
    layer = GaussianPosterior(2, off_diag=True, init_std=1.0, seed=1)
    loc, raw = (np.repeat(part, 30_000, axis=0) for part in head(rng, layer, (1,)))
    latent = tf.function(lambda: layer([loc, raw], training=True), jit_compile=jit)()
    law = layer.distribution(latent)
    np.testing.assert_allclose(latent.sample.numpy().mean(0), loc[0], atol=0.04)
    np.testing.assert_allclose(np.cov(latent.sample.numpy().T), law.covariance().numpy()[0], atol=0.06)
    assert law.batch_shape == (30_000,) and law.event_shape == (2,)


@pytest.mark.parametrize("jit", [False, True])
def test_gradient_reaches_both_heads_and_stays_finite(rng, jit):
    for transform in ("softplus", "logvar"):
        layer = GaussianPosterior(3, off_diag=True, scale_transform=transform)
        heads = [tf.constant(part) for part in head(rng, layer, (2,))]
        extreme = [heads[0], tf.constant([[50.0, -50.0] * 3] * 2)]
        for inputs in (heads, extreme):
            _, gradients = value_and_gradients(lambda i=inputs, d=layer: tf.add_n(d(i, training=True)[:2]), inputs, jit)
            assert all(np.isfinite(one).all() and np.abs(one).max() > 0 for one in gradients)


def test_a_function_traced_in_the_scope_draws_and_one_outside_does_not(rng):
    layer = GaussianPosterior(3, seed=2)
    loc, raw = keras.Input((None, 3)), keras.Input((None, 3))
    model = keras.Model([loc, raw], layer([loc, raw]).sample)
    inputs = head(rng, layer)
    mean = tf.function(lambda: model(inputs), jit_compile=True)
    drawn = tf.function(lambda: model(inputs), jit_compile=True)
    np.testing.assert_array_equal(mean(), inputs[0])
    with sampling_scope():
        first = drawn()
    second = drawn()
    assert not np.array_equal(first, inputs[0]) and not np.array_equal(first, second)
    np.testing.assert_array_equal(mean(), inputs[0])


@pytest.mark.parametrize("off_diag", [False, True])
def test_functional_model_saves_exactly_and_counts_no_parameter(rng, tmp_path, off_diag):
    layer = GaussianPosterior(3, off_diag=off_diag, init_std=0.2, scale_transform="logvar", min_var=0.1, seed=7)
    loc, raw = keras.Input((None, 3)), keras.Input((None, layer.raw_size))
    latent = layer([loc, raw])
    assert isinstance(latent, Latent)
    assert [part.shape for part in latent] == [(None, None, 3)] * 2 + [
        (None, None, 3, 3) if off_diag else (None, None, 3)
    ]
    model = keras.Model([loc, raw], list(latent))
    assert model.count_params() == 0
    inputs = head(rng, layer)
    model(inputs, training=True)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    for ours, theirs in zip(model(inputs, training=True), loaded(inputs, training=True), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert loaded.layers[-1].get_config() == layer.get_config()


def test_half_precision_inputs_are_worked_on_in_float32(rng):
    layer = GaussianPosterior(3)
    latent = layer([tf.cast(part, tf.bfloat16) for part in head(rng, layer)])
    assert {part.dtype for part in latent} == {tf.float32}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"dim": 0}, "`dim` must be at least 1, got 0"),
        ({"dim": 2, "init_std": 0.0}, "`init_std` must be above 0, got 0.0"),
        ({"dim": 2, "scale_transform": "exp"}, "`scale_transform` must be one of .*'logvar'.*, got 'exp'"),
        ({"dim": 2, "min_var": -1.0}, "`min_var` must be 0 or more, got -1.0"),
    ],
)
def test_options_out_of_range_are_refused(options, message):
    with pytest.raises(ConfigError, match=message):
        GaussianPosterior(**options)


def test_widths_that_do_not_fit_are_refused(rng):
    with pytest.raises(ConfigError, match=r"`raw` must be 6 wide \(D\(D\+1\)/2.*its shape is \(2, 3\).*6 units"):
        GaussianPosterior(3, off_diag=True)([tf.zeros((2, 3)), tf.zeros((2, 3))])
    with pytest.raises(ConfigError, match=r"`loc` must be 3 wide \(D, with dim=3\)"):
        GaussianPosterior(3)([tf.zeros((2, 4)), tf.zeros((2, 3))])


def test_without_sampling_the_mean_is_put_out_always(rng):
    layer = GaussianPosterior(3, sampled=False, seed=1)
    inputs = head(rng, layer)
    with sampling_scope():
        latent = layer(inputs, training=True)
    np.testing.assert_array_equal(latent.sample, latent.loc)
    assert GaussianPosterior.from_config(layer.get_config()).sampled is False
