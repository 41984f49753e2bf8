"""The figure of a search: what is drawn where, and data that are hardly any."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from indl_vae.analysis.plots import plot_search, to_png
from indl_vae.errors import DataError

PNG = b"\x89PNG\r\n\x1a\n"
SCORES = [0.5, 0.4, None, 0.6, 50.0]
VALUES = {
    "learning_rate": [1e-4, 1e-3, 1e-2, 1e-1, 1e-5],
    "f_units": [[8], [8, 8], [8], [8], [8]],
    "con_units": [8, 16, None, 16, 8],
    "lr_rule": ["none", "cosine", "none", "none", "none"],
}


def drawn(figure, panel):
    return {line.get_marker(): line.get_xydata().tolist() for line in figure.axes[panel].lines}


def test_panels():
    figure = plot_search(SCORES, VALUES, log_scaled=["learning_rate"])
    assert [ax.get_title(loc="left") for ax in figure.axes[:4]] == list(VALUES)
    assert [ax.get_visible() for ax in figure.axes] == [True] * 4 + [False] * 2
    assert figure.axes[0].get_xscale() == "log"
    marks = drawn(figure, 0)
    assert marks["v"] == [[1e-3, 0.4]] and [1e-4, 0.5] in marks["o"]
    top = figure.axes[0].get_ylim()[1]
    assert marks["x"][0][0] == 1e-2 and marks["^"][0][0] == 1e-5, "without a score, and far worse"
    assert 0.6 < marks["^"][0][1] <= top < 5.0
    labels = [tick.get_text() for tick in figure.axes[1].get_xticklabels()]
    assert labels == ["[8, 8]", "[8]"] and drawn(figure, 1)["v"] == [[0.0, 0.4]]
    assert [tick.get_text() for tick in figure.axes[2].get_xticklabels()] == ["8", "16"]
    assert len(drawn(figure, 2)["x"]) == 0, "the trial without a score drew no con_units"


@pytest.mark.parametrize(
    ("scores", "values"),
    [
        ([0.5], {"a": [1.0]}),
        ([0.5, 0.5], {"a": [1.0, 1.0], "b": [None, None]}),
        ([None, None], {"a": [1, 2]}),
        ([], {}),
        ([-1.0, float("nan"), 0.0], {"a": [True, False, True], "b": [1, 2, 3]}),
    ],
)
def test_hardly_any_trials(scores, values):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert to_png(plot_search(scores, values), dpi=40).startswith(PNG)


def test_a_value_for_each_trial():
    with pytest.raises(DataError, match=r"values: expected 2 of a, one for each trial, got 1\."):
        plot_search(np.array([0.1, 0.2]), {"a": [1]})
