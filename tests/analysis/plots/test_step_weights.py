"""Heat maps of a step's weights: a panel each, symmetric about 0, numbers where there is room."""

from __future__ import annotations

import numpy as np
import pytest

from indl_vae.analysis.plots import plot_step_weights
from indl_vae.errors import DataError


def test_each_array_has_a_panel_and_small_ones_their_numbers():
    figure = plot_step_weights({"square": np.diag([1.0, -2.0]), "bias": np.arange(12.0), "alphas": np.zeros(3)})
    panels = {ax.get_title(loc="left"): ax for ax in figure.axes if ax.get_title(loc="left")}
    assert set(panels) == {"square", "bias", "alphas"}
    assert panels["square"].images[0].get_clim() == (-2.0, 2.0)
    assert [text.get_text() for text in panels["square"].texts] == ["1.00", "0.00", "0.00", "-2.00"]
    assert not panels["bias"].texts, "no room for twelve numbers"


def test_nothing_to_draw_is_said():
    assert plot_step_weights({}).texts or plot_step_weights({}).axes[0].texts


def test_more_axes_are_refused():
    with pytest.raises(DataError, match=r"cube: expected one or two axes, got shape \(2, 2, 2\)"):
        plot_step_weights({"cube": np.zeros((2, 2, 2))})
