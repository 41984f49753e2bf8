"""What a training step of a latent dynamical system costs.

    python -m benchmarks.dynamics.cost

Prints medians and least times: the forced step through the fused recurrence and as TensorFlow differentiates the loop,
with and without XLA, forward and backward; a whole `fit` step; and an epoch of the variational fit.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import numpy as np
import tensorflow as tf

import indl_vae
from indl_vae.inference.forced_scan import Forcing, forced_scan
from indl_vae.layers import ClippedDendriticStep
from indl_vae.models import build_model
from indl_vae.typing import DataSpec

B, T, M, BASES, N = 16, 200, 22, 20, 3
#: Trials and bins of the variational fit.
TRIALS, BINS = 100, 1000


def forced_step(fused: bool) -> Callable[[], Any]:
    """Returns a function that runs B windows of T bins, set right every 25, and differentiates the squared error."""
    step = ClippedDendriticStep(M, BASES, start="teacher_forcing", seed=1)
    rng = np.random.default_rng(0)
    target = tf.constant(rng.normal(size=(T, B, M)), tf.float32)
    every = tf.cast(tf.range(T) % 25 == 0, tf.float32)[:, None, None] * tf.cast(tf.range(M) < N, tf.float32)
    start = tf.constant(rng.normal(size=(B, M)), tf.float32)

    def run() -> tuple[tf.Tensor, list[tf.Tensor]]:
        with tf.GradientTape() as tape:
            states = forced_scan(step.piecewise(), start, T, None, Forcing(target, every), fused)
            loss = tf.reduce_mean(tf.square(states[..., :N] - target[..., :N]))
        return loss, tape.gradient(loss, [weight.value for weight in step.trainable_weights])

    return run


def measured(function: Callable[[], Any], repeats: int) -> dict[str, float]:
    """Returns median and least milliseconds of a function, after two calls that are not counted."""
    times = []
    for i in range(repeats + 2):
        started = time.perf_counter()
        tf.nest.map_structure(lambda one: one.numpy() if tf.is_tensor(one) else one, function())
        times += [time.perf_counter() - started] if i > 1 else []
    return {"median_ms": round(float(np.median(times)) * 1e3, 2), "least_ms": round(min(times) * 1e3, 2)}


def fit_times(options: dict[str, Any], n: int, bins: int, epochs: int, per_epoch: int) -> dict[str, float]:
    """Returns milliseconds of an epoch of `fit` over its number of steps."""
    x = np.random.default_rng(0).normal(size=(n, bins, N)).astype("f4")
    shared = {"z_latent_size": M, "n_bases": BASES, **options}
    model = build_model(indl_vae.make_params("dendplrnn", shared), DataSpec(N, bins))
    data = indl_vae.data.Dataset.from_arrays({"x": x}, {"x": x[:1]}, likelihood="gaussian")
    batches = model.feed.training_batches(data.train, model.params)
    model.fit(batches, epochs=1, verbose=0)
    return measured(lambda: model.fit(batches, epochs=1, verbose=0) and 0, epochs) | {"steps": per_epoch}


def main() -> None:
    """Measures and prints."""
    plain = {"fused": forced_step(True), "loop": forced_step(False)}
    for name, run in plain.items():
        for jit in (True, False):
            compiled = tf.function(run, jit_compile=jit, autograph=False)
            print(json.dumps({"step": name, "xla": jit, **measured(compiled, 100 if jit else 20)}), flush=True)
    forced = {"training": "teacher_forcing", "forcing_interval": 25, "seq_len": T, "batch_size": B}
    times = fit_times({**forced, "batches_per_epoch": 100, "nll_reduction": "mean"}, TRIALS, BINS, 5, 100)
    print(json.dumps({"fit": "teacher forcing, 100 steps", **times}), flush=True)
    times = fit_times({"training": "svae", "batch_size": 1}, TRIALS, BINS, 3, TRIALS)
    print(json.dumps({"fit": "variational, an epoch of 100 trials of 1000 bins, one by one", **times}), flush=True)
    times = fit_times({"training": "svae", "batch_size": 10}, TRIALS, BINS, 3, TRIALS // 10)
    print(json.dumps({"fit": "variational, the same in batches of 10", **times}), flush=True)


if __name__ == "__main__":
    main()
