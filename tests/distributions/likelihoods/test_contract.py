"""What every likelihood must do, run over the catalogue of cases."""

from __future__ import annotations

import inspect

import keras
import numpy as np
import pytest
import tensorflow as tf

from indl_vae.distributions.likelihoods import LIKELIHOODS, Likelihood
from indl_vae.errors import ConfigError
from tests.distributions.helpers import value_and_gradients
from tests.distributions.likelihoods.cases import CASES

B, T, N = 2, 4, 3


def make(case: str, n_channels: int = N) -> Likelihood:
    return CASES[case].cls(n_channels, **CASES[case].options)


def pre_activations(rng, likelihood: Likelihood, spread: float = 0.7) -> tf.Tensor:
    width = likelihood.n_channels * likelihood.params_per_channel
    return tf.constant(rng.normal(size=(B, T, width)) * spread, tf.float32)


def data(rng, case: str) -> tf.Tensor:
    return tf.constant(rng.choice(CASES[case].values, size=(B, T, N)), tf.float32)


def subclasses(cls: type) -> set[type]:
    """Returns all classes of the library below `cls` that can be made; those that tests define are not ours."""
    found = {one for child in cls.__subclasses__() for one in {child, *subclasses(child)}}
    return {one for one in found if one.__module__.startswith("indl_vae.") and not inspect.isabstract(one)}


def test_every_likelihood_is_registered_and_tested():
    ours = {cls.__name__ for cls in subclasses(Likelihood)}
    assert ours == {LIKELIHOODS.get(name).__name__ for name in LIKELIHOODS.names()}
    assert ours == {case.cls.__name__ for case in CASES.values()}


def test_names_and_supports():
    supports = {name: LIKELIHOODS.get(name).support for name in LIKELIHOODS.names()}
    expected = {
        "poisson": "counts",
        "gaussian": "real",
        "negative_binomial": "counts",
        "bernoulli": "binary",
        "gamma": "positive",
        "zero_inflated_gamma": "nonnegative",
        "ordinal": "levels",
        "categorical": "levels",
    }
    assert expected.items() <= supports.items()
    assert set(supports.values()) <= {"counts", "real", "binary", "positive", "nonnegative", "levels"}


@pytest.mark.parametrize("case", CASES)
def test_shapes(rng, case):
    likelihood, x = make(case), data(rng, case)
    raw = likelihood(pre_activations(rng, likelihood))
    assert raw.shape == (B, T, N * likelihood.raw_per_channel)
    law = likelihood.distribution(raw)
    assert law.batch_shape == (B, T, N) and law.event_shape == ()
    for tensor in (likelihood.log_prob(x, raw), likelihood.mean(raw), likelihood.sample(raw, 1)):
        assert tensor.shape == (B, T, N) and tensor.dtype == tf.float32
        assert np.isfinite(tensor).all()


@pytest.mark.parametrize("case", CASES)
def test_outputs_of_a_model_serve_as_raw(rng, case):
    likelihood, x = make(case), data(rng, case)
    raw = likelihood(pre_activations(rng, likelihood))
    outputs = {"rates": None, "raw": raw}
    np.testing.assert_array_equal(likelihood.log_prob(x, outputs), likelihood.log_prob(x, raw))
    np.testing.assert_array_equal(likelihood.mean(outputs), likelihood.mean(raw))
    np.testing.assert_array_equal(likelihood.sample(outputs, 3), likelihood.sample(raw, 3))


@pytest.mark.parametrize("case", CASES)
def test_raw_alone_defines_the_distribution(rng, case):
    likelihood, x = make(case), data(rng, case)
    raw = likelihood(pre_activations(rng, likelihood))
    before = likelihood.log_prob(x, raw).numpy()
    for weight in likelihood.weights:
        weight.assign(weight + 1.0)
    np.testing.assert_array_equal(likelihood.log_prob(x, raw), before)
    if likelihood.weights:
        assert not np.allclose(likelihood(pre_activations(rng, likelihood)), raw)


@pytest.mark.parametrize("case", CASES)
def test_probabilities_sum_to_one(rng, case):
    likelihood = make(case, 1)
    raw = likelihood(pre_activations(rng, likelihood))[:1, :1]
    if CASES[case].discrete:
        grid = np.arange(2.0 if case == "bernoulli" else 400.0)
        total = np.exp(likelihood.log_prob(grid[:, None], tf.tile(raw[0], (len(grid), 1)))).sum()
    else:
        low = -60.0 if likelihood.support == "real" else CASES[case].options.get("gamma_loc", 0.0)
        # geometric steps away from the lower end, where a gamma density may be steep
        steps = np.concatenate([[0.0], np.geomspace(1e-8, 120.0, 400_001)])
        grid = (low + steps)[1:] if low > -1 else np.linspace(-60, 60, 400_001)
        density = np.exp(likelihood.log_prob(grid[:, None], tf.tile(raw[0], (len(grid), 1))).numpy()[:, 0])
        total = np.trapezoid(density, grid)
        if likelihood.support == "nonnegative":
            total += np.exp(likelihood.log_prob(tf.zeros((1, 1, 1)), raw).numpy().item())
    assert total == pytest.approx(1.0, abs=2e-3)


@pytest.mark.parametrize("case", CASES)
def test_samples_have_the_mean_and_lie_in_the_support(rng, case):
    likelihood = make(case)
    raw = likelihood(pre_activations(rng, likelihood))[:1, :1]
    draws = likelihood.sample(tf.tile(raw, (20_000, 1, 1)), seed=4).numpy()[:, 0]
    error = draws.std(0) / np.sqrt(len(draws))
    assert (np.abs(draws.mean(0) - likelihood.mean(raw).numpy()[0, 0]) < 4 * error + 1e-6).all()
    np.testing.assert_allclose(draws.var(0), likelihood.distribution(raw).variance().numpy()[0, 0], rtol=0.15)
    checks = {
        "counts": (draws >= 0) & (draws == np.round(draws)),
        "real": np.isfinite(draws),
        "binary": np.isin(draws, (0, 1)),
        "positive": draws > 0,
        "nonnegative": draws >= 0,
        "levels": np.isin(draws, np.arange(getattr(likelihood, "n_levels", 0))),
    }
    assert checks[likelihood.support].all()


@pytest.mark.parametrize("jit", [False, True], ids=["plain", "xla"])
@pytest.mark.parametrize("case", CASES)
def test_samples_are_a_function_of_the_seed(rng, case, jit):
    likelihood = make(case)
    raw = likelihood(pre_activations(rng, likelihood))
    draw = tf.function(likelihood.sample, jit_compile=jit)
    first = draw(raw, tf.constant(1)).numpy()
    np.testing.assert_array_equal(first, draw(raw, tf.constant(1)))
    assert not np.array_equal(first, draw(raw, tf.constant(2)))


@pytest.mark.parametrize("jit", [False, True], ids=["plain", "xla"])
@pytest.mark.parametrize("case", CASES)
def test_gradients_reach_every_weight_and_stay_finite_at_extremes(rng, case, jit):
    likelihood, x = make(case), data(rng, case)
    ordinary = pre_activations(rng, likelihood)
    extreme = tf.constant(rng.choice([-50.0, 0.0, 50.0], size=ordinary.shape), tf.float32)
    pre = tf.Variable(tf.concat([ordinary, extreme], axis=0))
    both = tf.concat([x, x], axis=0)
    variables = [pre, *likelihood.trainable_weights]
    value, gradients = value_and_gradients(lambda: likelihood.log_prob(both, likelihood(pre)), variables, jit)
    assert np.isfinite(value).all()
    for gradient in gradients:
        assert gradient is not None and np.isfinite(gradient).all()
        assert np.abs(gradient).max() > 0
    assert (gradients[0][:B] != 0).any(axis=(0, 1)).all(), "every column of the pre-activations matters"


@pytest.mark.parametrize("case", CASES)
def test_masked_entries_move_nothing(rng, case):
    likelihood, x = make(case), data(rng, case)
    pre = pre_activations(rng, likelihood)
    mask = np.zeros((B, T, N), "f4")
    mask[:, :2] = 1
    score = lambda: likelihood.log_prob(x * mask, likelihood(pre)) * mask  # noqa: E731
    _, (gradient,) = value_and_gradients(score, [pre], jit=False)
    assert np.isfinite(gradient).all() and gradient[:, :2].any() and not gradient[:, 2:].any()


@pytest.mark.parametrize("case", CASES)
def test_model_with_the_likelihood_saves_exactly(rng, case, tmp_path):
    likelihood = make(case)
    for weight in likelihood.weights:
        weight.assign(weight + rng.uniform(0.1, 0.5, size=weight.shape))
    pre = pre_activations(rng, likelihood)
    inputs = keras.Input((None, pre.shape[-1]))
    model = keras.Model(inputs, likelihood(inputs))
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert loaded.layers[-1].get_config() == likelihood.get_config()
    np.testing.assert_array_equal(model(pre), loaded(pre))
    np.testing.assert_array_equal(likelihood.sample(model(pre), 1), loaded.layers[-1].sample(loaded(pre), 1))


@pytest.mark.parametrize("case", CASES)
def test_half_precision_pre_activations_are_worked_on_in_float32(rng, case):
    likelihood = make(case)
    raw = likelihood(tf.cast(pre_activations(rng, likelihood), tf.bfloat16))
    assert raw.dtype == likelihood.mean(raw).dtype == tf.float32


@pytest.mark.parametrize("case", CASES)
def test_wrong_widths_and_dicts_are_refused(rng, case):
    likelihood = make(case)
    name = type(likelihood).__name__
    wrong = tf.zeros((B, T, N * likelihood.params_per_channel + 1))
    with pytest.raises(
        ConfigError, match=rf"{name}: the last axis of the pre-activations must have .* columns \(3 channels x"
    ):
        likelihood(wrong)
    with pytest.raises(ConfigError, match=rf"{name}: the last axis of raw must have .*but the shape is \(2, 4, 1\)"):
        likelihood.distribution(tf.zeros((B, T, 1)))
    with pytest.raises(ConfigError, match=r"must have the key 'raw', they have \['factors', 'rates'\]"):
        likelihood.mean({"rates": wrong, "factors": wrong})


@pytest.mark.parametrize("case", CASES)
def test_no_channels_are_refused(case):
    with pytest.raises(ConfigError, match="`n_channels` must be at least 1, got 0"):
        make(case, 0)
