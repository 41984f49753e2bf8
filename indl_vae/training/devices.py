"""Several devices of one machine for one model."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from indl_vae.cores import usable_cores
from indl_vae.errors import ConfigError


def make_devices(n: int) -> list[str]:
    """Returns the names of n devices: GPUs where TensorFlow sees any, else parts of the CPU.

    A CPU can be divided only before TensorFlow has begun to compute in a process.

    Raises:
        ConfigError: There are not so many, or the CPU was not divided like this in time.
    """
    if n < 1:
        raise ConfigError(f"devices: expected at least 1, got {n}.")
    gpus = tf.config.get_visible_devices("GPU")
    kind, there, what = ("GPU", len(gpus), "GPUs") if gpus else ("CPU", usable_cores(), "cores (there is no GPU)")
    if n > there:
        raise ConfigError(f"devices: expected at most {there}, the {what} of this machine, got {n}.")
    if kind == "CPU":
        _divide_cpu(n)
    return [f"{kind}:{i}" for i in range(n)]


def _divide_cpu(n: int) -> None:
    cpu = tf.config.get_visible_devices("CPU")[0]
    try:
        tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * n)
    except RuntimeError as error:
        there = len(tf.config.list_logical_devices("CPU"))
        if there < n:
            raise ConfigError(
                f"devices: TensorFlow computes with {there} CPU device(s) in this process already, expected {n}. Call "
                f"indl_vae.training.devices.make_devices({n}) before anything else, or train in a new process."
            ) from error


def strategy_of(n: int) -> tf.distribute.Strategy:
    """Returns the strategy that a model is built and trained under: a mirror on each of n devices, or the default.

    Raises:
        ConfigError: As `make_devices`.
    """
    return tf.distribute.get_strategy() if n == 1 else tf.distribute.MirroredStrategy(make_devices(n))


def check_divisible(batches: Any, n: int) -> None:
    """Raises ConfigError where training batches cannot be shared equally by n devices."""
    size = batches.element_spec["x"].shape[0]
    if size is not None and size % n == 0:
        return
    got = "batches of several sizes" if size is None else f"{size} trials in a batch"
    raise ConfigError(
        f"batch_size: expected a multiple of devices = {n}, and no more than the training trials (of a session), got "
        f"{got}. Change batch_size, which is that of all devices together, or the number of devices."
    )
