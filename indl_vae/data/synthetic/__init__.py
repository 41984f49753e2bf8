"""Synthetic data sets with known truth; importing this room registers them all."""

from __future__ import annotations

from indl_vae.data.synthetic import (  # noqa: F401  (they register themselves)
    bursting_neuron,
    chaotic_sets,
    double_well,
    itb_rnn,
    labeled_rnns,
    line_attractor,
    lorenz,
    lorenz63,
    lorenz96,
    lotka_volterra,
    rate_network,
    rnn_regions,
    rossler,
    slow_sessions,
    static_dynamic,
    worm_set,
)
from indl_vae.data.synthetic.making import make, write, write_each
from indl_vae.data.synthetic.registry import SYNTHETIC
from indl_vae.data.synthetic.synthetic_set import SyntheticSet

__all__ = ["SYNTHETIC", "SyntheticSet", "make", "names", "write", "write_each"]


def names() -> tuple[str, ...]:
    """Returns the names of the synthetic data sets, with underscores."""
    return SYNTHETIC.names()
