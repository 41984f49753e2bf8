from __future__ import annotations

import numpy as np
import pytest

from indl_vae.data.synthetic import make
from indl_vae.data.synthetic.chaotic_rnn import (
    DT,
    TAU,
    ChaoticRNN,
    draw_initial_states,
    draw_rnn,
    draw_spikes,
    is_validation,
    normalise,
    run_rnn,
)
from indl_vae.errors import ConfigError

SMALL = {"n_conditions": 4, "n_replications": 5}


def test_the_published_network():
    rnn = draw_rnn(np.random.RandomState(5), 50, 1.5)
    assert rnn.weights[0, 0] == pytest.approx(0.06239899, abs=1e-8)


def test_order_of_draws_by_hand():
    rng = np.random.RandomState(5)
    weights = rng.randn(50, 50) / np.sqrt(50)
    rng.randn(50)
    rng.randn(50)
    states = [rng.randn(50, 1)[:, 0] for _ in range(4)]
    spikes = []
    truths = []
    for state in np.repeat(states, 5, axis=0):
        x, rates = state, []
        for _ in range(100):
            x = 0.6 * x + 0.4 * 1.5 * weights @ np.tanh(x)
            rates.append(np.tanh(x))
        truths.append(np.array([(r - r.min()) / (r.max() - r.min()) for r in np.array(rates).T]))
    for truth in truths:
        spikes.append(np.array([rng.poisson(rate * 30 * 0.01, size=100) for rate in truth]).T)
    arrays = make("chaotic-rnn-no-inputs", **SMALL).arrays
    valid = np.arange(20) % 5 == 4
    np.testing.assert_allclose(arrays["train_truth"], np.swapaxes(truths, 1, 2)[~valid], atol=1e-6)
    np.testing.assert_array_equal(arrays["train_data"], np.array(spikes)[~valid])
    np.testing.assert_array_equal(arrays["valid_data"], np.array(spikes)[valid])


def test_pulse_adds_eight_input_weights_once():
    rng = np.random.RandomState(0)
    rnn = ChaoticRNN(np.zeros((3, 3)), rng.randn(3) / 10, 1.5)
    rates = run_rnn(rnn, np.zeros((2, 3)), np.array([4, 40]), 20.0)
    np.testing.assert_allclose(np.arctanh(rates[0, :, 4]), 8.0 * rnn.input_weights)
    np.testing.assert_allclose(np.arctanh(rates[0, :, 5]), (1 - DT / TAU) * 8.0 * rnn.input_weights)
    assert not rates[0, :, :4].any() and not rates[1, :, :40].any() and rates[1, :, 40].any()


def test_spikes_in_one_call_are_those_of_many():
    truth = normalise(np.random.RandomState(1).randn(3, 2, 7))
    rng = np.random.RandomState(9)
    expected = [[rng.poisson(channel * 30 * DT, size=7) for channel in trial] for trial in truth]
    np.testing.assert_array_equal(draw_spikes(np.random.RandomState(9), truth), expected)


def test_normalised_rates_span_zero_to_one():
    truth = normalise(np.random.RandomState(1).randn(3, 2, 7))
    np.testing.assert_allclose(truth.min(axis=2), 0.0)
    np.testing.assert_allclose(truth.max(axis=2), 1.0)
    assert np.isfinite(normalise(np.ones((1, 1, 3)))).all()


def test_initial_states_repeat_in_a_row():
    states, condition = draw_initial_states(np.random.RandomState(0), 3, 2, 4)
    assert condition.tolist() == [0, 0, 0, 0, 1, 1, 1, 1]
    assert (states[:4] == states[0]).all() and (states[4:] == states[4]).all() and (states[0] != states[4]).any()


def test_last_fifth_validates():
    assert np.flatnonzero(is_validation(20, 10)).tolist() == [8, 9, 18, 19]
    with pytest.raises(ConfigError, match="n_replications: 1, expected at least 2"):
        is_validation(20, 1)


@pytest.mark.parametrize("name", ["chaotic_rnn_no_inputs", "chaotic_rnn_inputs_g1p5", "chaotic_rnn_inputs_g2p5"])
def test_spiking_sets(name):
    dataset = make(name, n_conditions=10, n_replications=10).dataset()
    assert dataset.train.x.shape == (80, 100, 50) and dataset.valid.x.shape == (20, 100, 50)
    assert dataset.train.truth.max() == pytest.approx(0.3) and dataset.train.truth.min() == 0.0
    expected = dataset.train.truth.sum(dtype=float)
    assert abs(dataset.train.x.sum(dtype=float) - expected) < 5 * np.sqrt(expected)
    assert dataset.bin_width_s == DT
    pulses = dataset.train.extras.get("input_truth")
    if "no_inputs" in name:
        assert pulses.shape == (80, 100, 1) and not pulses.any()
    else:
        assert (np.count_nonzero(pulses[:, :, 0], axis=1) == 1).all() and pulses.max() == 20.0
        assert set(np.flatnonzero(pulses[:, :, 0].any(axis=0))) <= set(range(25, 75))


def test_gaussian_set_scatters_about_its_truth():
    made = make("gaussian-chaotic-rnn-no-inputs", **SMALL)
    train = made.dataset().train
    noise = (train.x - train.truth).astype(float)
    assert abs(noise.mean()) < 5 * 15 / np.sqrt(noise.size)
    assert noise.std() == pytest.approx(15.0, rel=0.02)
    assert train.truth.max() == pytest.approx(30.0)
    np.testing.assert_array_equal(
        make("gaussian-chaotic-rnn-no-inputs", **SMALL).arrays["train_data"], made.arrays["train_data"]
    )


def test_labeled_set():
    made = make("chaotic-rnns-labeled", **SMALL)
    train = made.dataset().train
    label = train.extras["static_label"]
    assert set(label) == {0, 1}
    np.testing.assert_array_equal(train.ext_input, np.broadcast_to(label[:, None, None], (16, 100, 1)))
    # Trials of one condition start alike; what follows depends on the label alone.
    for condition in range(4):
        for value in (0, 1):
            same = train.truth[(train.condition == condition) & (label == value)]
            assert (same == same[:1]).all()
    expected = np.random.RandomState(5).randint(2, size=20)
    np.testing.assert_array_equal(label, expected[~is_validation(20, 5)])


def naive_rates(rng, n_units, gain, n_conditions, n_replications, magnitude):
    """Rates (E, T, N) and pulse bins of the published recipe, trial by trial."""
    weights = rng.randn(n_units, n_units) / np.sqrt(n_units)
    input_weights = rng.randn(n_units)
    rng.randn(n_units)
    states = np.repeat([rng.randn(n_units, 1)[:, 0] for _ in range(n_conditions)], n_replications, axis=0)
    bins = rng.choice(50, size=len(states)) + 25 if magnitude else np.full(len(states), -1)
    rates = np.empty((len(states), 100, n_units))
    for trial, x in enumerate(states):
        for t in range(100):
            x = 0.6 * x + 0.4 * gain * weights @ np.tanh(x)
            if t == bins[trial]:
                x = x + 0.4 * magnitude * input_weights
            rates[trial, t] = np.tanh(x)
    return rates, bins


@pytest.mark.parametrize(("name", "gain", "magnitude"), [("no_inputs", 1.5, 0), ("inputs_g2p5", 2.5, 20)])
def test_hidden_truth_and_the_published_keys(name, gain, magnitude):
    rates, bins = naive_rates(np.random.RandomState(5), 6, gain, 4, 5, magnitude)
    arrays = make(f"chaotic_rnn_{name}", n_units=6, **SMALL).arrays
    for split, chosen in (("train", np.arange(20) % 5 < 4), ("valid", np.arange(20) % 5 == 4)):
        np.testing.assert_allclose(arrays[f"{split}_latent"], rates[chosen], atol=1e-5)
        pulses = magnitude * (np.arange(100)[None] == bins[chosen][:, None])
        np.testing.assert_array_equal(arrays[f"{split}_input_truth"][:, :, 0], pulses)
        np.testing.assert_array_equal(arrays[f"input_{split}_truth"], arrays[f"{split}_input_truth"])
        np.testing.assert_array_equal(arrays[f"input_times_{split}"], bins[chosen] if magnitude else [])
        np.testing.assert_array_equal(arrays[f"condition_labels_{split}"], np.repeat(np.arange(4), 5)[chosen])
        np.testing.assert_array_equal(arrays[f"{split}_condition"], arrays[f"condition_labels_{split}"])
    scalars = {key: float(arrays[key]) for key in ("train_percentage", "nreplications", "dt", "input_magnitude")}
    assert scalars == {"train_percentage": 0.8, "nreplications": 5, "dt": 0.01, "input_magnitude": magnitude}
    assert float(arrays["conversion_factor"]) == pytest.approx(1 / 0.3)
    np.testing.assert_array_equal(arrays["P_sxn"], np.eye(6))


def test_labeled_set_by_hand():
    rng = np.random.RandomState(5)
    label = rng.randint(2, size=20)
    states = np.repeat([rng.randn(6, 1)[:, 0] for _ in range(4)], 5, axis=0)
    projection = rng.randn(6, 6) / np.sqrt(6)
    rates, truths, spikes = [], [], []
    for seed in (6, 7):
        rnn = draw_rnn(np.random.RandomState(seed), 6, 1.5)
        rates.append(run_rnn(rnn, states))
        truths.append(normalise(np.einsum("sn,ent->est", projection, rates[-1])))
        spikes.append([[rng.poisson(f * 30 * 0.01, size=100) for f in trial] for trial in truths[-1]])
    arrays = make("chaotic-rnns-labeled", n_units=6, **SMALL).arrays
    valid = np.arange(20) % 5 == 4
    for key, made in (("data", spikes), ("truth", truths), ("latent", rates)):
        expected = np.array([made[label[trial]][trial] for trial in range(20)])
        np.testing.assert_allclose(arrays[f"valid_{key}"], np.swapaxes(expected, 1, 2)[valid], atol=1e-6)
    np.testing.assert_allclose(arrays["P_sxn"], projection)
    assert int(arrays["nspikifications"]) == 5


def test_multisession_latent_is_the_networks_principal_components():
    sizes = {"n_units": 8, "n_observed": 4, "n_components": 2}
    made = make("chaotic-rnn-multisession", **SMALL, **sizes)
    rates, _ = naive_rates(np.random.RandomState(5), 8, 1.5, 4, 5, 0)
    flat = rates[::5].reshape(-1, 8)
    _, _, axes = np.linalg.svd(flat - flat.mean(axis=0), full_matrices=False)
    expected = (rates - flat.mean(axis=0)) @ axes[:2].T
    for name in made.sessions:
        found = made.dataset(name).train.extras["latent"]
        expected_train = expected[np.arange(20) % 5 < 4]
        signs = np.sign(np.sum(found * expected_train, axis=(0, 1)))
        np.testing.assert_allclose(found, expected_train * signs, atol=1e-4)


def test_multisession_set_shows_each_channel_once():
    made = make("chaotic-rnn-multisession", n_conditions=3, n_replications=10, n_units=8, n_observed=4, n_components=2)
    assert list(made.sessions) == ["dataset_N8_S4_n1", "dataset_N8_S4_n2"]
    observes = np.concatenate([arrays["P_sxn"] for arrays in made.sessions.values()])
    np.testing.assert_array_equal(observes, np.eye(8))
    first, second = (made.dataset(name) for name in made.sessions)
    assert (first.train.truth != second.train.truth).any()
    assert first.alignment["alignment_matrix_cxf"].shape == (4, 2)


def test_channels_must_divide():
    with pytest.raises(ConfigError, match="n_observed: 3, expected a divisor of n_units 8"):
        make("chaotic-rnn-multisession", n_units=8, n_observed=3)
