"""Neural Latents Benchmark (Pei et al. 2021): submission files, target files and their scores, in numpy."""

from __future__ import annotations

from indl_vae.analysis.nlb.files import read_submission, read_target, write_submission
from indl_vae.analysis.nlb.interval import interval_correlation
from indl_vae.analysis.nlb.names import DATASETS, check_name, group_name
from indl_vae.analysis.nlb.psth import psth_r2
from indl_vae.analysis.nlb.rates import check_submission
from indl_vae.analysis.nlb.scoring import SCORES, score_submission
from indl_vae.analysis.nlb.submission import submission, submission_of_rates
from indl_vae.analysis.nlb.target import target_of
from indl_vae.analysis.nlb.velocity import velocity_r2

__all__ = [
    "DATASETS",
    "SCORES",
    "check_name",
    "check_submission",
    "group_name",
    "interval_correlation",
    "psth_r2",
    "read_submission",
    "read_target",
    "score_submission",
    "submission",
    "submission_of_rates",
    "target_of",
    "velocity_r2",
    "write_submission",
]
