"""Which HDF5 keys hold what: the one table that reading, writing and inspecting share."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

SPLITS = ("train", "valid", "test")
#: Keys that belong to a whole session rather than to a split.
SESSION_KEYS = (
    "conversion_factor",
    "region_sizes",
    "alignment_matrix_cxf",
    "alignment_bias_c",
    "readin_weight",
    "readout_bias",
)
#: Keys of a file that leaves the division into splits to who reads it: all trials, their inputs, their lengths.
TRIAL_KEYS = ("ys", "us", "lengths")
#: Session keys that tie the channels of one session to those of others, with the number of their axes (channels first).
ALIGNMENT_KEYS = {"alignment_matrix_cxf": 2, "alignment_bias_c": 1, "readin_weight": 2, "readout_bias": 1}


@dataclass(frozen=True)
class Field:
    """One thing a split may hold.

    Attributes:
        templates: File keys with `{}` for the split's name, the preferred one first; the others are older spellings.
        axes: The shapes it may have, named by axis: trials B, bins T, channels N, anything K.
        integer: Whether values are whole numbers.
    """

    templates: tuple[str, ...]
    axes: tuple[str, ...]
    integer: bool = False

    @property
    def ranks(self) -> tuple[int, ...]:
        """Numbers of axes allowed."""
        return tuple(len(axes) for axes in self.axes)


FIELDS = {
    "x": Field(("{}_data", "{}_recon_data"), ("BTN",)),
    "encod": Field(("{}_encod_data",), ("BTN",)),
    "truth": Field(("{}_truth",), ("BTN",)),
    "mask": Field(("{}_mask",), ("BT", "BTN")),
    "lengths": Field(("{}_length",), ("B",), integer=True),
    "ext_input": Field(("{}_ext_input",), ("BTK",)),
    "condition": Field(("{}_condition", "condition_labels_{}"), ("B",), integer=True),
    "behavior": Field(("{}_behavior",), ("BT", "BTK")),
    "inds": Field(("{}_inds",), ("B",), integer=True),
    "sequence_id": Field(("{}_sequence_id",), ("B",), integer=True),
    "start": Field(("{}_start",), ("B",), integer=True),
    "identity": Field(("{}_identity",), ("BN",), integer=True),
    "static_label": Field(("{}_static_label",), ("B", "BK")),
    "dynamic_label": Field(("{}_dynamic_label",), ("BT", "BTK")),
    "latent": Field(("{}_latent", "{}_lowd"), ("BTK",)),
    "input_truth": Field(("{}_input_truth", "input_{}_truth"), ("BTK",)),
    "messages": Field(("{}_messages",), ("BTKKK",)),
}
#: Fields of `FIELDS` that a split keeps under `extras`.
EXTRAS = ("sequence_id", "start", "static_label", "dynamic_label", "latent", "input_truth", "messages")


def find_key(keys: Collection[str], split: str, field: str) -> str | None:
    """Returns the key under which `keys` hold `field` of `split`, or None."""
    candidates = (template.format(split) for template in FIELDS[field].templates)
    return next((key for key in candidates if key in keys), None)


def is_known(key: str) -> bool:
    """Whether the library reads `key` of a file with splits; every other key is left alone."""
    return key in SESSION_KEYS or key in _KNOWN_SPLIT_KEYS


def known_keys(keys: Iterable[str]) -> tuple[str, ...]:
    """Returns those of a file's keys that are read, in their order; `TRIAL_KEYS` where it holds no split's values."""
    keys = tuple(keys)
    divided = any(find_key(keys, split, field) for split in SPLITS for field in ("x", "encod"))
    return tuple(key for key in keys if is_known(key) or (key in TRIAL_KEYS and not divided))


_KNOWN_SPLIT_KEYS = frozenset(
    template.format(split) for field in FIELDS.values() for template in field.templates for split in SPLITS
)
