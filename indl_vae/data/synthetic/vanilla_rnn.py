"""A vanilla recurrent network given by its weights, and the trained one that comes with the library."""

from __future__ import annotations

import os
import zipfile
from importlib import resources
from pathlib import Path
from typing import NamedTuple

import numpy as np

from indl_vae.errors import DataError

#: Trained on integration to a bound by examples/train_itb_rnn.py.
_TRAINED = "itb_rnn_weights.npz"
#: The arrays of a weights file, in the order of VanillaRNN.
_KEYS = ("Wh", "b", "Bu", "Wro", "bro")


class VanillaRNN(NamedTuple):
    """h_t = tanh(h_{t-1} Wh + b + u_t Bu), z_t = h_t Wro + bro, with h_0 = 0, one input and one output.

    Attributes:
        recurrent_weights: Wh, `(N, N)`.
        bias: b, `(N,)`.
        input_weights: Bu, `(N,)`.
        readout_weights: Wro, `(N,)`.
        readout_bias: bro, a number.
    """

    recurrent_weights: np.ndarray
    bias: np.ndarray
    input_weights: np.ndarray
    readout_weights: np.ndarray
    readout_bias: float


def load_vanilla_rnn(path: str | os.PathLike[str] | None = None) -> VanillaRNN:
    """Reads a network's weights.

    Args:
        path: An npz file with the arrays Wh (N, N), b, Bu, Wro (N entries each) and bro (one); None takes the trained
            network that comes with the library.

    Raises:
        DataError: The file is missing, damaged, or its arrays do not make a network.
    """
    if path is None:
        with resources.as_file(resources.files(__package__) / _TRAINED) as trained:
            return _read(trained)
    return _read(Path(str(path)))


def run_vanilla_rnn(rnn: VanillaRNN, inputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Runs a network on every row of inputs `(C, T)`; returns states `(C, N, T)` and outputs `(C, T)`, float64."""
    states = np.empty((len(inputs), len(rnn.bias), inputs.shape[1]))
    h = np.zeros(states.shape[:2])
    for t, u in enumerate(inputs.T):
        h = np.tanh(h @ rnn.recurrent_weights + rnn.bias + u[:, None] * rnn.input_weights)
        states[:, :, t] = h
    return states, rnn.readout_weights @ states + rnn.readout_bias


def _read(path: Path) -> VanillaRNN:
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {key: np.asarray(file[key], np.float64) for key in _KEYS}
    # numpy answers a file that is no archive by an offer to unpickle it (ValueError), an .npy file by an array.
    except (OSError, EOFError, KeyError, TypeError, ValueError, AttributeError, zipfile.BadZipFile) as error:
        raise DataError(
            f"{path}: cannot be read as a network's weights ({error}); expected an npz file with the arrays "
            f"{', '.join(_KEYS)}, as examples/train_itb_rnn.py writes it."
        ) from error
    n_units = arrays["b"].size
    sizes = {"Wh": n_units * n_units, "b": n_units, "Bu": n_units, "Wro": n_units, "bro": 1}
    for key, array in arrays.items():
        if n_units == 0 or array.size != sizes[key] or not np.isfinite(array).all():
            raise DataError(
                f"{path}: {key}: has shape {array.shape}, expected {sizes[key]} finite entries for the {n_units} "
                "units of b; train the network again."
            )
    return VanillaRNN(
        arrays["Wh"].reshape(n_units, n_units),
        arrays["b"].ravel(),
        arrays["Bu"].ravel(),
        arrays["Wro"].ravel(),
        float(arrays["bro"].item()),
    )
