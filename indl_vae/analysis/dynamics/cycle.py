"""A fixed point or cycle of a map, and what the dynamics around it do."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

#: Moduli this close to 1 are neither stable nor unstable: points are exact here, eigenvalues to rounding.
_MARGIN = 1e-6
#: An imaginary part below this share of the modulus is rounding.
_REAL = 1e-9


class Cycle(NamedTuple):
    """A cycle of order k; a fixed point is one of order 1.

    Attributes:
        points: `(k, M)`: each is the map of the one before, the first that of the last.
        eigenvalues: Of the product of the Jacobians once around, complex `(M,)`, the largest modulus first.
        stable: Whether all moduli are below 1.
        kind: "stable node", "stable focus", "saddle", "unstable node", "unstable focus" or "marginal"; see
            `kind_of_eigenvalues`.
    """

    points: np.ndarray
    eigenvalues: np.ndarray
    stable: bool
    kind: str

    @property
    def order(self) -> int:
        """Number k of points."""
        return len(self.points)


def kind_of_eigenvalues(eigenvalues: np.ndarray) -> str:
    """Returns what dynamics with these eigenvalues `(M,)` of a map are called.

    "stable" if every mode falls, "unstable" if every mode grows, each "focus" where the mode of the largest modulus
    turns (a complex pair) and "node" where it does not; "marginal" if none grows and one keeps its size, as on a line
    attractor; else "saddle".
    """
    moduli = np.abs(eigenvalues)
    if (moduli <= 1 + _MARGIN).all() and (moduli >= 1 - _MARGIN).any():
        return "marginal"
    stable, unstable = (moduli < 1 - _MARGIN).all(), (moduli > 1 + _MARGIN).all()
    if not stable and not unstable:
        return "saddle"
    first = eigenvalues[np.argmax(moduli)]
    shape = "focus" if abs(first.imag) > _REAL * abs(first) else "node"
    return f"{'stable' if stable else 'unstable'} {shape}"


def make_cycle(points: np.ndarray, jacobians: np.ndarray) -> Cycle:
    """Returns the cycle of `points` `(k, M)`, given the Jacobian at each `(k, M, M)`."""
    product = np.eye(points.shape[1])
    for jacobian in jacobians:
        product = jacobian @ product
    values = np.linalg.eigvals(product).astype(np.complex128)
    values = values[np.argsort(-np.abs(values), kind="stable")]
    kind = kind_of_eigenvalues(values)
    return Cycle(points, values, kind.startswith("stable"), kind)
