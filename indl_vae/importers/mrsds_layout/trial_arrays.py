"""What a model makes of trials, under the published names of arrays."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from indl_vae.data import Dataset, Split, length_mask

#: What the transition to the first bin is: none, up to this.
_NEVER = 1e-10
_OVER_TIME = ("xs", "zs", "zs_logprob", "us", "ys", "ys_recon", "msgs", "norms", "loga", "logb")


def all_arrays(model: Any, dataset: Dataset, seed: int = 0) -> dict[str, np.ndarray]:
    """Returns the arrays of the training and of the test trials, in the order of the trials' own numbers.

    What the published code calls training trials are those that are not tested on, validation trials included.

    Args:
        model: A trained model.
        dataset: The data.
        seed: Of the draws of the latents.

    Returns:
        By published name: xs_train `(n, T, D)`, zs_train `(n, T, K)`, zs_logprob, msgs_train `(n, T, R, R + L, d)` and
        so on; train_ids number the rows, valid_ids are those of them that validate.
    """
    parts = {name: arrays_of(model, split, seed) for name, split in dataset.splits.items()}
    made = _renamed(_joined([parts[name] for name in ("train", "valid") if name in parts]), "train")
    if "valid" in dataset.splits:
        made["valid_ids"] = np.sort(dataset.valid.inds)
    if "test" in parts:
        made |= _renamed(_joined([parts["test"]]), "test")
    return made


def arrays_of(model: Any, split: Split, seed: int = 0) -> dict[str, np.ndarray]:
    """Returns the arrays of a split's trials, 0 behind the end of each trial.

    Returns:
        xs: a draw of the latents `(n, T, D)`; zs, zs_logprob: probabilities of the discrete states `(n, T, K)` and
        their logarithms; us, ys; ys_recon: expected values `(n, T, N)`; msgs `(n, T, R, R + L, d)`: to a region, from
        regions and then inputs; norms: their lengths; loga `(n, T, K, K)`: log-probabilities to a state (third axis)
        from a state (fourth); logb `(n, T, K)`: log-densities of the latents; ids, lengths.
    """
    drawn = model.posterior(split, samples=1, seed=seed)
    latents, states, u = drawn["factors"], drawn["state_probs"], split.ext_input
    told = model.messages(latents, u, states)
    messages = np.concatenate([told["messages"], told["input_messages"]], 3)
    chain = model.potentials(latents, u)
    lengths = np.full(split.n_trials, split.n_bins) if split.lengths is None else split.lengths
    made = {
        "xs": latents,
        "zs": states,
        "zs_logprob": np.log(np.maximum(states, np.finfo(np.float32).tiny)),
        "us": np.zeros((*split.x.shape[:2], 0), np.float32) if u is None else u,
        "ys": split.x,
        "ys_recon": drawn["rates"],
        "msgs": messages,
        "norms": np.linalg.norm(messages, axis=-1),
        "loga": _transitions(chain["log_matrix"], split.n_trials),
        "logb": chain["log_density"],
    }
    return _trimmed(made, lengths) | {"ids": split.inds, "lengths": lengths}


def _transitions(log_matrix: np.ndarray, n_trials: int) -> np.ndarray:
    """Returns transitions to every bin, to a state (third axis) from a state; those to the first are of no meaning."""
    n_states = log_matrix.shape[-1]
    first = np.log(np.eye(n_states, dtype=np.float32) + _NEVER)
    first = np.broadcast_to(first, (n_trials, 1, n_states, n_states))
    return np.concatenate([first, np.swapaxes(log_matrix, -1, -2)], 1)


def _trimmed(arrays: Mapping[str, np.ndarray], lengths: np.ndarray) -> dict[str, np.ndarray]:
    n_bins = arrays["xs"].shape[1]
    there = length_mask(lengths, n_bins)
    return {
        name: np.where(there.reshape(*there.shape, *[1] * (array.ndim - 2)), array, np.float32(0)).astype(np.float32)
        for name, array in arrays.items()
    }


def _joined(parts: list[dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """Returns the trials of several splits as one, by their numbers."""
    n_bins = max(part["xs"].shape[1] for part in parts)
    order = np.argsort(np.concatenate([part["ids"] for part in parts]), kind="stable")
    joined = {}
    for name in parts[0]:
        arrays = [part[name] for part in parts]
        if name in _OVER_TIME:
            arrays = [np.pad(a, [(0, 0), (0, n_bins - a.shape[1])] + [(0, 0)] * (a.ndim - 2)) for a in arrays]
        joined[name] = np.concatenate(arrays)[order]
    return joined


def _renamed(arrays: Mapping[str, np.ndarray], group: str) -> dict[str, np.ndarray]:
    """Returns arrays under the published names: xs_train, train_ids, zs_logprob, zs_logprob_test."""
    names = {name: f"{name}_{group}" for name in arrays} | {name: f"{group}_{name}" for name in ("ids", "lengths")}
    if group == "train":
        names["zs_logprob"] = "zs_logprob"
    return {names[name]: array for name, array in arrays.items()}
