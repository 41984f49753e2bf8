"""Training, evaluation and prediction in plain Keras ways."""

from __future__ import annotations

import io

import keras
import numpy as np
import pytest

from indl_vae.data import Dataset
from tests.models.helpers import N, T, counts, tiny


def eager(**options):
    """Returns a model that is not traced: for a step or two that is quicker."""
    model = tiny(**options)
    model.compile(optimizer=keras.optimizers.Adam(1e-3), run_eagerly=True)
    return model


@pytest.fixture(scope="module")
def model():
    return eager(l2_gen_scale=0.1)


def test_loss_falls_and_scores_are_logged():
    """Channels differ tenfold in rate, which even a few steps can learn."""
    model = tiny(z_latent_size=0, shake=0.0, learning_rate=0.02, coordinated_dropout_rate=0.2, l2_gen_scale=0.1)
    means = np.array([0.1, 0.1, 0.1, 2.0, 2.0, 2.0])
    x = np.random.default_rng(0).poisson(means, (32, T, N)).astype("f4")
    history = model.fit({"x": x, "truth": 0 * x + means}, batch_size=8, epochs=8, verbose=0)
    losses = history.history["loss"]
    assert losses[-1] < 0.85 * losses[0]
    expected = {"loss", "nll", "nll_stirling", "bits_per_spike", "kl_f", "l2_gen", "r2_rates", "skipped_steps"}
    assert set(history.history) == expected
    assert all(np.isfinite(values).all() for values in history.history.values())
    for name in ("bits_per_spike", "r2_rates"):
        assert history.history[name][-1] > history.history[name][0]


def moved(model, fit):
    """Returns whether every trainable weight moved in `fit`."""
    before = [w.numpy() for w in model.trainable_weights]
    fit()
    return all(not np.array_equal(w, b) for w, b in zip(model.trainable_weights, before, strict=True))


def test_arrays_dicts_and_batches_of_a_dataset_are_taken():
    model = eager(learn_initial_states=False, z_latent_size=0)
    x, mask = counts(4), np.ones((4, T, N), "f4")
    visible = (np.random.default_rng(1).random(x.shape) > 0.1).astype("f4")
    dataset = Dataset.from_arrays({"x": x, "truth": x + 0.5}, x)
    assert moved(model, lambda: model.fit(x, verbose=0))
    assert moved(model, lambda: model.fit({"x": x, "mask": mask, "visible": visible}, verbose=0))
    batches = dataset.train.batches(4, seed=1, hidden_rate=0.1)
    assert moved(
        model, lambda: model.fit(batches, validation_data=dataset.valid.batches(4, hidden_rate=0.1), verbose=0)
    )


def test_epochs_are_counted_for_the_order_of_the_trials():
    model = eager(z_latent_size=0)
    batches = Dataset.from_arrays(counts(4), counts(4)).train.batches(4, seed=1)
    seen = []
    watch = keras.callbacks.LambdaCallback(on_epoch_begin=lambda epoch, logs: seen.append(int(batches.clock)))
    model.fit(batches, epochs=5, initial_epoch=3, verbose=0, callbacks=[watch])
    assert seen == [3, 4]


def test_the_same_seed_trains_the_same_model():
    runs = []
    for _ in range(2):
        model = eager(coordinated_dropout_rate=0.3, dropout_rate=0.1)
        model.fit(counts(4), verbose=0)
        runs.append(model.get_weights())
    for a, b in zip(*runs, strict=True):
        np.testing.assert_array_equal(a, b)


def test_predict_and_evaluate_take_arrays_and_dicts(model):
    x = counts(5)
    called = {name: np.asarray(value) for name, value in model(x).items()}
    predicted = model.predict(x, batch_size=2, verbose=0)
    assert set(predicted) == set(called)
    assert not any(name.startswith("_") for name in predicted)
    for name, value in called.items():
        np.testing.assert_allclose(predicted[name], value, rtol=1e-5, atol=1e-6, err_msg=name)
    assert predicted["rates"].shape == (5, T, N)
    np.testing.assert_allclose(model.likelihood.distribution(predicted).mean(), predicted["rates"], rtol=1e-5)
    scores = model.evaluate({"x": x}, return_dict=True, verbose=0)
    assert scores["nll"] > 0 and np.isfinite(scores["loss"])


def test_outputs_have_the_names_of_the_posterior_file(model):
    names = {"rates", "factors", "gen_states", "gen_init", "controller_outputs", "f_loc", "f_scale", "z_loc", "z_scale"}
    assert names | {"ic_mean", "ic_logvar", "raw"} <= set(model(counts()))


def test_training_outputs_draw_and_the_others_do_not(model):
    x = counts()
    np.testing.assert_array_equal(model(x)["rates"], model(x)["rates"])
    assert not np.array_equal(model(x, training=True)["rates"], model(x, training=True)["rates"])


def test_summary_shows_the_core(model):
    text = io.StringIO()
    model.summary(print_fn=lambda line, **_: text.write(line + "\n"), line_length=160)
    for name in ("f_rnn_0", "z_rnn_1", "complex_rnn", "readout"):
        assert name in text.getvalue()
    assert f"{sum(int(np.prod(w.shape)) for w in model.trainable_weights):,}" in text.getvalue()


@pytest.mark.slow
def test_xla_trains_as_the_plain_graph_does():
    """With dropout, coordinated dropout and noise: the draws are the same ones."""
    runs = []
    for jit in (False, True):
        model = tiny(jit_compile=jit, dropout_rate=0.2, coordinated_dropout_rate=0.3, l2_gen_scale=0.1)
        history = model.fit(counts(4), batch_size=2, epochs=3, shuffle=False, verbose=0).history
        runs.append((history, model.get_weights()))
    (plain, weights), (compiled, compiled_weights) = runs
    for name in plain:
        np.testing.assert_allclose(compiled[name], plain[name], rtol=1e-3, err_msg=name)
    for ours, theirs in zip(compiled_weights, weights, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=2e-3)
