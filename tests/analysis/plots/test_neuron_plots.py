"""What the pictures of neurons with identities say."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from indl_vae.analysis import plots
from indl_vae.analysis.plots.canvas import DATA, MODEL, MUTED, PALETTE
from indl_vae.errors import DataError
from tests.analysis.plots.test_dynamics_plots import texts


@pytest.fixture(autouse=True)
def no_warnings():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def test_neurons_are_drawn_from_the_best_told_to_the_worst(rng):
    data = rng.normal(size=(1, 30, 4))
    hidden = data + np.array([2.0, 0.1, np.nan, 0.7]) * rng.normal(size=data.shape)
    names = [["AVA", "AVB", "unknown", "RIM"]]
    figure = plots.plot_traces(data, data, hidden, names=names, bin_width_s=0.5, n_channels=3)
    titles = [ax.get_title(loc="left").split()[0] for ax in figure.axes]
    assert titles == ["AVB", "RIM", "AVA"]  # the second is told best; what is not told is not drawn
    score = 1 - ((data - hidden)[0, :, 1] ** 2).sum() / ((data[0, :, 1] - data[0, :, 1].mean()) ** 2).sum()
    assert f"R² {score:.2f}" in figure.axes[0].get_title(loc="left")
    lines = figure.axes[0].lines
    assert [line.get_color() for line in lines] == [DATA, MODEL, PALETTE[1]]
    np.testing.assert_allclose(lines[2].get_ydata(), hidden[0, :, 1])
    assert "Time (s), trial 0" in texts(figure)


def test_trials_have_neurons_of_their_own(rng):
    data = rng.normal(size=(3, 8, 5))
    data[0, :, 2:] = np.nan
    data[1] = np.nan
    figure = plots.plot_traces(data, 0.5 * data, n_trials=3)
    assert sum(ax.axison for ax in figure.axes) == 2 + 5  # the second trial has nothing to show
    assert plots.to_png(plots.plot_traces(data * np.nan, data), dpi=30)


def test_traces_of_other_shapes_are_refused(rng):
    data = rng.normal(size=(2, 5, 3))
    with pytest.raises(
        DataError, match=r"data, found, hidden: expected one shape, got \[\(2, 5, 3\), \(2, 5, 3\), \(2, 4"
    ):
        plots.plot_traces(data, data, data[:, :4])


def test_tuning_is_sorted_by_its_change_and_drawn_over_the_data():
    values, slopes = np.linspace(-1, 1, 5), np.array([0.5, -2.0, 0.0, 1.0])
    expected = np.outer(values, slopes) + 3.0
    observed = expected + 0.1
    observed[0] = np.nan
    figure = plots.plot_tuning(values, expected, observed, names="abcd", behavior="Velocity", n_classes=3)
    maps = next(ax for ax in figure.axes if ax.images)
    np.testing.assert_allclose(maps.images[0].get_array(), np.outer(np.sort(slopes), values))
    assert [label.get_text() for label in maps.get_yticklabels()] == ["b", "c", "a", "d"]
    titles = {ax.get_title(loc="left"): ax for ax in figure.axes}
    curves = {title: ax for title, ax in titles.items() if len(title) == 1}
    assert list(curves) == ["b", "d", "a"]
    dots, line = curves["b"].lines[1:]
    np.testing.assert_allclose(dots.get_ydata(), observed[:, 1])
    np.testing.assert_allclose(line.get_ydata(), expected[:, 1])
    assert "Velocity" in texts(figure)


def test_small_and_empty_tunings_are_drawn():
    for shape in ((1, 1), (3, 1), (3, 13)):
        figure = plots.plot_tuning(np.arange(shape[0]), np.ones(shape), n_classes=13)
        assert plots.to_png(figure, dpi=30)
    assert plots.to_png(plots.plot_tuning([0.0, 1.0], np.full((2, 3), np.nan)), dpi=30)


@pytest.mark.parametrize("shapes", [((3,), (2, 4), (2, 4)), ((2,), (2,), (2,)), ((2,), (2, 4), (2, 3))])
def test_tunings_of_other_shapes_are_refused(shapes):
    with pytest.raises(DataError, match=r"values, expected, observed: expected arrays .*, got shapes"):
        plots.plot_tuning(*map(np.zeros, shapes))


def test_identities_lie_on_their_components_with_names_that_do_not_overlap(rng):
    table = rng.normal(size=(40, 1)) * [3.0, 0.0, 0.0] + rng.normal(size=(40, 3)) * [0.01, 1.0, 0.1]
    values = rng.normal(size=40)
    values[7] = np.nan
    figure = plots.plot_embedding(table, names=[f"N{i}" for i in range(40)], values=values, meaning="Slope")
    grey, colored = figure.axes[0].collections
    assert len(grey.get_offsets()) == 1 and len(colored.get_offsets()) == 39
    assert abs(np.corrcoef(colored.get_offsets()[:, 0], np.delete(table[:, 0], 7))[0, 1]) > 0.999
    assert colored.get_clim() == (-np.nanmax(np.abs(values)), np.nanmax(np.abs(values)))
    words = texts(figure)
    assert "Slope" in words and "PC 1 (86 % of the variance)" in words
    figure.canvas.draw()
    boxes = [note.get_window_extent() for note in figure.axes[0].texts]
    assert len(boxes) > 5
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])


@pytest.mark.parametrize("shape", [(1, 1), (1, 4), (3, 1), (2, 2)])
def test_few_identities_are_drawn(shape):
    figure = plots.plot_embedding(np.ones(shape))
    assert plots.to_png(figure, dpi=30) and figure.axes[0].texts[0].get_text() == "1"


def test_identities_that_do_not_fit_are_refused():
    assert plots.to_png(plots.plot_embedding(np.full((3, 2), np.nan)), dpi=30)
    with pytest.raises(
        DataError, match=r"table: expected an array of shape \(identities, dimensions\), got shape \(3,\)"
    ):
        plots.plot_embedding(np.zeros(3))
    with pytest.raises(DataError, match="names, values: expected 3, one for each identity, got 2 and no values"):
        plots.plot_embedding(np.zeros((3, 2)), names="ab")
    with pytest.raises(DataError, match=r"got 3 and values of shape \(2,\)"):
        plots.plot_embedding(np.zeros((3, 2)), values=[1.0, 2.0])


def test_latents_that_are_used_are_blue():
    kl = np.array([[1.0, 0.5, 0.2], [0.001, 2.0, 0.5]])
    figure = plots.plot_latent_kl(kl, [0.0, 0.9, 0.3], epochs=[1, 5])
    lines = figure.axes[0].lines
    assert [line.get_color() for line in lines] == [MUTED, MODEL, MODEL]
    np.testing.assert_allclose(lines[1].get_ydata(), kl[:, 1])
    np.testing.assert_allclose(lines[1].get_xdata(), [1, 5])
    bars = figure.axes[1].patches
    np.testing.assert_allclose([bar.get_y() + bar.get_height() for bar in bars], [2.0, 0.5, 0.001])
    assert [bar.get_facecolor()[:3] for bar in bars] == [to_rgb(c) for c in (MODEL, MODEL, MUTED)]
    assert [tick.get_text() for tick in figure.axes[1].get_xticklabels()] == ["1", "2", "0"]
    assert "2 of 3 latents active (blue)" in texts(figure)


def test_one_epoch_is_drawn_as_bars_alone():
    figure = plots.plot_latent_kl([0.0, 0.5])
    assert len(figure.axes) == 1 and "1 of 2 latents active (blue)" in texts(figure)
    assert plots.to_png(figure, dpi=30)
    assert plots.to_png(plots.plot_latent_kl(np.full(3, np.nan)), dpi=30)


def test_divergences_that_do_not_fit_are_refused():
    with pytest.raises(DataError, match=r"kl, epochs: expected arrays .*, got shapes \(2, 3\) and \(3,\)"):
        plots.plot_latent_kl(np.ones((2, 3)), epochs=[1, 2, 3])
    with pytest.raises(DataError, match=r"variance: expected shape \(3,\), one for each latent, got \(2,\)"):
        plots.plot_latent_kl(np.ones((2, 3)), [1.0, 2.0])
