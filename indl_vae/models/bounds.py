"""Lower bounds of the log-evidence of each trial: the ELBO, and the tighter one of importance weights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import tensorflow as tf
from scipy.special import logsumexp

from indl_vae.errors import ConfigError
from indl_vae.layers.sampling_scope import sampling_scope
from indl_vae.models.batch import observed
from indl_vae.models.objective import entry_nll
from indl_vae.models.posterior import own_randomness
from indl_vae.models.posterior_rounds import PosteriorRounds

if TYPE_CHECKING:
    from indl_vae.models.sequential_vae import SequentialVAE

#: Beginnings of the names of outputs: of KL divergences, by term, and of log q - log p, by latent.
KL, RATIO = "_kl_", "_log_ratio_"
#: What stands for the divergence of posterior and prior in the weight of a sample, and the outputs that hold it.
WEIGHTS = {"sample": RATIO, "kl": KL}


def bounds(
    model: SequentialVAE,
    data: Any,
    samples: int = 50,
    seed: int = 0,
    weights: str = "sample",
    batch_size: int | None = None,
) -> dict[str, np.ndarray]:
    """Returns lower bounds of log p(x) of each trial, in nats, over its observed entries.

    With weights `w_k = p(x | z_k) p(z_k) / q(z_k | x)` of K samples: the ELBO is the mean of `log w_k`, the
    importance-weighted bound `log mean_k w_k` (Burda, Grosse & Salakhutdinov 2016), at least as high for the very same
    samples and tighter as K grows. What a family ties trials together by (the means of FHVAE's sequences) is integrated
    out for each trial alone. The loss's weights, ramps and L2 terms play no part.

    Args:
        model: The model.
        data: Array `(B, T, N)`, dict of Batch keys, or a split of a dataset.
        samples: Number of posterior samples K of each trial.
        seed: The same seed gives the same numbers.
        weights: "sample": as above. "kl": KL divergences in place of `log q - log p` at the sample, which is what LFADS
            on TF1 reports; "elbo" is then that of the training loss, and "iwae" no bound in the strict sense.
        batch_size: Trials times samples in memory at once.

    Returns:
        "elbo" and "iwae", each `(B,)`.

    Raises:
        ConfigError: `weights` is neither, or the family does not offer the densities at the samples.
    """
    if weights not in WEIGHTS:
        raise ConfigError(f"weights: expected one of {', '.join(WEIGHTS)}, got {weights!r}.")
    scores = score_samples(model, data, samples, seed, batch_size=batch_size)
    log_weights = scores["log_likelihood"] - divergence(scores, WEIGHTS[weights], model)
    return {"elbo": log_weights.mean(axis=1), "iwae": logsumexp(log_weights, axis=1) - np.log(samples)}


def divergence(scores: dict[str, np.ndarray], prefix: str, model: SequentialVAE) -> np.ndarray:
    """Returns the sum `(B, K)` of the divergences of all latents, those that `prefix` begins."""
    parts = [value for name, value in scores.items() if name.startswith(prefix)]
    n_latents = sum(term.kind == "kl" for term in model.terms.values())
    if len(parts) < n_latents:
        raise ConfigError(
            f"weights: expected 'kl', got 'sample': family {model.params.family!r} does not offer the densities of its "
            "latents at the samples."
        )
    return np.sum(parts, axis=0) if parts else np.zeros(())


def score_samples(
    model: SequentialVAE,
    data: Any,
    samples: int = 50,
    seed: int = 0,
    push_mean: bool = False,
    batch_size: int | None = None,
    variance: bool = False,
) -> dict[str, np.ndarray]:
    """Returns the scores of each posterior sample of each trial, `(B, K)`, in nats.

    Args:
        model: The model.
        data: As for `bounds`.
        samples: Number of posterior samples K; 1 with `push_mean`.
        seed: The same seed gives the same numbers.
        push_mean: Score the posterior means instead of samples.
        batch_size: Trials times samples in memory at once.
        variance: Whether the variance of the data given the latents is asked for too.

    Returns:
        "log_likelihood", "_<term>" for each term of the loss that has a value per trial, and "_log_ratio_<latent>"
        where the family has it; "variance" `(B, T, N)`, averaged over samples, if asked for.
    """
    rounds = PosteriorRounds.of(model, data, samples, push_mean, batch_size)
    run = _compiled(model, push_mean, variance)
    with own_randomness(model, seed):
        parts = [_score_chunk(run, batch, rounds) for batch in rounds.chunks()]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _score_chunk(run: Any, batch: dict[str, np.ndarray], rounds: PosteriorRounds) -> dict[str, np.ndarray]:
    """Scores a round of samples of each trial at a time; what is no score is averaged."""
    n_trials, samples, found = len(batch["x"]), rounds.samples, {}
    for count in rounds.counts():
        rows = run({k: tf.constant(np.repeat(v, count, axis=0)) for k, v in batch.items()})
        for name, value in rows.items():
            by_sample = value.numpy().astype(np.float64).reshape(n_trials, count, *value.shape[1:])
            found.setdefault(name, []).append(by_sample if by_sample.ndim == 2 else by_sample.sum(1) / samples)
    return {k: np.concatenate(v, axis=1) if v[0].ndim == 2 else np.sum(v, axis=0) for k, v in found.items()}


def _compiled(model: SequentialVAE, push_mean: bool, variance: bool) -> Any:
    """Returns the compiled call, made once for a model."""
    made = model.__dict__.setdefault("_score_calls", {})
    key = (push_mean, variance)
    if key not in made:
        made[key] = tf.function(_scoring(model, push_mean, variance), reduce_retracing=True, autograph=False)
    return made[key]


def _scoring(model: SequentialVAE, push_mean: bool, variance: bool) -> Any:
    def score(batch: dict[str, Any]) -> dict[str, Any]:
        outputs = model.all_outputs(batch, training=False)
        nll = entry_nll(model.likelihood, batch["x"], outputs["raw"], observed(batch))
        scores = {"log_likelihood": -tf.reduce_sum(nll, axis=(1, 2))}
        terms = {f"_{name}" for name in model.terms}
        scores |= {name: value for name, value in outputs.items() if name in terms or name.startswith(RATIO)}
        return scores | ({"variance": model.likelihood.distribution(outputs["raw"]).variance()} if variance else {})

    def score_drawn(batch: dict[str, Any]) -> dict[str, Any]:
        with sampling_scope():
            return score(batch)

    return score if push_mean else score_drawn
