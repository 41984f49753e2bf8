"""Whether a sequence decoded from f of one and z of another follows each in what it should."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from indl_vae.analysis.disentanglement.judge import Judge
from indl_vae.analysis.disentanglement.labels import as_labels, check_same_attributes, shares


class SwapScores(NamedTuple):
    """Shares from 0 to 1 of the swapped sequences; `(K,)` arrays where labels have K attributes.

    Attributes:
        static: Share judged to have the static label of the donor of f.
        dynamic: Share judged to have the dynamic label of the donor of z.
    """

    static: float | np.ndarray
    dynamic: float | np.ndarray


def swap_test(decoded: Any, static_of_f_donor: Any, dynamic_of_z_donor: Any, judge: Judge) -> SwapScores:
    """Judges sequences that were decoded from f of one sequence and z of another.

    Pairs whose donors share a label say little of it; draw donors of different labels. The content swaps of
    Li and Mandt (2018, arXiv:1803.02991), which they show as pictures, as numbers.

    Args:
        decoded: `(B, T, N)` rates or means, or `(B, T, H, W, C)` images.
        static_of_f_donor: `(B,)`, or `(B, K)` of K attributes: what f is to bring.
        dynamic_of_z_donor: `(B,)`, or `(B, K)`: what z is to bring.
        judge: A `TemplateJudge`, or a fitted `ClassifierJudge`.

    Raises:
        DataError: If numbers of sequences or of attributes differ, and as the judge does.
    """
    static = as_labels("static_of_f_donor", static_of_f_donor, len(decoded), several=True)
    dynamic = as_labels("dynamic_of_z_donor", dynamic_of_z_donor, len(decoded), several=True)
    judged = judge.static(decoded), judge.dynamic(decoded)
    check_same_attributes("static_of_f_donor", static, judged[0])
    check_same_attributes("dynamic_of_z_donor", dynamic, judged[1])
    return SwapScores(shares(judged[0] == static), shares(judged[1] == dynamic))
