"""The type of a field that holds the activations of a stack of layers."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator

#: Names of activations, and none.
NAMES = ("relu", "leaky_relu", "elu", "gelu", "silu", "softplus", "tanh", "sigmoid", "exp")
_NONE = ("", "none", "null", "linear")


def _as_activation(entry: Any) -> str | None:
    name = "" if entry is None else str(entry).casefold()
    if name in _NONE:
        return None
    name = {"exponential": "exp"}.get(name, name)
    if name not in NAMES:
        raise ValueError(f"expected activations of {', '.join(NAMES)} or null, got {entry!r}")
    return name


def _as_activations(value: Any) -> Any:
    written = value if isinstance(value, (list, tuple)) else (value,)
    return tuple(_as_activation(entry) for entry in written)


#: Activations of a stack of layers, null for none; a single name stands for one layer. Stored as a tuple.
Activations = Annotated[tuple[str | None, ...], BeforeValidator(_as_activations)]


def for_layers(activations: tuple[str | None, ...], n_layers: int) -> tuple[str | None, ...]:
    """Returns an activation for each of a number of hidden layers: the one given where it is one for all.

    Raises:
        ValueError: There are neither one nor as many.
    """
    if len(activations) not in (1, n_layers):
        raise ValueError(f"expected 1 or {n_layers} activations, one for each layer, got {len(activations)}")
    return activations * n_layers if len(activations) == 1 else activations
