"""What the pictures of several regions say."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgb
from matplotlib.quiver import Quiver

from indl_vae.analysis import plots
from indl_vae.analysis.plots.canvas import MODEL, PALETTE
from indl_vae.analysis.regions import Field
from indl_vae.errors import DataError
from tests.analysis.plots.test_dynamics_plots import overlapping_labels, texts


def test_norms_are_drawn_for_each_sender_without_the_first_bin(rng):
    norms = rng.random((6, 9, 2, 3))
    norms[:, 0] = 99.0
    figure = plots.plot_message_norms(norms, regions=("V1", "V2"), inputs=("light",), bin_width_s=0.1)
    axes = np.reshape(figure.axes, (2, 3))
    words = texts(figure)
    for title in ("from V1", "from light", "to V2\nLength", "Time (s)"):
        assert title in words
    for (row, column), ax in np.ndenumerate(axes):
        np.testing.assert_allclose(ax.lines[0].get_ydata(), norms[:, 1:, row, column].mean(0))
        assert ax.get_ylim()[0] == 0
    assert axes[0, 0].get_facecolor() == axes[1, 1].get_facecolor() != axes[0, 1].get_facecolor()
    names = ("frontal and salience", "medial temporal lobe")
    assert overlapping_labels(plots.plot_message_norms(norms, regions=names, inputs=("a light that flickers",))) == []
    two = plots.plot_message_norms(norms, condition=np.arange(6) % 2)
    np.testing.assert_allclose(two.axes[1].lines[1].get_ydata(), norms[1::2, 1:, 0, 1].mean(0))


def test_states_have_the_colours_of_the_true_ones_they_match():
    true = np.array([[0, 0, 1, 1], [1, 1, 1, 0]])
    probs = np.eye(2)[1 - true]  # the same, under the other names
    figure = plots.plot_states(probs, true[..., None], lengths=[4, 3])
    first, second = (ax.images[0].get_array() for ax in figure.axes)
    np.testing.assert_allclose(first, second)
    np.testing.assert_allclose(first[0, 0], to_rgb(PALETTE[0]))
    np.testing.assert_allclose(first[1, 3], 1.0)  # beyond the trial
    mixed = plots.plot_states(np.full((1, 1, 2), 0.5)).axes[0].images[0].get_array()
    np.testing.assert_allclose(mixed[0, 0], np.mean([to_rgb(c) for c in PALETTE[:2]], 0))


def test_states_beyond_the_true_ones_get_colours_of_their_own():
    true = np.array([[0, 0, 0, 1, 1, 1]])
    probs = np.eye(3)[[[2, 2, 0, 1, 1, 1]]]
    image = plots.plot_states(probs, true).axes[1].images[0].get_array()
    np.testing.assert_allclose(image[0, [0, 3, 2]], [to_rgb(c) for c in PALETTE[:3]])


def test_steps_lie_on_the_field_of_the_state_that_rules_them(rng):
    points = np.stack(np.meshgrid(*[np.linspace(-1, 1, 5)] * 2), -1)
    fields = [[Field(points, -points), Field(points, 0.5 * points)]] * 2
    paths, states = rng.normal(size=(3, 10, 4)), rng.integers(0, 2, (3, 10))
    figure = plots.plot_region_fields(fields, paths, states, true=paths, regions=("A", "B"))
    ax = figure.axes[3]
    assert "B, state 1" in texts(figure) and ax.get_title(loc="left") == "B, state 1"
    found = [c for c in ax.findobj(LineCollection) if np.allclose(c.get_color()[0][:3], to_rgb(MODEL))]
    assert len(found[-1].get_segments()) == (states[:, 1:] == 1).sum()
    trial, step = np.argwhere(states[:, 1:] == 1)[0]
    np.testing.assert_allclose(found[-1].get_segments()[0], paths[trial, step : step + 2, 2:])
    arrows = ax.findobj(Quiver)[0]
    np.testing.assert_allclose(arrows.get_array().data, 0.5 * np.linalg.norm(points, axis=-1).ravel())
    length = np.hypot(arrows.U, arrows.V)
    np.testing.assert_allclose(length[length > 0], 1.0)
    assert overlapping_labels(figure) == []


def test_r2_of_each_bin_is_that_of_the_arrays(rng):
    data = rng.normal(size=(5, 12, 4))
    figure = plots.plot_generation(data, data, np.zeros_like(data), start_bin=3)
    lines = {line.get_label(): line.get_ydata() for line in figure.axes[-1].lines}
    np.testing.assert_allclose(lines["found"], 1.0)
    assert (np.abs(lines["generated"]) < 0.5).all()
    np.testing.assert_array_equal(figure.axes[0].images[0].get_array(), data[0].T)


def test_variance_of_regions_adds_up(rng):
    data = np.concatenate([rng.normal(size=(4, 50, 1)) * np.ones(3), rng.normal(size=(4, 50, 2))], -1)
    figure = plots.plot_region_variance(data, (3, 2), regions=("one", "two"))
    one, two = (line.get_ydata() for line in figure.axes[0].lines[:2])
    np.testing.assert_allclose(one, 1.0)
    assert 0.45 < two[0] < 0.65 and two[1] == pytest.approx(1.0)
    assert "one (3 channels)" in texts(figure)


def test_bad_arguments_are_refused(rng):
    x = rng.normal(size=(2, 6, 3))
    field = Field(np.zeros((2, 2, 2)), np.zeros((2, 2, 2)))
    with pytest.raises(DataError, match=r"regions: expected 2 names, got 1"):
        plots.plot_message_norms(rng.random((2, 6, 2, 2)), regions=("a",))
    with pytest.raises(DataError, match=r"true: expected trials and bins of `probs`, \(2, 6\), got \(2, 5\)"):
        plots.plot_states(x, np.zeros((2, 5)))
    with pytest.raises(DataError, match="paths: expected 2 latents of each of 2 regions, got 3 in all"):
        plots.plot_region_fields([[field], [field]], x)
    with pytest.raises(DataError, match=r"states, true: expected trials and bins of `paths`, \(2, 6\)"):
        plots.plot_region_fields([[field]], x[..., :2], np.zeros((2, 5)))
    with pytest.raises(DataError, match="data, found, generated: expected one shape, got"):
        plots.plot_generation(x, x, x[:, :3])
    with pytest.raises(DataError, match=r"region_sizes: expected sizes that add up to 3 channels, got \(1, 1\)"):
        plots.plot_region_variance(x, (1, 1))
