"""Whole-brain activity of worms: animals with different neurons, of which some have been identified."""

from __future__ import annotations

from indl_vae.data.worms.lab_layout import load_lab_worms
from indl_vae.data.worms.normalise import NORMALISATIONS, WormScalers
from indl_vae.data.worms.recording import WormRecording
from indl_vae.data.worms.splits import split_animals, split_time
from indl_vae.data.worms.windows import WormWindows, cut_worms
from indl_vae.data.worms.worm_channels import WormChannels
from indl_vae.data.worms.worm_dataset import worm_dataset
from indl_vae.data.worms.worm_file import load_worms
from indl_vae.data.worms.worm_file_write import write_worms
from indl_vae.data.worms.worm_options import WormOptions
from indl_vae.data.worms.worm_set import UNKNOWN, WormSet
from indl_vae.data.worms.worm_wide_web import load_worm_wide_web

__all__ = [
    "NORMALISATIONS",
    "UNKNOWN",
    "WormChannels",
    "WormOptions",
    "WormRecording",
    "WormScalers",
    "WormSet",
    "WormWindows",
    "cut_worms",
    "load_lab_worms",
    "load_worm_wide_web",
    "load_worms",
    "split_animals",
    "split_time",
    "worm_dataset",
    "write_worms",
]
