"""What goes in: readers, checks, splits and masks. No TensorFlow is loaded before `Split.batches`."""

from __future__ import annotations

from indl_vae.data.batch import BATCH_KEYS, as_batch
from indl_vae.data.dataset import Dataset
from indl_vae.data.hdf5_write import write_dataset, write_hdf5
from indl_vae.data.heldout import encoder_mask
from indl_vae.data.inspection import DataSummary, inspect_data
from indl_vae.data.inspection_text import render_summary
from indl_vae.data.load import load_dataset, load_for
from indl_vae.data.loaders import load_by_name, register_loader
from indl_vae.data.merge_windows import merge, merge_posterior
from indl_vae.data.nwb_read import load_nwb
from indl_vae.data.ragged import length_mask, pad_trials, unpad_trials
from indl_vae.data.recording import WindowedDataset, dataset_from_recording
from indl_vae.data.region_dataset import dataset_of_regions
from indl_vae.data.region_trials import RegionTrials
from indl_vae.data.resample import resample_to_bins
from indl_vae.data.spike_times import bin_spike_times, dataset_from_spike_times
from indl_vae.data.split import Split
from indl_vae.data.split_trials import split_trials
from indl_vae.data.trial_bins import TrialBins, bins_around, bins_between
from indl_vae.data.visible import visible_mask
from indl_vae.data.windows import Windows, cut
from indl_vae.data.worms import (
    WormChannels,
    WormSet,
    load_lab_worms,
    load_worm_wide_web,
    load_worms,
    worm_dataset,
    write_worms,
)

__all__ = [
    "BATCH_KEYS",
    "DataSummary",
    "Dataset",
    "RegionTrials",
    "Split",
    "TrialBins",
    "WindowedDataset",
    "Windows",
    "WormChannels",
    "WormSet",
    "as_batch",
    "bin_spike_times",
    "bins_around",
    "bins_between",
    "cut",
    "dataset_from_recording",
    "dataset_from_spike_times",
    "dataset_of_regions",
    "encoder_mask",
    "inspect_data",
    "length_mask",
    "load_by_name",
    "load_dataset",
    "load_for",
    "load_lab_worms",
    "load_nwb",
    "load_worm_wide_web",
    "load_worms",
    "merge",
    "merge_posterior",
    "pad_trials",
    "register_loader",
    "render_summary",
    "resample_to_bins",
    "split_trials",
    "unpad_trials",
    "visible_mask",
    "worm_dataset",
    "write_dataset",
    "write_hdf5",
    "write_worms",
]
