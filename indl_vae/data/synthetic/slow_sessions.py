"""Segments of sequences: some of what drives them stays for a sequence, some changes from segment to segment."""

from __future__ import annotations

import numpy as np

from indl_vae.data.synthetic.registry import SYNTHETIC
from indl_vae.data.synthetic.synthetic_set import SyntheticSet
from indl_vae.errors import ConfigError

#: Size of the mean m of a sequence and of the state u of a segment, and the variance of u.
DIM, STATE_VARIANCE = 4, 0.5
#: Deviation of the loadings; log of the expected count per bin where m and u are 0, and its deviation over channels.
LOADING_STD, BASE, BASE_STD = 0.35, -0.3, 0.4


@SYNTHETIC.register("slow_sessions")
def slow_sessions(
    seed: int = 0,
    n_sequences: int = 40,
    n_segments: int = 16,
    n_channels: int = 30,
    n_bins: int = 20,
    n_test_sequences: int = 8,
    n_valid_segments: int = 3,
    bin_width_s: float = 0.01,
) -> SyntheticSet:
    """Makes the slow-sessions set: log rate = A m + B u + base, m of the sequence, u of the segment; Poisson counts.

    m ~ N(0, I_4), u ~ N(0, 0.5 I_4); a trial is a segment. The test split holds sequences that no other split has.

    Args:
        seed: Seed of everything random.
        n_sequences: Sequences.
        n_segments: Segments, that is trials, of each.
        n_channels: Channels N.
        n_bins: Bins T of a segment.
        n_test_sequences: Sequences that make the test split.
        n_valid_segments: Last segments of each other sequence that validate.
        bin_width_s: Width of a bin in seconds.

    Returns:
        Counts, `*_truth` in Hz, `*_sequence_id` (B,), and `*_latent` (B, T, 8): m, then u, the same in all bins.

    Raises:
        ConfigError: Sequences or segments leave a split empty.
    """
    if not 0 < n_test_sequences < n_sequences:
        raise ConfigError(
            f"n_test_sequences: {n_test_sequences} of {n_sequences} sequences, expected some but not all."
        )
    if not 0 < n_valid_segments < n_segments:
        raise ConfigError(f"n_valid_segments: {n_valid_segments} of {n_segments} segments, expected some but not all.")
    rng = np.random.default_rng(seed)
    m = rng.normal(size=(n_sequences, DIM)).repeat(n_segments, axis=0)
    u = np.sqrt(STATE_VARIANCE) * rng.normal(size=(n_sequences * n_segments, DIM))
    a, b = LOADING_STD * rng.normal(size=(2, DIM, n_channels))
    counts = np.exp(m @ a + u @ b + BASE + BASE_STD * rng.normal(size=n_channels))
    rates = np.repeat(counts[:, None], n_bins, axis=1)
    sequence = np.arange(n_sequences).repeat(n_segments)
    fields = {
        "data": rng.poisson(rates).astype(np.int32),
        "truth": (rates / bin_width_s).astype(np.float32),
        "latent": np.repeat(np.concatenate([m, u], axis=1)[:, None], n_bins, axis=1).astype(np.float32),
        "sequence_id": sequence,
        "inds": np.arange(len(sequence)),
    }
    tested = sequence >= n_sequences - n_test_sequences
    late = np.tile(np.arange(n_segments) >= n_segments - n_valid_segments, n_sequences)
    rows = {"train": ~tested & ~late, "valid": ~tested & late, "test": tested}
    arrays = {f"{split}_{key}": value[chosen] for split, chosen in rows.items() for key, value in fields.items()}
    return SyntheticSet("slow_sessions", {"": arrays}, bin_width_s)
