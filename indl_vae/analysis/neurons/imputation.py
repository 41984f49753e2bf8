"""How well a model tells neurons that it is not shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from indl_vae.analysis.neurons.baselines import ALPHAS, LAGS, baselines
from indl_vae.analysis.neurons.by_identity import by_identity, class_r2, identity_groups
from indl_vae.analysis.neurons.found import BATCH, as_arrays, identity_of, latents_of, values_of
from indl_vae.errors import ConfigError


class ImputationScores(NamedTuple):
    """R2 of hidden neurons, class by class, each around its own mean over all windows.

    Attributes:
        identities: `(K,)`: classes that were hidden and of which the windows have data.
        r2: By name, `(K,)`. model: the model, which is not shown the class. permuted: the same latents, asked for
            another class; near or below 0 where identities matter. shown: the model when it is shown the class.
            class_mean, ridge_behavior, ridge_neurons, ridge_both: baselines, where there are training windows.
    """

    identities: np.ndarray
    r2: Mapping[str, np.ndarray]

    @property
    def mean(self) -> dict[str, float]:
        """Mean over classes by name, of those that have variance."""
        return {name: float(np.nanmean(r2)) if np.isfinite(r2).any() else np.nan for name, r2 in self.r2.items()}


def imputation_scores(
    model: Any,
    split: Any,
    hidden: int | Sequence[Sequence[int]] = 5,
    *,
    train: Any = None,
    valid: Any = None,
    seed: int = 0,
    alphas: Sequence[float] = ALPHAS,
    lags: Sequence[int] = LAGS,
    batch_size: int = BATCH,
) -> ImputationScores:
    """Hides classes of neurons from the encoder, a group at a time, and asks the decoder for them.

    Args:
        model: A trained model that has `impute`.
        split: Windows: a split, or arrays by key.
        hidden: Number of groups that classes are drawn into; or groups of identities. Others are then not scored.
        train: Windows that baselines are fitted on; without any there are no baselines.
        valid: Windows that their penalties are chosen on.
        seed: Of groups and of the permutation.
        alphas: Penalties that are tried.
        lags: Bins around a bin that are tried as predictors.
        batch_size: Windows at once.

    Raises:
        ConfigError: Groups are out of range, training windows come without validation windows, or only one class is
            hidden, so that identities cannot be permuted.
    """
    if (train is None) != (valid is None):
        raise ConfigError("train, valid: expected both for baselines, or neither, got one of them.")
    arrays = as_arrays(split)
    others = [as_arrays(one) for one in (train, valid) if one is not None]
    n_classes = max(int(identity_of(one).max()) for one in (arrays, *others))
    windows = by_identity(arrays, n_classes)
    groups = identity_groups(np.flatnonzero(windows.seen.any((0, 1))) + 1, hidden, seed)
    every = np.sort(np.concatenate(groups))
    found = _of_model(model, arrays, groups, n_classes, seed, batch_size)
    if others:
        fitted, chosen = (by_identity(one, n_classes) for one in others)
        found |= baselines(fitted, chosen, windows, groups, alphas, lags)
    scores = {name: class_r2(windows.values, guess, windows.seen)[every - 1] for name, guess in found.items()}
    return ImputationScores(every, scores)


def hide(arrays: Mapping[str, np.ndarray], identities: Sequence[int] | np.ndarray) -> dict[str, np.ndarray]:
    """Returns windows in which neurons of the identities are not visible, with zeros in place of their values.

    Their mask stays: a window of which all neurons are hidden is not taken for padding.

    Args:
        arrays: x `(B, T, N)` and what else there is, by key.
        identities: Those to hide.
    """
    x = arrays["x"]
    shown = np.broadcast_to(~np.isin(identity_of(arrays), identities)[:, None], x.shape)
    visible = shown if "visible" not in arrays else shown * arrays["visible"]
    return {**arrays, "x": np.where(shown, x, 0.0).astype(np.float32), "visible": visible.astype(np.float32)}


def _of_model(
    model: Any,
    arrays: Mapping[str, np.ndarray],
    groups: Sequence[np.ndarray],
    n_classes: int,
    seed: int,
    batch_size: int,
) -> dict[str, np.ndarray]:
    """Returns the model's predictions `(B, T, C)` by name, NaN where a class is in no group."""
    names = ("model", "permuted", "shown")
    found = {name: np.full((*arrays["x"].shape[:2], n_classes), np.nan) for name in names}
    other, told = _permutation(np.concatenate(groups), n_classes, seed), arrays.get("ext_input")
    seen = latents_of(model, arrays, batch_size)["loc"]
    for group in groups:
        blind = latents_of(model, hide(arrays, group), batch_size)["loc"]
        for name, latents, asked in zip(names, (blind, blind, seen), (group, other[group], group), strict=True):
            found[name][..., group - 1] = values_of(model, latents, told, asked, batch_size)
    return found


def _permutation(identities: np.ndarray, n_classes: int, seed: int) -> np.ndarray:
    """Returns `(C + 1,)`: another of the identities for each of them."""
    if len(identities) < 2:
        raise ConfigError("hidden: expected at least 2 classes, so that identities can be permuted, got 1.")
    order = np.random.default_rng([seed, 1]).permutation(identities)
    other = np.arange(n_classes + 1)
    other[order] = np.roll(order, 1)
    return other
