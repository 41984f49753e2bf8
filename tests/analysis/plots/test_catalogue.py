"""Every figure on ordinary data and on the smallest and most broken data it may meet."""

from __future__ import annotations

import warnings

import matplotlib
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from indl_vae.analysis import plots
from indl_vae.analysis.plots.canvas import STYLE
from indl_vae.errors import DataError

PNG = b"\x89PNG\r\n\x1a\n"


def arrays(n_trials, n_bins, width, hole=False):
    rng = np.random.default_rng(0)
    rates = 0.3 + rng.random((n_trials, n_bins, width))
    data = rng.poisson(rates).astype(float)
    if hole:
        data[0], rates[-1, n_bins // 2 :] = np.nan, np.nan
    return data, rates


def repeated(array, n, axis=0):
    """Returns an array of trials `n` times along a new axis; another array as it is, to be refused."""
    return np.stack([array] * n, axis=axis) if array.ndim == 3 else array


class Halving:
    """The latent map `z' = z / 2`."""

    def step(self, z, inputs=None):
        return z / 2

    def jacobian(self, z):
        return np.broadcast_to(np.eye(z.shape[-1]) / 2, (*z.shape, z.shape[-1]))


DRAW = {
    "attractors": lambda data, rates, condition, bin_s: plots.plot_attractors(data, rates, bin_width_s=bin_s),
    "simulation": lambda data, rates, condition, bin_s: plots.plot_simulation(data, rates, bin_width_s=bin_s),
    "raster": lambda data, rates, condition, bin_s: plots.plot_raster(data, rates, bin_width_s=bin_s),
    "rate_maps": lambda data, rates, condition, bin_s: plots.plot_rate_maps(
        data, rates, truth=rates, condition=condition, bin_width_s=bin_s
    ),
    "rates_truth": lambda data, rates, condition, bin_s: plots.plot_rates_truth(
        rates, rates + 0.1, data=data, bin_width_s=bin_s
    ),
    "factors": lambda data, rates, condition, bin_s: plots.plot_factors(rates, condition=condition, bin_width_s=bin_s),
    "trajectories": lambda data, rates, condition, bin_s: plots.plot_trajectories(
        rates, condition=condition, bin_width_s=bin_s
    ),
    "fixed_points": lambda data, rates, condition, bin_s: plots.plot_fixed_points(
        rates, np.ones((3, rates.shape[-1])), np.full((3, rates.shape[-1]), 0.9j), bin_width_s=bin_s
    ),
    "inputs": lambda data, rates, condition, bin_s: plots.plot_inputs(rates, condition=condition, bin_width_s=bin_s),
    "latent_recovery": lambda data, rates, condition, bin_s: plots.plot_latent_recovery(
        rates, rates, bin_width_s=bin_s
    ),
    "phase_portrait": lambda data, rates, condition, bin_s: plots.plot_phase_portrait(Halving(), rates),
    "power_spectra": lambda data, rates, condition, bin_s: plots.plot_power_spectra(data, rates, bin_width_s=bin_s),
    "generation": lambda data, rates, condition, bin_s: plots.plot_generation(data, rates, rates, bin_width_s=bin_s),
    "message_norms": lambda data, rates, condition, bin_s: plots.plot_message_norms(
        repeated(rates, 2, 2), regions=("a", "b"), condition=condition, bin_width_s=bin_s
    ),
    "region_variance": lambda data, rates, condition, bin_s: plots.plot_region_variance(rates, rates.shape[-1:]),
    "states": lambda data, rates, condition, bin_s: plots.plot_states(rates / 4.0, bin_width_s=bin_s),
    "swaps": lambda data, rates, condition, bin_s: plots.plot_swaps(
        data, rates, repeated(rates, len(data)), f_labels=condition, bin_width_s=bin_s
    ),
    "traces": lambda data, rates, condition, bin_s: plots.plot_traces(data, rates, rates, bin_width_s=bin_s),
    "traversal": lambda data, rates, condition, bin_s: plots.plot_traversal(repeated(rates, 5, 1), bin_width_s=bin_s),
}
SHAPES = {
    "one_trial": (1, 12, 4),
    "one_channel": (5, 12, 1),
    "one_bin": (5, 1, 4),
    "one_of_each": (1, 1, 1),
    "no_channel": (4, 6, 0),
}


def test_every_figure_is_in_the_catalogue():
    drawn = {f"plot_{name}" for name in DRAW} | {"plot_training_curves", "plot_step_weights", "plot_region_fields"}
    drawn |= {"plot_embedding", "plot_latent_kl", "plot_tuning"}  # in test_neuron_plots.py
    drawn |= {"plot_search", "plot_population"}  # in test_search_plot.py, test_population.py
    assert {name for name in plots.__all__ if name.startswith("plot_")} == drawn


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", DRAW)
def test_small_data_are_drawn(name, shape):
    data, rates = arrays(*SHAPES[shape])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure = DRAW[name](data, rates, None, None)
        assert plots.to_png(figure, dpi=40).startswith(PNG)
    assert isinstance(figure, Figure) and isinstance(figure.canvas, FigureCanvasAgg)


@pytest.mark.parametrize("name", DRAW)
def test_missing_values_and_conditions_are_drawn(name):
    data, rates = arrays(9, 12, 4, hole=True)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure = DRAW[name](data, rates, np.array([0, 1, 2, 0, 1, 2, 0, 1, np.nan]), 0.01)
        assert plots.to_png(figure, dpi=40).startswith(PNG)


@pytest.mark.parametrize("name", DRAW)
def test_nothing_but_missing_values_is_drawn(name):
    _, rates = arrays(3, 6, 4)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure = DRAW[name](rates * np.nan, rates * np.nan, None, 0.01)
        assert plots.to_png(figure, dpi=40).startswith(PNG)


@pytest.mark.parametrize("name", ["factors", "trajectories", "inputs", "rate_maps"])
def test_many_conditions_are_drawn(name):
    data, rates = arrays(40, 6, 4)
    assert plots.to_png(DRAW[name](data, rates, np.arange(40), 0.01), dpi=40).startswith(PNG)


@pytest.mark.parametrize("name", DRAW)
def test_the_caller_settings_stay_as_they_are(name):
    before = dict(matplotlib.rcParams)
    data, rates = arrays(8, 12, 5)
    DRAW[name](data, rates, None, None)
    assert dict(matplotlib.rcParams) == before and before["axes.spines.top"] != STYLE["axes.spines.top"]


@pytest.mark.parametrize("name", DRAW)
def test_arrays_with_the_wrong_axes_are_refused(name):
    with pytest.raises(
        DataError, match=r"expected an array of shape \(.*bins, .*(dimensions|channels|senders)\), got shape \(4,\)"
    ):
        DRAW[name](np.zeros(4), np.zeros(4), None, None)
