"""The picture of a population: the best member's past stands out, and what is missing is passed over."""

import numpy as np
import pytest

from indl_vae.analysis import plots
from indl_vae.errors import DataError

EPOCHS = np.array([5, 10, 15])
SCORES = np.array([[3.0, 2.0, np.nan], [2.5, 1.5, 2.0], [2.0, 1.4, 1.0]])
VALUES = {"learning_rate": np.array([[1e-3, 2e-3, 3e-3], [1e-3, 2e-3, 2.2e-3], [1e-3, 2e-3, 2.2e-3]])}
COPIED = [[None] * 3, [None, None, 1], [None] * 3]


def test_the_line_of_the_best_member_follows_the_one_that_it_copied():
    figure = plots.plot_population(EPOCHS, SCORES, VALUES, COPIED, logarithmic=["learning_rate"])
    lines = [ax.lines[-2].get_ydata().tolist() for ax in figure.axes[:2]]
    assert lines == [[2.0, 2.0, 1.0], [2e-3, 2.2e-3, 2.2e-3]]
    assert figure.axes[1].get_yscale() == "log"


def test_a_population_without_a_score_says_so():
    assert plots.to_png(plots.plot_population(EPOCHS[:0], SCORES[:0], {})).startswith(b"\x89PNG")
    assert plots.to_png(plots.plot_population(EPOCHS, np.full((3, 3), np.nan), VALUES)).startswith(b"\x89PNG")


def test_one_generation_and_many_hyperparameters_are_drawn():
    values = {f"a{i}": np.ones((1, 3)) for i in range(7)}
    assert plots.to_png(plots.plot_population(EPOCHS[:1], SCORES[:1], values)).startswith(b"\x89PNG")


def test_shapes_that_do_not_go_together_are_refused():
    with pytest.raises(DataError, match=r"expected \(generations, members\) with \(3,\) epochs, got \(2, 3\)"):
        plots.plot_population(EPOCHS, SCORES[:2], VALUES)
