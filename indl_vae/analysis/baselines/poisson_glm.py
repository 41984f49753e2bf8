"""Poisson regression of many channels at once, with an L2 penalty."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.optimize import minimize

from indl_vae.numerics import LOG_RATE_RANGE, RATE_FLOOR

#: Entries worked on at once: bounds memory, and stays near the processor's caches.
BLOCK_ENTRIES = 1 << 19


class Design(NamedTuple):
    """What a regression sees of R bins.

    Attributes:
        features: `(R, F)` standardised features shared by all outputs.
        own: `(R, F)`: column j replaces feature j for the output `sources[j]`, which it is made of; or None.
    """

    features: np.ndarray
    own: np.ndarray | None = None


class PoissonGLM(NamedTuple):
    """A fit: log rate of output n = `bias[n] + features @ weights[:, n] (+ own[:, j] own_weights[j], sources[j] = n)`.

    Attributes:
        weights: `(F, N)`; 0 where an output would see its own shared feature.
        own_weights: `(F,)`.
        bias: `(N,)`.
        sources: `(F,)` the output that feature j is made of.
    """

    weights: np.ndarray
    own_weights: np.ndarray
    bias: np.ndarray
    sources: np.ndarray

    def log_rates(self, design: Design) -> np.ndarray:
        """Returns log expected counts `(R, N)`."""
        log_rates = design.features @ self.weights + self.bias
        if design.own is not None:
            log_rates[:, _columns(self.sources, log_rates.shape[1])] += design.own * self.own_weights
        return np.clip(log_rates, *LOG_RATE_RANGE, out=log_rates)


def _columns(sources: np.ndarray, n_outputs: int) -> np.ndarray | slice:
    """Returns an index of the outputs that have a feature; all of them by slice, which copies nothing."""
    return slice(None) if len(sources) == n_outputs else sources


class _Problem:
    """The penalised negative log likelihood as a function of one scaled vector.

    Near the fit the Hessian of output n is about `rate_n features' features + precision`. In the eigenvectors of the
    features it is diagonal, so scaling each coordinate by the square root of its inverse leaves L-BFGS a problem that
    is nearly round: some ten iterations instead of a hundred.
    """

    def __init__(
        self, design: Design, counts: np.ndarray, observed: np.ndarray, sources: np.ndarray, precision: float
    ) -> None:
        self.design, self.counts, self.sources, self.precision = design, counts, sources, precision
        self.hidden = None if observed.all() else ~observed
        self.block = max(1, BLOCK_ENTRIES // counts.shape[1])
        n = np.maximum(observed.sum(axis=0), 1)
        self.rates = np.maximum(np.where(observed, counts, 0.0).sum(axis=0), 0.5) / n
        self.centre: np.ndarray | None = None
        self.allowed = np.ones((design.features.shape[1], counts.shape[1]))
        if design.own is not None:
            self.allowed[np.arange(len(sources)), sources] = 0.0
        self._scale(n)

    def _scale(self, n: np.ndarray) -> None:
        features = self.design.features
        values, self.vectors = np.linalg.eigh((features.T @ features).astype(np.float64) / len(features))
        spikes = self.rates * n
        self.weight_scale = 1.0 / np.sqrt(values.clip(min=0.0)[:, None] * spikes + self.precision)
        self.own_scale = 1.0 / np.sqrt(spikes[self.sources] + self.precision)
        self.bias_scale = 1.0 / np.sqrt(spikes)

    def unpack(self, vector: np.ndarray) -> PoissonGLM:
        """Returns the fit that a scaled vector stands for."""
        size = self.weight_scale.size
        body, own, bias = np.split(vector, [size, size + len(self.sources)])
        weights = self.allowed * (self.vectors @ (body.reshape(self.weight_scale.shape) * self.weight_scale))
        middle = np.log(self.rates if self.centre is None else self.centre)
        return PoissonGLM(weights, own * self.own_scale, middle + bias * self.bias_scale, self.sources)

    def __call__(self, vector: np.ndarray) -> tuple[float, np.ndarray]:
        """Returns the objective and its gradient in the scaled coordinates."""
        glm = self.unpack(vector)
        pull = np.zeros_like(glm.bias) if self.centre is None else glm.bias - np.log(self.centre)
        penalty = np.sum(glm.weights**2) + np.sum(glm.own_weights**2) + np.sum(pull**2)
        value = 0.5 * self.precision * float(penalty)
        body, own, bias = self.precision * glm.weights, self.precision * glm.own_weights, self.precision * pull
        for first in range(0, len(self.counts), self.block):
            part = slice(first, first + self.block)
            loss, error = self._error(glm, part)
            value += loss
            body += self.allowed * (self.design.features[part].T @ error)
            bias += error.sum(axis=0, dtype=np.float64)
            if self.design.own is not None:
                own += np.einsum("rf,rf->f", self.design.own[part], error[:, _columns(self.sources, error.shape[1])])
        parts = ((self.vectors.T @ body) * self.weight_scale, own * self.own_scale, bias * self.bias_scale)
        return value, np.concatenate([piece.ravel() for piece in parts])

    def _error(self, glm: PoissonGLM, part: slice) -> tuple[float, np.ndarray]:
        """Returns the loss of some rows, without log k!, and its gradient by the log rates `(rows, N)`."""
        dtype = self.design.features.dtype
        design = Design(self.design.features[part], None if self.design.own is None else self.design.own[part])
        log_rates = PoissonGLM(*(piece.astype(dtype) for piece in glm[:3]), self.sources).log_rates(design)
        error = np.exp(log_rates)
        counts = self.counts[part]
        loss = error - counts * log_rates
        error -= counts
        if self.hidden is not None:
            loss[self.hidden[part]] = 0.0
            error[self.hidden[part]] = 0.0
        return float(loss.sum(dtype=np.float64)), error


def fit_poisson_glm(
    design: Design,
    counts: np.ndarray,
    observed: np.ndarray,
    sources: np.ndarray,
    precision: float,
    *,
    prior_rates: np.ndarray | None = None,
    max_iterations: int = 100,
) -> PoissonGLM:
    """Maximises the Poisson log likelihood minus `precision / 2` times the squared weights, on all outputs at once.

    With `design.own`, output `sources[j]` gets weight 0 on the shared feature j and its own weight on `own[:, j]`;
    without it nothing is barred. The penalty is the log density of a Gaussian prior, so one value of `precision` means
    the same for any number of bins. Beyond its arguments it needs memory for one block of rows and some ten copies of
    the weights.

    Args:
        design: Features, float32 or float64; the arithmetic on them is done in their type.
        counts: `(R, N)` counts per bin, 0 where not observed.
        observed: `(R, N)` True where a count takes part.
        sources: `(F,)` output number of each feature.
        precision: Prior precision of each weight, above 0.
        prior_rates: `(N,)` rates to whose log the bias is drawn with the same precision; None leaves the bias free.
        max_iterations: Limit of L-BFGS iterations.
    """
    problem = _Problem(design, counts, observed, sources, precision)
    if prior_rates is not None:
        problem.centre = np.maximum(prior_rates, RATE_FLOOR)
    start = np.zeros(problem.weight_scale.size + len(sources) + counts.shape[1])
    options = {"maxiter": max_iterations, "ftol": 1e-6, "gtol": 1e-3}
    found = minimize(problem, start, jac=True, method="L-BFGS-B", options=options)
    return problem.unpack(found.x)
