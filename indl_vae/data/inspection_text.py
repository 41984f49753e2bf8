"""A data summary as text for a terminal."""

from __future__ import annotations

from indl_vae.data.inspection import DataSummary, SessionSummary, SplitSummary


def render_summary(summary: DataSummary) -> str:
    """Returns the summary as plain text, a block per session, ending in a newline."""
    head = [f"{len(summary.sessions)} sessions"] if len(summary.sessions) > 1 else []
    together = [f"together: do not load: {summary.problem}" if summary.problem else "together: load as one data set"]
    blocks = [*head, *(_render_session(session) for session in summary.sessions), *(together if head else [])]
    return "\n\n".join(blocks) + "\n"


def _render_session(session: SessionSummary) -> str:
    width = "unknown (pass bin_width_s)" if session.bin_width_s is None else f"{session.bin_width_s:g} s"
    lines = [session.path, f"  SHA-256    {session.sha256}", f"  bin width  {width}"]
    lines += [f"  {'' if i else 'holds':<9}  {note}" for i, note in enumerate(session.notes)]
    lines += ["  arrays"] if session.arrays else []
    name_width = max((len(array.key) for array in session.arrays), default=0)
    for array in session.arrays:
        nan = f"  {array.n_nan} NaN" if array.n_nan else ""
        lines.append(f"    {array.key:<{name_width}}  {array.dtype:<8} {_shape(array.shape)}{nan}")
    for split in session.splits:
        lines += _render_split(split, session.likelihood)
    if session.ignored:
        lines.append(f"  not read   {', '.join(session.ignored)}")
    lines += [f"  warning    {warning}" for warning in session.warnings]
    verdict = f"does not load: {session.problem}" if session.problem else f"loads (likelihood {session.likelihood})"
    return "\n".join([*lines, f"  {verdict}"])


def _shape(shape: tuple[int, ...]) -> str:
    return "(" + ", ".join(str(size) for size in shape) + ")"


def _render_split(split: SplitSummary, likelihood: str) -> list[str]:
    noun = "counts" if likelihood == "poisson" else "value"
    low, high = split.channel_range
    rate = "" if split.mean_hz is None else f" = {split.mean_hz:.3g} Hz"
    size = f"{split.n_trials} trials x {split.n_bins} bins x {split.n_channels} channels"
    lines = [
        f"  {split.name:<9}  {size}; mean {noun} per bin {split.mean_per_bin:.4g}{rate}, channels {low:.3g} to "
        f"{high:.3g}"
    ]
    return lines + [f"    suspicious  {remark}" for remark in split.suspicious]
