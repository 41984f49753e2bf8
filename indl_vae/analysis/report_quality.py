"""The part of a report that says which trials and which channels are reconstructed well."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from indl_vae.analysis import html
from indl_vae.analysis.html import Cell
from indl_vae.analysis.trial_quality import TrialQuality

#: Trials listed.
N_WORST = 8


def trial_parts(quality: TrialQuality) -> list[str]:
    """Returns how many trials the mean rates predict better than the model, and a table of the worst ones."""
    if not math.isfinite(quality.share_worse):
        return []
    scores = quality.bits_per_spike
    rows = [
        [Cell(str(int(quality.inds[trial]))), *(Cell(html.number(float(v)), "number") for v in values)]
        for trial in quality.worst(N_WORST)
        for values in [(scores[trial], quality.n_spikes[trial], quality.nll[trial])]
    ]
    words = (
        f"Of {len(quality.inds)} trials, {100 * quality.share_worse:.3g} % are predicted worse than by the mean rate "
        "of each channel. The lowest bits per spike, over the channels and bins that the model sees:"
    )
    header = [Cell("trial"), *(Cell(name, "number") for name in ("bits per spike", "spikes", "nll"))]
    return [f"<p>{html.text(words)}</p>", html.table(header, rows)]


def group_parts(groups: Mapping[str, Mapping[str, Any]] | None) -> list[str]:
    """Returns a table of bits per spike by group of channels; nothing without groups."""
    if not groups:
        return []
    keys = list(dict.fromkeys(key for scores in groups.values() for key in scores))
    rows = [
        [Cell(name.replace("_", " ")), *(Cell(html.number(scores.get(key)), "number") for key in keys)]
        for name, scores in groups.items()
    ]
    header = [Cell(""), *(Cell(key.replace("_", " "), "number") for key in keys)]
    return ["<p>Bits per spike by group of channels.</p>", html.table(header, rows)]
