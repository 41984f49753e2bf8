"""Trains a tiny model on one device and on two, then on a bad trial on one of the two, and prints what came of it.

Run in a process of its own.
"""

from __future__ import annotations

import json
import sys
import warnings

import numpy as np
import tensorflow as tf

from tests.models.helpers import N, T, counts, tiny


def main() -> None:
    one_cpu = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(one_cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
    mask = np.ones((8, T, N), "f4")
    mask[1, 3:] = mask[6, 2:] = 0.0
    data = tf.data.Dataset.from_tensor_slices({"x": counts(8), "mask": mask}).batch(4)
    histories, notes = [], []
    for strategy in (tf.distribute.get_strategy(), tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])):
        with strategy.scope():
            model = tiny(nll_reduction="mean", dropout_rate=0.2, max_grad_norm=0.5, jit_compile=bool(histories))
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            fitted = model.fit(data, epochs=2, validation_data=data, verbose=0)
        notes = [str(w.message) for w in caught if "XLA" in str(w.message)]
        histories.append(fitted.history)
    bad = counts(8)
    bad[7, 2, 3] = np.inf  # on the second device alone
    before = [w.numpy() for w in (*model.trainable_weights, *model.optimizer.variables)]
    fitted = model.fit(tf.data.Dataset.from_tensor_slices({"x": bad, "mask": mask}).batch(4), verbose=0)
    after = [w.numpy() for w in (*model.trainable_weights, *model.optimizer.variables)]
    skip = {
        "finite": all(bool(np.isfinite(w).all()) for w in after),
        "moved": not np.array_equal(before[0], after[0]),
        "counts": model.skipped_steps.read(),
        "steps": int(model.optimizer.iterations.numpy()),
        "logged": fitted.history["skipped_steps"],
    }
    json.dump(
        {"skip": skip, "one": histories[0], "two": histories[1], "notes": notes, "jit": model.jit_compile}, sys.stdout
    )


if __name__ == "__main__":
    main()
