"""What the pictures of dynamics say: labels, points, ranges and numbers."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.collections import PathCollection
from matplotlib.text import Text

from indl_vae.analysis.dynamics import find_cycles, power_spectrum_distance
from indl_vae.analysis.plots import plot_attractors, plot_phase_portrait, plot_power_spectra
from indl_vae.analysis.plots.phase_plane import phase_plane
from indl_vae.errors import ConfigError, DataError
from tests.analysis.dynamics.maps import PiecewiseLinear, linear, orbits, random_map

BISTABLE = PiecewiseLinear([0.5, 0.5], [[0, -1.0], [-1.0, 0]], [1.0, 1.0])


def texts(figure):
    return "\n".join(text.get_text() for text in figure.findobj(Text) if text.get_text())


def overlapping_labels(figure):
    """Returns the words whose boxes overlap; numbers at ticks, of which hidden ones exist, are left out."""
    figure.canvas.draw()
    seen = [text for text in figure.findobj(Text) if any(letter.isalpha() for letter in text.get_text())]
    seen = [text for text in seen if "mathdefault" not in text.get_text()]  # powers of ten at ticks
    boxes = [text.get_window_extent() for text in seen]
    return [
        (seen[i].get_text(), seen[j].get_text())
        for i in range(len(seen))
        for j in range(i)
        if seen[i].get_text() != seen[j].get_text()
        and min(boxes[i].x1, boxes[j].x1) - max(boxes[i].x0, boxes[j].x0) > 2
        and min(boxes[i].y1, boxes[j].y1) - max(boxes[i].y0, boxes[j].y0) > 2
    ]


@pytest.mark.parametrize("dims", [1, 2, 3, 5])
def test_attractors_show_both_series_in_space_and_time(rng, dims):
    true, generated = np.cumsum(rng.normal(size=(2, 2, 300, dims)), axis=2)
    figure = plot_attractors(true, generated, bin_width_s=0.01, n_time_bins=50)
    words = texts(figure)
    assert "true" in words and "generated" in words and "Time (s), first trial of each" in words
    assert ("PC 3 (" in words) == (dims > 3) and ("dim 0" in words) == (dims <= 3)
    if dims <= 3:
        first, second = figure.axes[-1].lines
        np.testing.assert_array_equal(first.get_ydata(), true[0, :50, -1])
        np.testing.assert_array_equal(second.get_ydata(), generated[0, :50, -1])


def test_many_dimensions_are_projected_on_the_components_of_the_true_series(rng):
    true = rng.normal(size=(1, 400, 5)) * [9, 1, 5, 0.1, 3]
    figure = plot_attractors(true, np.ones((1, 10, 5)) + true[:, :10])
    lines = figure.axes[-1].lines
    shift = lines[1].get_ydata() - lines[0].get_ydata()[:10]
    np.testing.assert_allclose(np.abs(shift), 1, atol=0.2)  # PC 3 is nearly dimension 4


def test_planes_and_time_hold_few_bins(rng):
    true = rng.normal(size=(50, 3000, 3))
    figure = plot_attractors(true, true, n_bins=1000)
    plane = figure.axes[1]
    assert len(plane.lines) == 40 and sum(len(line.get_xdata()) for line in plane.lines) == 2000


def test_spectra_print_the_distance_of_each_dimension(rng):
    true = np.cumsum(rng.normal(size=(3, 200, 2)), axis=1)
    generated = np.stack([true[..., 0], rng.normal(size=(3, 200))], axis=-1)
    words = texts(plot_power_spectra(true, generated, smoothing=3, bin_width_s=0.02))
    assert "dim 0:  D_H = 0.000" in words and "Frequency (Hz)" in words
    assert f"mean D_H = {power_spectrum_distance(true, generated, 3):.3f} over 2 dimensions" in words


def test_the_largest_distances_come_first_where_not_all_are_drawn(rng):
    true = np.cumsum(rng.normal(size=(60, 4)), axis=0)
    generated = true.copy()
    generated[:, 2] = rng.normal(size=60)
    figure = plot_power_spectra(true, generated, smoothing=1, n_dimensions=2)
    assert [ax.get_title(loc="left").split(":")[0] for ax in figure.axes] == ["dim 2", "dim 0"]
    assert "over 4 dimensions; the 2 of largest D_H shown" in texts(figure)


def test_spectra_end_at_half_the_sampling_rate_and_cut_the_longer_series(rng):
    figure = plot_power_spectra(rng.normal(size=(100, 1)), rng.normal(size=(80, 1)), bin_width_s=0.01)
    frequency = figure.axes[0].lines[0].get_xdata()
    assert frequency[-1] == 50.0 and len(frequency) == 41


def test_phase_portraits_mark_points_by_their_kind(rng):
    found = find_cycles(BISTABLE, rng.normal(size=(60, 2)) * 3)
    figure = plot_phase_portrait(BISTABLE, orbits(BISTABLE, rng.normal(size=(4, 2)), 8), fixed_points=found)
    words = texts(figure)
    for word in ("2 stable fixed points", "1 saddle", "nullcline of z 0", "nullcline of z 1", "z 0", "|F(z) - z|"):
        assert word in words
    places = [s.get_offsets() for s in figure.axes[0].findobj(PathCollection) if len(s.get_offsets()) == 1]
    np.testing.assert_allclose(np.sort(np.concatenate(places), 0), [[-2, -2], [2 / 3, 2 / 3], [2, 2]], atol=1e-9)
    left, right = figure.axes[0].get_xlim()
    assert left < -2 and right > 2


def test_cycles_are_joined(rng):
    flip = PiecewiseLinear([0.2, 0.5], [[-1.5, 0.0], [0.0, 0.0]], [1.0, 0.0])
    cycles = find_cycles(flip, rng.normal(size=(40, 2)), 2)
    words = texts(plot_phase_portrait(flip, rng.normal(size=(5, 2)), fixed_points=cycles))
    assert "1 stable cycle" in words


def test_arrows_and_lengths_are_those_of_the_map():
    """`z' = z / 2`: every arrow points to the origin, a step is half the distance."""
    view = phase_plane(np.array([[[-1.0, -2.0], [3.0, 2.0]]]), None, [], ((-2, 2), (-2, 2)))
    across, up, change, length = view.field(linear(np.eye(2) / 2), 5)
    np.testing.assert_allclose(change, -0.5 * np.stack([across, up], axis=-1))
    np.testing.assert_allclose(length, 0.5 * np.hypot(across, up))


def test_a_plane_of_two_dimensions_holds_the_others_at_their_mean(rng):
    states = rng.normal(size=(2, 50, 4)) + np.array([0, 7, 0, 3])
    latent_map = random_map(2, 4)
    view = phase_plane(states, (3, 0), [], None)
    across, up, change, length = view.field(latent_map, 3)
    mean = states.reshape(-1, 4).mean(axis=0)
    z = np.array([up[2, 1], mean[1], mean[2], across[2, 1]])
    step = latent_map.step(z) - z
    np.testing.assert_allclose(change[2, 1], step[[3, 0]])
    np.testing.assert_allclose(length[2, 1], np.linalg.norm(step))
    np.testing.assert_allclose(view.project(states), states[..., [3, 0]])


def test_a_plane_of_principal_components_passes_through_the_mean(rng):
    states = rng.normal(size=(1, 400, 3)) * [0.1, 5.0, 2.0] + [1.0, 2.0, 3.0]
    view = phase_plane(states, None, [np.full((1, 3), 30.0)], None)
    np.testing.assert_allclose(view.origin, states.reshape(-1, 3).mean(axis=0))
    np.testing.assert_allclose(np.abs(view.axes.T), [[0, 1, 0], [0, 0, 1]], atol=0.05)
    assert view.names[0].startswith("PC 1 (8") and view.limits[0][1] > 27  # the point is in view


def test_labels_keep_apart(rng):
    true, generated = np.cumsum(rng.normal(size=(2, 2, 300, 3)), axis=2)
    found = find_cycles(BISTABLE, rng.normal(size=(60, 2)) * 3)
    pictures = [
        plot_attractors(true, generated),
        plot_attractors(np.tile(true, 2), np.tile(generated, 2)),
        plot_power_spectra(np.tile(true, 2), np.tile(generated, 2), smoothing=2),
        plot_phase_portrait(BISTABLE, orbits(BISTABLE, rng.normal(size=(4, 2)), 8), fixed_points=found),
    ]
    for figure in pictures:
        assert overlapping_labels(figure) == []


def test_bad_arguments_are_refused(rng):
    x = rng.normal(size=(2, 20, 3))
    with pytest.raises(DataError, match="generated: expected the 3 dimensions of `true`, got 2. Read generated"):
        plot_attractors(x, x[..., :2])
    with pytest.raises(DataError, match="generated: expected the 3 dimensions of `true`, got 2"):
        plot_power_spectra(x, x[..., :2])
    with pytest.raises(ConfigError, match="smoothing: expected a number of frequencies"):
        plot_power_spectra(x, x, smoothing=-1)
    still = linear(np.eye(3))
    with pytest.raises(ConfigError, match=r"plane: expected two different dimensions from 0 to 2, got \(1, 3\)"):
        plot_phase_portrait(still, x, plane=(1, 3))
    with pytest.raises(ConfigError, match=r"plane: expected two different dimensions from 0 to 2, got \(1, 1\)"):
        plot_phase_portrait(still, x, plane=(1, 1))
    with pytest.raises(ConfigError, match=r"limits: expected \(\(left, right\), \(bottom, top\)\), each pair rising"):
        plot_phase_portrait(still, x, limits=((1, 0), (0, 1)))
    with pytest.raises(DataError, match="fixed_points: expected points of the 3 dimensions of `orbits`, got 2"):
        plot_phase_portrait(still, x, fixed_points=find_cycles(BISTABLE, rng.normal(size=(9, 2))))
