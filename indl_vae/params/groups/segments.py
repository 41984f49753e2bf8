"""Segments of sequences, and what is the same in all segments of one."""

from __future__ import annotations

from indl_vae.params.field import param
from indl_vae.params.groups.shared import SeedGroup


class SegmentsGroup(SeedGroup):
    """Parameters of the segments that sequences are cut into."""

    segment_length: int = param(20, "Length of a segment.", unit="bins", ge=1, tune=True, search=(10, 20, 40))
    segment_shift: int = param(
        8, "Bins from the start of one training segment to that of the next.", unit="bins", ge=1, aliases=("seg_shift",)
    )
    random_segments: bool = param(
        True,
        "Whether training segments start anywhere, anew in every pass, rather than every segment_shift bins; there are "
        "as many.",
        aliases=("rand_seg",),
    )


class SequenceMeansGroup(SeedGroup):
    """Parameters of the means of sequences."""

    n_means: int = param(
        5000,
        "Sequences of a pass, and rows of the table of their means. When there are more, each pass draws that many and "
        "their rows are filled with estimates (hierarchical sampling): cost and memory do not grow with the data.",
        ge=1,
        aliases=("nmu2",),
    )
    mean_prior_std: float = param(1.0, "Standard deviation of a sequence's mean around 0.", gt=0.0)
    f_given_mean_std: float = param(0.5, "Standard deviation of a segment's f around its sequence's mean.", gt=0.0)
    mean_prior_weight: float = param(
        1.0, "Weight of -log p(mean) divided by the segments of the sequence.", ge=0.0, live=True
    )
    discriminative_weight: float = param(
        10.0,
        "Weight of -log q(sequence | f): each segment's f has to tell its sequence from the others of the table.",
        ge=0.0,
        tune=True,
        search=(0.1, 100.0, "log"),
        live=True,
        aliases=("alpha_dis", "alpha"),
    )
