from __future__ import annotations

from importlib import resources

import numpy as np
import pytest

from indl_vae.data.synthetic import make
from indl_vae.data.synthetic.vanilla_rnn import VanillaRNN, load_vanilla_rnn, run_vanilla_rnn
from indl_vae.errors import DataError

SMALL = {"n_conditions": 3, "n_replications": 5}


def weights(n=4, seed=0):
    rng = np.random.RandomState(seed)
    return {
        "Wh": rng.randn(n, n),
        "b": rng.randn(n),
        "Bu": rng.randn(1, n),
        "Wro": rng.randn(n, 1),
        "bro": rng.randn(1),
    }


@pytest.fixture
def weights_file(tmp_path):
    def save(**changes):
        np.savez(
            tmp_path / "w.npz", **{key: value for key, value in (weights() | changes).items() if value is not None}
        )
        return tmp_path / "w.npz"

    return save


def naive_run(arrays, inputs):
    h, states, outputs = np.zeros(len(arrays["b"])), [], []
    for u in inputs:
        h = np.array(
            [
                np.tanh(sum(h[i] * arrays["Wh"][i, j] for i in range(len(h))) + arrays["b"][j] + u * arrays["Bu"][0, j])
                for j in range(len(h))
            ]
        )
        states.append(h)
        outputs.append(h @ arrays["Wro"][:, 0] + arrays["bro"][0])
    return np.array(states).T, np.array(outputs)


def test_states_and_outputs_are_those_of_a_plain_loop(weights_file):
    inputs = np.random.RandomState(1).randn(2, 6)
    states, outputs = run_vanilla_rnn(load_vanilla_rnn(weights_file()), inputs)
    for trial in range(2):
        expected_states, expected_outputs = naive_run(weights(), inputs[trial])
        np.testing.assert_allclose(states[trial], expected_states, atol=1e-12)
        np.testing.assert_allclose(outputs[trial], expected_outputs, atol=1e-12)


def test_the_shipped_network_integrates_to_the_bound():
    rnn = load_vanilla_rnn()
    assert [np.shape(array) for array in rnn] == [(50, 50), (50,), (50,), (50,), ()]
    inputs = np.random.RandomState(0).randn(500, 100) * 0.25
    _, outputs = run_vanilla_rnn(rnn, inputs)
    error = np.mean((outputs - np.clip(np.cumsum(inputs, axis=1), -1, 1)) ** 2)
    # A sum that stays at the bound, or that starts anew from it, is more than a hundred times as far away.
    assert error < 0.002
    with np.load(resources.files("indl_vae.data.synthetic") / "itb_rnn_weights.npz", allow_pickle=False) as file:
        assert error == pytest.approx(float(file["mse"]), rel=0.3)


def test_order_of_draws_by_hand(weights_file):
    path = weights_file()
    rng, input_rng = np.random.RandomState(5), np.random.RandomState(6)
    projection = rng.randn(4, 4) / 2.0
    inputs = [input_rng.randn(1, 100) * 0.25 for _ in range(3)]
    truths, outputs = [], []
    for u in inputs:
        states, output = naive_run(weights(), u[0])
        seen = projection @ states
        truth = np.array([(row - row.min()) / (row.max() - row.min()) for row in seen])
        truths += [truth] * 5
        outputs += [output] * 5
    spikes = [[rng.poisson(channel * 30 * 0.01, size=100) for channel in truth] for truth in truths]
    arrays = make("itb-rnn", weights=str(path), **SMALL).arrays
    valid = np.arange(15) % 5 == 4
    np.testing.assert_array_equal(arrays["train_data"], np.swapaxes(spikes, 1, 2)[~valid])
    np.testing.assert_allclose(arrays["valid_truth"], np.swapaxes(truths, 1, 2)[valid], atol=1e-6)
    np.testing.assert_allclose(arrays["train_outputs_u"], np.array(outputs)[~valid], atol=1e-5)
    np.testing.assert_allclose(arrays["valid_inputs_u"][:, :, 0], np.concatenate(inputs), atol=1e-6)
    np.testing.assert_allclose(arrays["P_sxn"], projection)


def test_units_and_hidden_truth():
    made = make("itb-rnn", **SMALL)
    dataset, arrays = made.dataset(), made.arrays
    assert dataset.train.x.shape == (12, 100, 50) and dataset.valid.x.shape == (3, 100, 50)
    assert dataset.train.truth.max() == pytest.approx(0.3) and dataset.train.truth.min() == 0.0
    assert float(arrays["conversion_factor"]) == pytest.approx(1 / 0.3)
    assert (float(arrays["u_std"]), float(arrays["max_firing_rate"]), float(arrays["dt"])) == (0.25, 30.0, 0.01)
    assert arrays["train_outputs_u"].shape == (12, 100)
    extras = dataset.train.extras
    np.testing.assert_array_equal(extras["input_truth"], arrays["train_inputs_u"])
    seen = extras["latent"] @ arrays["P_sxn"].T
    low, high = seen.min(axis=1, keepdims=True), seen.max(axis=1, keepdims=True)
    np.testing.assert_allclose(dataset.train.truth / 0.3, (seen - low) / (high - low), atol=1e-4)
    assert (make("itb-rnn", **SMALL).arrays["train_data"] == arrays["train_data"]).all()
    assert (make("itb-rnn", seed=6, **SMALL).arrays["train_data"] != arrays["train_data"]).any()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"Wh": np.zeros((4, 3))}, r"w\.npz: Wh: has shape \(4, 3\), expected 16 finite entries for the 4 units of b"),
        ({"Bu": np.full(4, np.nan)}, r"Bu: has shape \(4,\), expected 4 finite entries"),
        ({"bro": np.zeros(2)}, r"bro: has shape \(2,\), expected 1 finite"),
        ({"b": np.zeros(0)}, r"Wh: has shape \(4, 4\), expected 0 finite"),
        ({"Wro": None}, "cannot be read as a network's weights .*expected an npz file with the arrays Wh, b, Bu"),
        ({"b": np.array([None])}, "cannot be read as a network's weights .*[Pp]ickle|allow_pickle"),
        ({"b": np.array(["x"])}, "cannot be read as a network's weights"),
    ],
)
def test_bad_weights(weights_file, changes, message):
    with pytest.raises(DataError, match=message):
        load_vanilla_rnn(weights_file(**changes))


@pytest.mark.parametrize("content", [None, b"", b"plain text", b"PK\x03\x04 cut off"])
def test_files_that_are_no_weights(tmp_path, content):
    path = tmp_path / "w.npz"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(DataError, match=r"w\.npz: cannot be read as a network's weights"):
        load_vanilla_rnn(path)
    np.save(tmp_path / "a.npy", np.zeros(3))
    with pytest.raises(DataError, match=r"a\.npy: cannot be read as a network's weights"):
        load_vanilla_rnn(tmp_path / "a.npy")


def test_a_network_is_a_named_tuple_of_float64():
    rnn = load_vanilla_rnn()
    assert VanillaRNN._fields == ("recurrent_weights", "bias", "input_weights", "readout_weights", "readout_bias")
    assert rnn.recurrent_weights.dtype == np.float64 and isinstance(rnn.readout_bias, float)
