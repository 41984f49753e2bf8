"""A data set: its splits, its units and where it came from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from indl_vae.data.sequences import rows_of
from indl_vae.data.split import Split
from indl_vae.typing import DataSpec, SessionSpec

if TYPE_CHECKING:
    from indl_vae.data.worms.worm_channels import WormChannels


@dataclass(frozen=True, eq=False)
class Dataset:
    """One session's splits, checked.

    Attributes:
        train: Trials to train on (None only where it was not asked for).
        valid: Trials to validate on.
        test: Trials to test on, or None.
        source: Path of the file, or "memory".
        bin_width_s: Width of a bin in seconds, or None when unknown.
        sha256: SHA-256 of the source, in hexadecimal.
        truth_note: How the truth was turned into expected counts per bin, or why there is none.
        heldout_channels: The last channels that the file keeps from the encoder (lfads-torch files), else 0.
        heldout_bins: The last bins that the file keeps from the encoder, else 0.
        region_sizes: Channels of each region, in order, or None.
        alignment: Session alignment arrays by file key (`alignment_matrix_cxf` (N, F), `alignment_bias_c` (N,),
            `readin_weight` (N, P), `readout_bias` (N,)).
        ignored: Keys of the source that were not read.
        parts: The sessions by name, as they are without the others; empty for a data set of one session.
        places: The sessions of the model that the data are for, in its order.
        worms: Of recordings of worms: animals, labels, and scales of their neurons.
    """

    train: Split
    valid: Split
    test: Split | None = None
    source: str = "memory"
    bin_width_s: float | None = None
    sha256: str = ""
    truth_note: str = ""
    heldout_channels: int = 0
    heldout_bins: int = 0
    region_sizes: tuple[int, ...] | None = None
    alignment: Mapping[str, np.ndarray] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()
    parts: Mapping[str, Dataset] = field(default_factory=dict)
    places: tuple[SessionSpec, ...] = ()
    worms: WormChannels | None = None

    @classmethod
    def from_arrays(
        cls,
        train: Any,
        valid: Any = None,
        test: Any = None,
        *,
        likelihood: str = "poisson",
        missing: str = "error",
        bin_width_s: float | None = None,
        n_levels: int | None = None,
        region_sizes: Sequence[int] | None = None,
    ) -> Dataset:
        """Makes a data set of arrays in memory.

        Args:
            train: An array `(B, T, N)`, a list of trials `(T_i, N)` of any lengths, or a dict with "x" (either of
                these) and any of truth (expected counts per bin), mask, ext_input, condition, behavior, inds, lengths,
                sequence_id, static_label, dynamic_label, latent; lists of trials are padded at their ends.
            valid: The same for validation; None if there is none.
            test: The same for testing.
            likelihood: As for `load_dataset`.
            missing: As for `load_dataset`.
            bin_width_s: Width of a bin in seconds.
            n_levels: As for `load_dataset`.
            region_sizes: Channels of each region, in the order of the channels; they add up to N.

        Returns:
            The data set; trials of different lengths come with a mask.

        Raises:
            DataError: As `load_dataset`, with "memory" in place of the file's name.
        """
        from indl_vae.data.assemble import assemble
        from indl_vae.data.from_arrays import session_of

        given = {"train": train, "valid": valid, "test": test}
        present = {name: value for name, value in given.items() if value is not None}
        session = session_of(present, region_sizes)
        return assemble(
            session,
            tuple(present),
            likelihood=likelihood,
            missing=missing,
            bin_width_s=bin_width_s,
            n_levels=n_levels,
        )

    def __repr__(self) -> str:
        sessions = f", sessions {', '.join(self.parts)}" if self.parts else ""
        width = "unknown" if self.bin_width_s is None else f"{self.bin_width_s:g} s"
        return f"Dataset({', '.join(map(repr, self.splits.values()))}; bin width {width}{sessions}; from {self.source})"

    @property
    def splits(self) -> dict[str, Split]:
        """The splits that there are, by name."""
        named = {"train": self.train, "valid": self.valid, "test": self.test}
        return {name: split for name, split in named.items() if split is not None}

    @property
    def spec(self) -> DataSpec:
        """What a model must know to be built; n_bins is None where the splits differ in it."""
        splits = list(self.splits.values())
        first = splits[0]
        n_bins = first.n_bins if all(split.n_bins == first.n_bins for split in splits) else None
        ext_input_dim = 0 if first.ext_input is None else first.ext_input.shape[2]
        places = self.places
        if not places and _aligned(self.alignment):
            places = (self.place(""),)
        n_sequences = 0 if self.train is None else len(np.unique(rows_of(self.train)))
        regions = self.region_sizes or ()
        return DataSpec(
            first.n_channels, n_bins, ext_input_dim, self.bin_width_s, places, n_sequences, regions, self.n_identities
        )

    @property
    def n_identities(self) -> int:
        """Number of identities of channels, unknown ones (0) counted as one; 0 without any.

        Where there is a list of labels, these count, whether they occur in the splits or not.
        """
        if self.worms is not None:
            return len(self.worms.labels)
        named = [split.identity for split in self.splits.values() if split.identity is not None]
        return 1 + int(max(one.max(initial=0) for one in named)) if named else 0

    def place(self, name: str) -> SessionSpec:
        """Returns what a model has to know of this data set as one of its sessions."""
        n_channels = next(iter(self.splits.values())).n_channels
        return SessionSpec(name, n_channels, _aligned(self.alignment))

    def info(self) -> dict[str, Any]:
        """Returns source, checksum, units and sizes as plain values, for the run folder's data.json."""
        return {
            "source": self.source,
            "sha256": self.sha256,
            "bin_width_s": self.bin_width_s,
            "truth": self.truth_note,
            "scalers": {} if self.worms is None else self.worms.to_dict(),
            "heldout_channels": self.heldout_channels,
            "heldout_bins": self.heldout_bins,
            "region_sizes": None if self.region_sizes is None else list(self.region_sizes),
            "splits": {name: split.info() for name, split in self.splits.items()},
            "sessions": {name: part.info() for name, part in self.parts.items()},
        }


def _aligned(alignment: Mapping[str, np.ndarray]) -> int:
    """Returns the width of the space that alignment matrices lead to, 0 without one."""
    matrices = [alignment[key] for key in ("alignment_matrix_cxf", "readin_weight") if key in alignment]
    return matrices[0].shape[1] if matrices else 0
