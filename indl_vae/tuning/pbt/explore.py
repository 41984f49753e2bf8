"""How the values that a member takes over are varied."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np

from indl_vae.tuning.pbt.hyper_parameter import HyperParameter

Space = Mapping[str, HyperParameter]
Values = Mapping[str, float]
#: Of the largest change, the smallest that counts as one (AutoLFADS).
_LEAST = 0.002
#: Draws before a value is put onto the bound that it leaves.
_TRIES = 99


def perturb(values: Values, space: Space, rng: np.random.Generator) -> dict[str, float]:
    """Multiplies each value by `exp(+-u)` with u uniform in [log(1 + .002 w), log(1 + w)]: AutoLFADS.

    As likely up as down by the same factor, so that values do not drift where nothing selects among them. A value
    outside of its bounds is drawn again, and after 99 draws put onto the bound.
    """
    return {name: _perturbed(values[name], one, rng) for name, one in space.items()}


def perturb_linearly(values: Values, space: Space, rng: np.random.Generator) -> dict[str, float]:
    """Multiplies each value by `1 +- u` with u uniform in [.002 w, w], and puts it inside its bounds: lfads-torch."""
    return {name: one.inside(values[name] * (1.0 + _signed(rng, one.explore))) for name, one in space.items()}


def perturb_as_ray(values: Values, space: Space, rng: np.random.Generator) -> dict[str, float]:
    """Draws each value anew with probability 1/4, else multiplies it by 1.2 or 0.8: defaults of Ray Tune.

    Other than there, a value stays inside its bounds.
    """

    def one_value(name: str, one: HyperParameter) -> float:
        if rng.random() < 0.25:
            return one.draw(rng)
        return one.inside(values[name] * (1.2 if rng.random() > 0.5 else 0.8))

    return {name: one_value(name, one) for name, one in space.items()}


EXPLORE: dict[str, Callable[[Values, Space, np.random.Generator], dict[str, float]]] = {
    "perturb": perturb,
    "linear": perturb_linearly,
    "ray": perturb_as_ray,
}


def _perturbed(value: float, one: HyperParameter, rng: np.random.Generator) -> float:
    low, high = one.bounds
    small, large = math.log1p(_LEAST * one.explore), math.log1p(one.explore)
    changed = value
    for _ in range(_TRIES):
        changed = value * math.exp(rng.choice((-1.0, 1.0)) * rng.uniform(small, large))
        if low <= changed <= high:
            return changed
    return one.inside(changed)


def _signed(rng: np.random.Generator, weight: float) -> float:
    return float(rng.choice((-1.0, 1.0)) * rng.uniform(_LEAST * weight, weight))
