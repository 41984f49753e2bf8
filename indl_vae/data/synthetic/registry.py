"""The synthetic data sets by name."""

from __future__ import annotations

from indl_vae.registry import Registry

#: Functions `(seed, **options) -> SyntheticSet`; names with underscores.
SYNTHETIC = Registry("synthetic data set")
#: File stems of the original scripts that differ from the set's name here.
OLDER_STEMS = ("chaotic_rnn_no_inputs_gaussian",)


def known_stems() -> tuple[str, ...]:
    """Returns the stems of files that belong to a known set, so that none is taken for a session of another."""
    return SYNTHETIC.names() + OLDER_STEMS
