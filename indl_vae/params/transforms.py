"""lfads-torch's transforms of the data, as its configurations list them, in settings of their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: What the transforms do where a configuration does not say.
_DEFAULTS: dict[str, dict[str, Any]] = {
    "SpikeJitter": {"width": 2},
    "TemporalShift": {"std": 3.0, "max_shift": 6},
}
#: Transforms that are a setting here.
_MEANINGS: dict[str, dict[str, Any]] = {"SelectiveBackpropThruTime": {"missing": "mask"}}


def read_transform(item: Mapping[str, Any]) -> Mapping[str, Any]:
    """Returns an entry of a list of transforms with its class's name in front of the keys that say too little alone.

    `{_target_: ...SpikeJitter, width: 1}` becomes `{SpikeJitter: {width: 1}}`. Other entries stay as they are.
    """
    name = str(item.get("_target_", "")).rpartition(".")[2]
    if name in _MEANINGS:
        return _MEANINGS[name]
    if name not in _DEFAULTS:
        return item
    return {name: {**_DEFAULTS[name], **{key: value for key, value in item.items() if key != "_target_"}}}
