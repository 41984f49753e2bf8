"""From raw arrays to a checked Dataset: the checks in their order, split by split."""

from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np

from indl_vae.data.dataset import Dataset
from indl_vae.data.keys import ALIGNMENT_KEYS, find_key
from indl_vae.data.observed import Observed, read_observed
from indl_vae.data.sequences import number_sequences
from indl_vae.data.session import RawSession
from indl_vae.data.side_arrays import read_side_arrays
from indl_vae.data.split import Split
from indl_vae.data.suspicions import warn_about
from indl_vae.data.truth import truth_scale
from indl_vae.data.validate import check_axes, check_finite, to_float32, to_int64
from indl_vae.errors import ConfigError, DataError


def assemble(
    session: RawSession,
    splits: tuple[str, ...],
    *,
    likelihood: str = "poisson",
    missing: str = "error",
    bin_width_s: float | None = None,
    n_levels: int | None = None,
) -> Dataset:
    """Checks a session's arrays and makes a Dataset of them.

    Args:
        session: The raw arrays.
        splits: Splits to make; each must be there.
        likelihood: Decides which values are possible.
        missing: "error" or "mask", what to do with NaN.
        bin_width_s: Bin width in seconds; goes before the file's attribute.
        n_levels: Number of levels, for data of levels (likelihood "ordinal" or "categorical"); None if unknown.

    Returns:
        The Dataset.

    Raises:
        ConfigError: An argument is out of its range.
        DataError: The data do not pass a check.
    """
    if missing not in ("error", "mask"):
        raise ConfigError(
            f"missing: {missing!r}, expected 'error' (NaN is refused) or 'mask' (NaN counts as not observed)."
        )
    if n_levels is not None and n_levels < 2:
        raise ConfigError(f"n_levels: {n_levels!r}, expected at least 2, or None to take any whole level.")
    width = _bin_width(session, bin_width_s)
    scale, note = truth_scale(session, width)
    if scale is None and note.startswith("truth"):
        warnings.warn(f"{session.source}: {note}; scores against the truth will be empty.", UserWarning, stacklevel=3)
    observed = {name: read_observed(session, name, likelihood, missing, n_levels) for name in splits}
    made = {name: _make_split(session, name, part, scale, likelihood) for name, part in observed.items()}
    made = _number_trials(session, _same_structure(made, session.source))
    widest = max(observed.values(), key=lambda part: (part.heldout_channels, part.heldout_bins))
    n_channels = next(iter(made.values())).n_channels
    dataset = Dataset(
        train=made.get("train"),
        valid=made.get("valid"),
        test=made.get("test"),
        source=session.source,
        bin_width_s=width,
        sha256=session.sha256,
        truth_note=note,
        heldout_channels=widest.heldout_channels,
        heldout_bins=widest.heldout_bins,
        region_sizes=_region_sizes(session, n_channels),
        alignment=_alignment(session, n_channels),
        ignored=session.ignored,
        worms=session.worms,
    )
    warn_about(dataset, likelihood)
    return number_sequences(dataset)


def _bin_width(session: RawSession, argument: float | None) -> float | None:
    if argument is not None and not (np.isfinite(argument) and argument > 0):
        raise ConfigError(f"bin_width_s: {argument!r}, expected seconds above 0 (10 ms bins: 0.01).")
    stored = session.bin_width_s
    if argument is None and stored is not None and not (np.isfinite(stored) and stored > 0):
        raise DataError(
            f"{session.source}: attribute bin_width_s: {stored!r}, expected seconds above 0; pass bin_width_s or "
            "correct it."
        )
    width = argument if argument is not None else stored
    return None if width is None else float(width)


def _make_split(session: RawSession, name: str, part: Observed, scale: float | None, likelihood: str) -> Split:
    side = read_side_arrays(session, name, part, scale, likelihood)
    return Split(name=name, x=part.x, mask=part.mask, lengths=part.lengths, **side)


def _same_structure(splits: dict[str, Split], source: str) -> dict[str, Split]:
    """Checks that the splits agree in their widths, and gives all a mask where one has it."""
    first = next(iter(splits.values()))
    for name, split in splits.items():
        if split.n_channels != first.n_channels:
            raise DataError(
                f"{source}: {name} has {split.n_channels} channels, {first.name} has {first.n_channels}; "
                "all splits must hold the same channels in the same order."
            )
        widths = [0 if part.ext_input is None else part.ext_input.shape[2] for part in (first, split)]
        if widths[0] != widths[1]:
            raise DataError(
                f"{source}: {name}_ext_input has {widths[1]} dims, {first.name}_ext_input has {widths[0]} "
                "(0: not there); give every split the same external input."
            )
    if all(split.mask is None for split in splits.values()):
        return splits
    return {
        name: split if split.mask is not None else replace(split, mask=np.ones_like(split.x))
        for name, split in splits.items()
    }


def _number_trials(session: RawSession, splits: dict[str, Split]) -> dict[str, Split]:
    """Numbers the trials of splits without `*_inds`, from where the splits before them end."""
    numbered, start = {}, 0
    for name, split in splits.items():
        if find_key(session.arrays, name, "inds") is None:
            split = replace(split, inds=np.arange(start, start + split.n_trials, dtype=np.int64))
        numbered[name] = split
        start = max(start, int(split.inds.max()) + 1)
    return numbered


def _region_sizes(session: RawSession, n_channels: int) -> tuple[int, ...] | None:
    if "region_sizes" not in session.arrays:
        return None
    place = f"{session.source}: region_sizes"
    sizes = to_int64(session.arrays["region_sizes"].reshape(-1), place)
    if (sizes < 1).any() or int(sizes.sum()) != n_channels:
        raise DataError(
            f"{place}: {sizes.tolist()[:20]}, expected positive sizes that sum to {n_channels} channels; correct it."
        )
    return tuple(int(size) for size in sizes)


def _alignment(session: RawSession, n_channels: int) -> dict[str, np.ndarray]:
    found = {}
    for key, rank in ALIGNMENT_KEYS.items():
        if key in session.arrays:
            place = f"{session.source}: {key}"
            found[key] = to_float32(session.arrays[key])
            check_axes(found[key], ("NK"[:rank],), {"N": n_channels}, place)
            check_finite(found[key], place, "correct or remove the key")
    return found
