"""What recordings of worms hold, in lines for people."""

from __future__ import annotations

import numpy as np

from indl_vae.data.worms.recording import WormRecording
from indl_vae.data.worms.worm_set import WormSet


def describe_worms(worms: WormSet) -> tuple[str, ...]:
    """Returns a line on all animals, one on the behaviours, and one for each animal."""
    all_of = list(worms.recordings.values())
    known = np.unique(np.concatenate([one.identity[one.identity > 0] for one in all_of]))
    lines = [
        f"{len(all_of)} animals, {worms.n_identities - 1} labels, of which {len(known)} occur",
        f"behaviours: {', '.join(_behaviors(worms))}",
    ]
    return (*lines, *(_animal(one, worms.behavior_names) for one in all_of))


def _behaviors(worms: WormSet) -> list[str]:
    return [
        f"{name} (divided by {divisor:.4g})"
        for name, divisor in zip(worms.behavior_names, worms.behavior_divisor, strict=True)
    ]


def _animal(one: WormRecording, names: tuple[str, ...]) -> str:
    dt = "" if one.dt is None else f" of {one.dt:.4g} s"
    labeled = int((one.identity > 0).sum())
    used = [f"{start} to {stop - 1}" for start, stop in one.segments]
    parts = [
        f"{one.uid}: {one.n_frames} frames{dt} (segments {', '.join(used) or 'none'})",
        f"{one.n_neurons} neurons, {labeled} labelled",
    ]
    if one.mask.min() < 1:
        parts.append(f"{1 - float(one.mask.mean()):.1%} of the activity missing")
    shares = one.behavior_mask.mean(0)
    parts += [f"{1 - share:.1%} of {name} missing" for name, share in zip(names, shares, strict=True) if share < 1]
    return "; ".join(parts)
