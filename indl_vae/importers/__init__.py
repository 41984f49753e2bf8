"""Readers of LFADS models that other codes trained: plain NumPy arrays come out.

TensorFlow loads only inside `read_autolfads_tf2`; PyTorch is not needed at all.
"""

from __future__ import annotations

from indl_vae.importers.autolfads_tf2 import read_autolfads_tf2
from indl_vae.importers.imported_weights import ImportedWeights
from indl_vae.importers.lfads_torch import read_lfads_torch
from indl_vae.importers.tf1_model_params import is_tf1_model_params, read_tf1_model_params

__all__ = [
    "ImportedWeights",
    "is_tf1_model_params",
    "read_autolfads_tf2",
    "read_lfads_torch",
    "read_tf1_model_params",
]
