"""What f and z each tell of a static and of a dynamic label, and how much of it they should not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from indl_vae.analysis.disentanglement.linear_probe import chance_level, linear_probe
from indl_vae.errors import DataError


class CodeSet(NamedTuple):
    """Codes of one split with the labels of its sequences.

    Attributes:
        f: `(B, D)` static codes, posterior means for instance.
        z: `(B, T, D)` dynamic codes.
        static: `(B,)` label of what stays the same in a sequence.
        dynamic: `(B,)` label of what happens in it.
    """

    f: np.ndarray
    z: np.ndarray
    static: np.ndarray
    dynamic: np.ndarray


@dataclass(frozen=True)
class ProbeTable:
    """Accuracies of linear probes on the test sequences, each from 0 to 1.

    Where f and z are apart, `f_static` and `z_dynamic` are high, and the others are near chance.

    Attributes:
        f_static: Static label from f.
        z_mean_static: Static label from the mean of z over time.
        z_static: Static label from the whole sequence of z.
        f_dynamic: Dynamic label from f.
        z_mean_dynamic: Dynamic label from the mean of z over time.
        z_dynamic: Dynamic label from the whole sequence of z.
        static_chance: Share of the most frequent static label of the test sequences.
        dynamic_chance: The same for the dynamic label.
    """

    f_static: float
    z_mean_static: float
    z_static: float
    f_dynamic: float
    z_mean_dynamic: float
    z_dynamic: float
    static_chance: float
    dynamic_chance: float


class Leakage(NamedTuple):
    """What a latent tells that it should not: 0 = no better than chance, 1 = everything.

    Attributes:
        static_in_z: Of the static label in z, the better of the probes of its mean and its sequence.
        dynamic_in_f: Of the dynamic label in f.
    """

    static_in_z: float
    dynamic_in_f: float


def probe_table(train: CodeSet, test: CodeSet) -> ProbeTable:
    """Probes f, the mean of z over time and the sequence of z for the static and for the dynamic label.

    Args:
        train: Codes that the probes are trained on.
        test: Codes of other sequences, which are scored. With several static attributes call once for each.

    Raises:
        DataError: If f has not two axes or z three, and as `linear_probe` does.
    """
    views = {
        "f": _views(train, test, "f"),
        "z_mean": _views(train, test, "z", mean=True),
        "z": _views(train, test, "z"),
    }
    accuracies = {
        f"{view}_{label}": linear_probe(codes[0], getattr(train, label), codes[1], getattr(test, label))
        for label in ("static", "dynamic")
        for view, codes in views.items()
    }
    return ProbeTable(**accuracies, static_chance=chance_level(test.static), dynamic_chance=chance_level(test.dynamic))


def leakage(table: ProbeTable) -> Leakage:
    """Returns by how much z tells the static and f the dynamic label beyond chance: (accuracy - chance) / (1 - chance).

    Probes of few test sequences scatter about 0, below it as well as above.

    Raises:
        DataError: If all test sequences have the same label, so that there is nothing beyond chance.
    """
    static = max(table.z_mean_static, table.z_static)
    return Leakage(
        _beyond_chance("static", static, table.static_chance),
        _beyond_chance("dynamic", table.f_dynamic, table.dynamic_chance),
    )


def _beyond_chance(label: str, accuracy: float, chance: float) -> float:
    if not chance < 1.0:
        raise DataError(
            f"leakage: expected test sequences of at least two {label} labels, got a chance level of {chance:g}. "
            "Test on sequences that differ in this label."
        )
    return (accuracy - chance) / (1.0 - chance)


def _views(train: CodeSet, test: CodeSet, latent: str, mean: bool = False) -> tuple[np.ndarray, np.ndarray]:
    shape = {"f": "(sequences, dimensions)", "z": "(sequences, bins, dimensions)"}[latent]
    codes = tuple(np.asarray(getattr(split, latent), dtype=np.float64) for split in (train, test))
    for name, array in zip(("train", "test"), codes, strict=True):
        if array.ndim != shape.count(",") + 1 or array.size == 0:
            raise DataError(
                f"{name}.{latent}: expected an array of shape {shape} that is not empty, got {array.shape}. "
                "f is one vector a sequence, z one a bin."
            )
    return (codes[0].mean(axis=1), codes[1].mean(axis=1)) if mean else (codes[0], codes[1])
