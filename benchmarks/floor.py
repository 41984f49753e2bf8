"""The floor: how long the matrix products of a step would take alone, at the speed of one large product."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence

#: Name of the variant that measures the speed, among those it takes turns with.
PRODUCT = "1024-cube product"
SIDE = 1024
#: Products in one measurement: one alone is too short to time.
REPEATS = 8
#: Share of the large product's speed that is held to be reachable.
REACHABLE = 0.9


def make_product() -> Callable[[], None]:
    """Returns a function that multiplies two `SIDE` x `SIDE` float32 matrices through TensorFlow, `REPEATS` times."""
    import tensorflow as tf

    left, right = tf.random.normal((SIDE, SIDE), seed=0), tf.random.normal((SIDE, SIDE), seed=1)

    def run() -> None:
        for _ in range(REPEATS):
            result = tf.matmul(left, right)
        result[0, 0].numpy()  # a GPU has to finish before the clock is read

    return run


def rate_gflops(seconds: Sequence[float]) -> float:
    """Returns GFLOP per second, from the median of measurements of `make_product`."""
    return REPEATS * 2 * SIDE**3 / 1e9 / statistics.median(seconds)


def floor_s(gflop: float, rate: float) -> float:
    """Returns the seconds that so many GFLOP take at `REACHABLE` times the rate in GFLOP per second."""
    return gflop / (REACHABLE * rate)
