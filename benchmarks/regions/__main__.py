"""Measures the roll-out of several regions, forward pass and gradient, and whole training steps.

    python -m benchmarks.regions            # the roll-out
    python -m benchmarks.regions step       # training steps

A row each, medians in milliseconds: the eager loop over pairs, our roll-out with and without XLA, its products alone,
other lengths, more latents; or the step of each way of inference, over the length of trials.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import numpy as np
import tensorflow as tf

from benchmarks.regions.per_pair import PerPair
from benchmarks.regions.subject import Size, make_batch, make_posterior, path_loss, rollout
from benchmarks.regions.whole_step import training_step
from benchmarks.subject import forget_models
from benchmarks.timing import interleave, spread_ms


def median_ms(function: Callable[[], Any], rounds: int) -> float:
    """Returns the median time of a call that is waited for; the first one is not counted."""
    waited = lambda: np.asarray(tf.nest.flatten(function())[0])  # noqa: E731
    return round(spread_ms(interleave({"it": waited}, rounds)["it"])["median_ms"], 1)


def rolled(size: Size, jit: bool) -> Callable[[], Any]:
    """Returns our roll-out with its gradient, the costs left out as in the loop over pairs."""
    posterior = make_posterior(size, sampled=False)
    return tf.function(rollout(posterior, make_batch(size), costs=False), jit_compile=jit, autograph=False)


def products(size: Size) -> Callable[[], Any]:
    """Returns the step of all bins at once, with its gradient: the products without the loop, under XLA."""
    dynamics, (loc, _, u) = make_posterior(size).system.dynamics, make_batch(size)
    weights = [weight.value for weight in dynamics.trainable_weights]

    def run() -> Any:
        with tf.GradientTape() as tape:
            tape.watch(loc)
            loss = path_loss(dynamics.next_mean(loc, u))
        return loss, tape.gradient(loss, [*weights, loc])

    return tf.function(run, jit_compile=True, autograph=False)


def say(**row: Any) -> None:
    """Prints a row."""
    print(json.dumps(row), flush=True)


def measure_steps() -> None:
    """Prints a row for each way of inference and length."""
    for inference in ("svae", "s_svae", "mean_field", "slds"):
        for bins in (50, 100, 200, 400):
            say(
                what="training step, XLA",
                inference=inference,
                bins=bins,
                ms=median_ms(training_step(bins, inference), 5),
            )
            forget_models()


def measure_rollout() -> None:
    """Prints a row for each measurement; the two roll-outs must give one path."""
    for states in (1, 2):
        size = Size(states=states)
        posterior, (loc, scale, u) = make_posterior(size, sampled=False), make_batch(size)
        pairs = PerPair(posterior.system)
        np.testing.assert_allclose(pairs.path(loc, u), posterior(loc, scale, u).sample, atol=1e-3)
        say(what="eager loop over pairs", states=states, ms=median_ms(pairs.run(loc, u), 3))
        say(what="roll-out, XLA", states=states, ms=median_ms(rolled(size, True), 15))
        say(what="roll-out, no XLA", states=states, ms=median_ms(rolled(size, False), 7))
        say(what="products alone, XLA", states=states, ms=median_ms(products(size), 15))
    for bins in (50, 100, 200, 400, 800):
        say(what="roll-out, XLA", bins=bins, ms=median_ms(rolled(Size(bins=bins), True), 7))
    say(what="roll-out, XLA", regions=8, dim=8, latents=64, ms=median_ms(rolled(Size(regions=8, dim=8), True), 7))


if __name__ == "__main__":
    measure_steps() if sys.argv[1:] == ["step"] else measure_rollout()
