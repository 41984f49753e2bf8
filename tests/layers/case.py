"""A layer with its inputs, as the contract tests take it, and ways of making one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import keras

B, T, N = 10, 7, 4  # no other width is 10 or 7, so that these two can be told apart from the rest
#: What an array holds, by the first word of its name.
BINARY = ("mask", "observed", "visible", "steps", "seen", "session", "sequence")


class Case(NamedTuple):
    """A layer, its inputs, and what is known of it.

    Attributes:
        make: From keyword arguments of every Keras layer (name, dtype) and a seed to the layer.
        shapes: Input name to shape.
        call: From the layer and its inputs by name to the outputs.
        random: Whether it draws while training.
        elsewhere: Beginnings of the paths of weights, of a layer that is held, which are trained through other layers.
    """

    make: Callable[..., keras.layers.Layer]
    shapes: dict[str, tuple[int, ...]]
    call: Callable[..., Any] = lambda layer, *, training=False, **inputs: layer(*inputs.values())
    random: bool = False
    elsewhere: tuple[str, ...] = ()


def trained(layer, *, training=False, **inputs):
    return layer(*inputs.values(), training=training)


def unseeded(cls, **options):
    return lambda seed=1, **kwargs: cls(**options, **kwargs)


def seeded(cls, **options):
    return lambda seed=1, **kwargs: cls(seed=seed, **options, **kwargs)


def unseeded32(cls, **options):
    return lambda seed=1, dtype=None, **kwargs: cls(**options, **kwargs)


def float32(cls, **options):
    """Layers that keep full precision whatever the policy."""
    return lambda seed=1, dtype=None, **kwargs: cls(seed=seed, **options, **kwargs)
