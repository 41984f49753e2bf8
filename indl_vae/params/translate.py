"""Settings that follow from `gen_cell_type`: LFADS's second z network, the controller, is in the generator's cell."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

COMPLEX = "Complex"


def is_complex(cell_type: Any) -> bool:
    """Returns whether a generator cell type, in any case, is LFADS's."""
    return isinstance(cell_type, str) and cell_type.casefold() == COMPLEX.casefold()


def translate_cell_type(layer: dict[str, Any], current: Callable[[str], Any]) -> dict[str, Any]:
    """Returns a layer of settings with what its generator cell type implies.

    For "Complex" the width `z2_units` of the second z network becomes that of the controller (`con_units`, unless
    given), `z2_units` becomes 0 and `z_in_cell` True, so that only the generator's builder needs to know of the cell
    type. For any other type `z_in_cell` becomes False.

    Args:
        layer: Settings of one source (preset, file or arguments); fields only, no aliases.
        current: Looks up the value that a field had before this layer, None when the field is unknown.
    """
    if not is_complex(layer.get("gen_cell_type", current("gen_cell_type"))):
        return {"z_in_cell": False, **layer} if "gen_cell_type" in layer else dict(layer)
    implied = {"z2_units": 0, "z_in_cell": True}
    width = layer.get("z2_units", current("z2_units"))
    if width and "con_units" not in layer:
        implied["con_units"] = width
    return {**layer, **implied}
