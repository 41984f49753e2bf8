"""Whether what one latent should hold stays when the other is drawn anew from the prior."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from indl_vae.analysis.disentanglement.judge import Judge
from indl_vae.analysis.disentanglement.labels import shares
from indl_vae.errors import DataError

#: Probabilities are at least this in divergences, which an estimate of 0 would otherwise make infinite.
MIN_PROBABILITY = 1e-7

_Result = float | np.ndarray


class PriorResampling(NamedTuple):
    """What stays of the labels of plain reconstructions; `(K,)` arrays where labels have K attributes.

    The divergences are in nats, means over sequences, and None where the judge has no probabilities.

    Attributes:
        dynamic_kept: Share of the sequences judged to have the same dynamic label with f drawn from the prior.
        static_kept: Share judged to have the same static label with z drawn from the prior.
        dynamic_kl: KL(p_recon, p_gen) of the dynamic label's probabilities, f drawn: 0 where f plays no part.
        static_kl: The same of the static label's, z drawn.
        dynamic_kl_random: KL(uniform, p_gen), of a judge that knows nothing of the reconstruction, for comparison.
        static_kl_random: The same of the static label's.
    """

    dynamic_kept: _Result
    static_kept: _Result
    dynamic_kl: _Result | None
    static_kl: _Result | None
    dynamic_kl_random: _Result | None
    static_kl_random: _Result | None


def prior_resampling_test(reconstructed: Any, resampled_f: Any, resampled_z: Any, judge: Judge) -> PriorResampling:
    """Compares the judge's labels of reconstructions with those after one latent was drawn from the prior.

    The protocol of Li and Mandt (2018, arXiv:1803.02991), who give disagreement, 1 minus our share. A decoder that
    ignores a latent keeps everything: read the shares next to a swap test.

    Args:
        reconstructed: `(B, T, N)` rates or means, or `(B, T, H, W, C)` images, decoded from f and z of each sequence.
        resampled_f: The same sequences with f drawn from the prior and z kept.
        resampled_z: The same sequences with z drawn from the prior and f kept.
        judge: A `TemplateJudge`, or a fitted `ClassifierJudge`.

    Raises:
        DataError: If shapes differ, and as the judge does.
    """
    for name, array in (("resampled_f", resampled_f), ("resampled_z", resampled_z)):
        if np.shape(array) != np.shape(reconstructed):
            raise DataError(
                f"{name}: expected the shape of the reconstructions {np.shape(reconstructed)}, got {np.shape(array)}. "
                "Decode one sequence for each reconstruction; average the results of several draws."
            )
    dynamic = _compare(judge.dynamic, judge.dynamic_probabilities, reconstructed, resampled_f)
    static = _compare(judge.static, judge.static_probabilities, reconstructed, resampled_z)
    return PriorResampling(dynamic[0], static[0], dynamic[1], static[1], dynamic[2], static[2])


def _compare(
    labels: Callable[[Any], np.ndarray],
    probabilities: Callable[[Any], list[np.ndarray] | None],
    reconstructed: Any,
    generated: Any,
) -> tuple[_Result, _Result | None, _Result | None]:
    """Returns share of equal labels, KL(p_recon, p_gen) and KL(uniform, p_gen)."""
    expected = labels(reconstructed)
    kept = shares(labels(generated) == expected)
    recon, gen = probabilities(reconstructed), probabilities(generated)
    if recon is None or gen is None:
        return kept, None, None
    divergences = (
        np.array([_kl(p, q) for p, q in zip(recon, gen, strict=True)]),
        np.array([_kl(np.full_like(q, 1.0 / q.shape[1]), q) for q in gen]),
    )
    first, second = (values if expected.ndim == 2 else float(values[0]) for values in divergences)
    return kept, first, second


def _kl(p: np.ndarray, q: np.ndarray) -> float:
    """Returns the mean over rows of KL(p, q) in nats."""
    p, q = (np.maximum(rows, MIN_PROBABILITY) for rows in (p, q))
    p, q = (rows / rows.sum(axis=1, keepdims=True) for rows in (p, q))
    return float((p * np.log(p / q)).sum(axis=1).mean())
