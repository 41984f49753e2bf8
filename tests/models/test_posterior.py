"""Averages over posterior samples: what they are, what they leave alone, how much memory they take."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from indl_vae.data import Dataset
from indl_vae.errors import ConfigError
from indl_vae.layers import sampling_scope
from indl_vae.models.posterior import own_randomness
from indl_vae.models.posterior_pass import PosteriorPass
from tests.models.helpers import N, T, U, counts, tiny

TRIALS = 5


@pytest.fixture(scope="module")
def model():
    return tiny(coordinated_dropout_rate=0.3, dropout_rate=0.3, cpu_lanes=2)


@pytest.fixture(scope="module")
def x():
    return counts(TRIALS)


def assert_same(ours, theirs, **tolerance):
    assert set(ours) == set(theirs)
    for name, value in ours.items():
        np.testing.assert_allclose(value, theirs[name], **{"rtol": 0, "atol": 0, **tolerance}, err_msg=name)


def test_a_seed_gives_the_same_numbers(model, x):
    first = model.posterior(x, samples=3, seed=1)
    assert_same(first, model.posterior(x, samples=3, seed=1))
    assert not np.array_equal(first["rates"], model.posterior(x, samples=3, seed=2)["rates"])
    assert all(isinstance(v, np.ndarray) and v.dtype == np.float32 and len(v) == TRIALS for v in first.values())
    assert first["rates"].shape == (TRIALS, T, N) and "raw" not in first


def test_rates_are_averaged_as_rates(model, x):
    """One chunk of all trials and samples draws what a single call on repeated trials draws."""
    averaged = model.posterior(x, samples=4, seed=3)
    with own_randomness(model, 3), sampling_scope():
        outputs = model(np.repeat(x, 4, axis=0))
    for name in ("rates", "factors", "gen_init", "controller_outputs"):
        value = np.asarray(outputs[name])
        expected = value.reshape(TRIALS, 4, *value.shape[1:]).mean(1)
        np.testing.assert_allclose(averaged[name], expected, rtol=1e-5, atol=1e-6, err_msg=name)
    assert np.ptp(np.asarray(outputs["rates"]).reshape(TRIALS, 4, -1), axis=1).min() >= 0


@pytest.mark.slow
def test_compiled_passes_in_lanes_give_the_same_averages(model, x, monkeypatch):
    plain = model.posterior(x, samples=4, seed=3)
    monkeypatch.setattr("indl_vae.models.posterior.WORTH_COMPILING", 0)
    monkeypatch.setattr(model, "jit_compile", True)
    compiled = model.posterior(x, samples=4, seed=3)
    assert any(key[1] for key in model._posterior_passes), "a compiled pass was made"
    assert_same(compiled, plain, rtol=1e-4, atol=1e-5)


def test_a_pass_that_xla_refuses_runs_without_it(x, monkeypatch):
    model = tiny(cpu_lanes=2)
    plain = model.posterior(x, samples=2, seed=3)
    monkeypatch.setattr("indl_vae.models.posterior.WORTH_COMPILING", 0)
    monkeypatch.setattr(model, "jit_compile", True)
    rates = type(model.likelihood).mean

    def with_python(self, raw):
        return rates(self, raw) + tf.ensure_shape(tf.numpy_function(lambda: np.float32(0.0), [], tf.float32), ())

    monkeypatch.setattr(type(model.likelihood), "mean", with_python)
    with pytest.warns(UserWarning, match="XLA cannot compile this model: .* It runs without XLA"):
        found = model.posterior(x, samples=2, seed=3)
    assert_same(found, plain, rtol=1e-5, atol=1e-6)
    assert_same(model.posterior(x, samples=2, seed=3), plain, rtol=1e-5, atol=1e-6)


def test_encoders_run_once_for_all_samples(model, x, monkeypatch):
    """Their code has as many rows as there are trials; only what follows has one for each sample."""
    rows = {"encoder": [], "generator": []}
    for name, layer in (("encoder", model.core.get_layer("f_rnn_0")), ("generator", model.core.get_layer("gen_init"))):
        monkeypatch.setattr(layer, "call", _counting(layer.call, rows[name]))
    monkeypatch.setattr(tf, "function", lambda function=None, **_: function)
    PosteriorPass(model, push_mean=False, compiled=False)({"x": tf.constant(x)}, 4)
    assert rows == {"encoder": [TRIALS], "generator": [4 * TRIALS]}


def _counting(call, rows):
    def counted(inputs, *args, **kwargs):
        rows.append(int(inputs.shape[0]))
        return call(inputs, *args, **kwargs)

    return counted


def test_pushed_means_are_the_outputs_of_the_model(model, x):
    pushed = model.posterior(x, push_mean=True)
    assert_same(pushed, {k: np.asarray(v) for k, v in model(x).items() if k != "raw"}, rtol=1e-5, atol=1e-6)


def test_pushed_means_do_not_depend_on_the_batch_size(model, x):
    """Up to the last digit: products of matrices of other heights are summed in another order."""
    whole = model.posterior(x, push_mean=True)
    for batch_size in (1, 2, 100):
        assert_same(model.posterior(x, push_mean=True, batch_size=batch_size), whole, rtol=2e-6, atol=1e-6)


def test_averages_depend_on_the_batch_size_by_sampling_alone(model, x):
    small, large = (model.posterior(x, samples=300, seed=1, batch_size=rows)["factors"] for rows in (60, 2000))
    with sampling_scope():
        spread = np.std(np.asarray(model(np.repeat(x, 100, axis=0))["factors"]).reshape(TRIALS, 100, T, -1), axis=1)
    assert (np.abs(small - large) < 5 * spread * np.sqrt(2 / 300) + 1e-4).all()


@pytest.mark.parametrize(("samples", "batch_size"), [(7, 3), (4, 8), (2, 100), (1, 1)])
def test_rows_in_memory_are_bounded_and_every_sample_is_drawn(model, x, samples, batch_size, monkeypatch):
    rows = []

    def call(batch, count):
        rows.append(len(batch["x"]) * count)
        return {"rates": batch["x"] * count}

    monkeypatch.setattr("indl_vae.models.posterior._pass_of", lambda *_: call)
    averaged = model.posterior(x, samples=samples, batch_size=batch_size)
    assert max(rows) <= batch_size and sum(rows) == samples * TRIALS
    np.testing.assert_allclose(averaged["rates"], x)


def test_training_goes_on_as_if_nothing_was_sampled(model, x):
    states = [generator.state.numpy() for generator in model.seed_generators]
    assert len(states) > 5
    model.posterior(x, samples=2, seed=9)
    for before, generator in zip(states, model.seed_generators, strict=True):
        np.testing.assert_array_equal(before, generator.state)
    with pytest.raises(RuntimeError, match="stop"), own_randomness(model, 1):
        raise RuntimeError("stop")
    for before, generator in zip(states, model.seed_generators, strict=True):
        np.testing.assert_array_equal(before, generator.state)


def test_every_layer_draws_a_stream_of_its_own(model):
    with own_randomness(model, 1):
        states = {tuple(generator.state.numpy()) for generator in model.seed_generators}
    assert len(states) == len(model.seed_generators)


def test_posteriors_are_sampled_without_dropout(model, x):
    with sampling_scope():
        first, second = (model(x) for _ in range(2))
    np.testing.assert_array_equal(first["f_loc"], second["f_loc"])
    assert not np.array_equal(first["gen_init"], second["gen_init"])


def test_dicts_and_splits_are_taken(x):
    model = tiny(ext_input_dim=U)
    ext = np.random.default_rng(1).normal(size=(TRIALS, T, U)).astype("f4")
    split = Dataset.from_arrays({"x": x, "ext_input": ext, "truth": x}, {"x": x, "ext_input": ext}).train
    expected = model.posterior({"x": x, "ext_input": ext}, push_mean=True)
    assert_same(model.posterior(split, push_mean=True), expected)
    mask = np.ones((TRIALS, T), "f4")
    mask[:, 4:] = 0.0
    junk = np.where(mask[..., None] > 0, x, np.nan).astype("f4")
    masked = model.posterior({"x": junk, "ext_input": ext, "mask": mask}, push_mean=True)
    assert all(np.isfinite(value).all() for value in masked.values())


def test_no_samples_are_refused(model, x):
    with pytest.raises(ConfigError, match="samples: expected an integer >= 1, got 0"):
        model.posterior(x, samples=0)


def test_what_is_not_visible_is_not_seen(model, x):
    visible, other = np.ones_like(x), x.copy()
    visible[..., 1] = 0.0
    other[..., 1] += 3.0
    hidden = [model.posterior({"x": data, "visible": visible}, samples=2, seed=1) for data in (x, other)]
    assert_same(*hidden)
    shown = model.posterior({"x": other}, samples=2, seed=1)
    assert np.abs(shown["rates"] - hidden[0]["rates"]).max() > 1e-4
