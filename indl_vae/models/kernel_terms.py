"""L2 terms of the recurrent kernels of a model's parts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import keras

from indl_vae.errors import ConfigError
from indl_vae.models.recurrent_kernels import recurrent_kernels
from indl_vae.models.term import Term
from indl_vae.params import TermsGroup, narrow


class KernelTerms(NamedTuple):
    """L2 terms.

    Attributes:
        terms: By name, "l2_<part>".
        kernels: Returns the kernels that each of them penalises.
    """

    terms: dict[str, Term]
    kernels: Callable[[], dict[str, list[Any]]]


def kernel_terms(params: Any, core: keras.Model, parts: Mapping[str, Sequence[str]]) -> KernelTerms:
    """Returns the L2 terms that the parameters ask for.

    Args:
        params: Reads `l2_<part>_scale` and `l2_biases`.
        core: The wired model.
        parts: Names of the recurrent layers of each part.

    Raises:
        ConfigError: A part without a recurrent layer is to be penalised.
    """
    group = narrow(TermsGroup, params)
    chosen = {part: names for part, names in parts.items() if group[f"l2_{part}_scale"] > 0}
    for part, names in chosen.items():
        if not names:
            raise ConfigError(
                f"l2_{part}_scale: expected 0, got {group[f'l2_{part}_scale']:g}; this model's {part} part has no "
                "recurrent layer. Set it to 0."
            )
    terms = {f"l2_{part}": Term(group[f"l2_{part}_scale"], "l2", name=f"l2_{part}") for part in chosen}

    def kernels() -> dict[str, list[Any]]:
        return {
            f"l2_{part}": [k for name in names for k in recurrent_kernels(core.get_layer(name), group.l2_biases)]
            for part, names in chosen.items()
        }

    return KernelTerms(terms, kernels)
