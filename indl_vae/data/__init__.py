"""What goes in: readers, checks, splits and masks. No TensorFlow is loaded before `Split.batches`."""

from __future__ import annotations

from indl_vae.data.batch import BATCH_KEYS, as_batch
from indl_vae.data.dataset import Dataset
from indl_vae.data.hdf5_write import write_dataset, write_hdf5
from indl_vae.data.heldout import encoder_mask
from indl_vae.data.inspection import DataSummary, inspect_data
from indl_vae.data.inspection_text import render_summary
from indl_vae.data.load import load_dataset, load_for
from indl_vae.data.ragged import length_mask, pad_trials, unpad_trials
from indl_vae.data.split import Split
from indl_vae.data.visible import visible_mask

__all__ = [
    "BATCH_KEYS",
    "DataSummary",
    "Dataset",
    "Split",
    "as_batch",
    "encoder_mask",
    "inspect_data",
    "length_mask",
    "load_dataset",
    "load_for",
    "pad_trials",
    "render_summary",
    "unpad_trials",
    "visible_mask",
    "write_dataset",
    "write_hdf5",
]
