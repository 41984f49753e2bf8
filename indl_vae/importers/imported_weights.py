"""What every importer hands over: parameters, named weights and remarks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from indl_vae.typing import DataSpec


@dataclass(frozen=True)
class ImportedWeights:
    """A trained LFADS model of another code, as plain values.

    Attributes:
        params_mapping: Parameter names of `indl_vae` to values, ready for `make_params("lfads", params_mapping)`.
        weights: Canonical names (`indl_vae.importers.lfads_tree`) to float32 arrays.
        spec: What the model expects of its data; `n_bins` is None where the source does not say.
        source: File or checkpoint prefix that was read.
        notes: Remarks for the user: what the source did not say and what was passed over.
    """

    params_mapping: dict[str, Any]
    weights: dict[str, np.ndarray]
    spec: DataSpec
    source: str
    notes: tuple[str, ...] = field(default=())
