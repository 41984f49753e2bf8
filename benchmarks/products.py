"""The matrix products of LFADS, counted from the sizes."""

from __future__ import annotations

from typing import NamedTuple

from benchmarks.shapes import Shape

GRU_GATES = 3
DIRECTIONS = 2
#: A relative difference between two counts that is worth saying.
TOLERANCE = 0.03


class Product(NamedTuple):
    """A product of one trial's activations with a weight matrix.

    Attributes:
        name: What it computes.
        times: How often a trial needs it: once, or in every bin.
        rows, columns: Of the weight matrix.
        of_data: Whether it takes the data themselves, to which no gradient is taken back.
        per_sample: Whether every sample of the posterior needs it again.
    """

    name: str
    times: int
    rows: int
    columns: int
    of_data: bool = False
    per_sample: bool = True

    @property
    def flop(self) -> int:
        """Operations of one trial, forward: a multiplication and an addition for every weight."""
        return 2 * self.times * self.rows * self.columns

    @property
    def passes(self) -> int:
        """How often a training step pays for it: forward, gradient of the weights, gradient of the inputs."""
        return 2 if self.of_data else 3


def products(shape: Shape) -> list[Product]:
    """Returns every product of the model; codes and data known before the time loops count like those inside."""
    return [*_encoder_products(shape), *_generator_products(shape)]


def _encoder_products(s: Shape) -> list[Product]:
    ic_columns, ci_columns = DIRECTIONS * GRU_GATES * s.ic_enc, DIRECTIONS * GRU_GATES * s.ci_enc
    return [
        Product("IC encoder, inputs", s.bins, s.channels, ic_columns, of_data=True, per_sample=False),
        Product("IC encoder, states", s.bins, s.ic_enc, ic_columns, per_sample=False),
        Product("CI encoder, inputs", s.bins, s.channels, ci_columns, of_data=True, per_sample=False),
        Product("CI encoder, states", s.bins, s.ci_enc, ci_columns, per_sample=False),
        Product("IC heads", 1, DIRECTIONS * s.ic_enc, 2 * s.ic, per_sample=False),
        Product("controller, codes", s.bins, DIRECTIONS * s.ci_enc, GRU_GATES * s.con, per_sample=False),
    ]


def _generator_products(s: Shape) -> list[Product]:
    return [
        Product("initial generator state", 1, s.ic, s.gen),
        Product("initial factors", 1, s.gen, s.fac),
        Product("controller, factors", s.bins, s.fac, GRU_GATES * s.con),
        Product("controller, states", s.bins, s.con, GRU_GATES * s.con),
        Product("controller heads", s.bins, s.con, 2 * s.co),
        Product("generator, inferred inputs", s.bins, s.co, GRU_GATES * s.gen),
        Product("generator, states", s.bins, s.gen, GRU_GATES * s.gen),
        Product("factors", s.bins, s.gen, s.fac),
        Product("readout", s.bins, s.fac, s.channels),
    ]


def step_gflop(shape: Shape) -> float:
    """Returns GFLOP of one training step: three times the forward pass, less the gradient of the data."""
    return shape.trials * sum(p.passes * p.flop for p in products(shape)) / 1e9


def trial_gflop(shape: Shape, samples: int = 1) -> float:
    """Returns GFLOP of the forward pass of one trial, the encoders' share once for all samples of the posterior."""
    return sum(p.flop * (samples if p.per_sample else 1) for p in products(shape)) / 1e9


def disagreement(listed: float, counted: float) -> str:
    """Returns both numbers where they differ by more than `TOLERANCE`, else nothing."""
    if abs(counted - listed) <= TOLERANCE * listed:
        return ""
    return f"{listed:.1f} GFLOP listed, {counted:.1f} counted ({counted / listed - 1:+.0%})"
