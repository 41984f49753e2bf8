"""What the figures say: labels, units, order and numbers."""

from __future__ import annotations

import numpy as np
import pytest

from indl_vae.analysis import plots
from indl_vae.analysis.plots.canvas import condition_groups, label_text, mean_and_spread, rate_unit, time_axis
from indl_vae.errors import DataError

RNG = np.random.default_rng(0)


def texts(figure) -> str:
    """Returns all words of a figure."""
    from matplotlib.text import Text

    return "\n".join(text.get_text() for text in figure.findobj(Text) if text.get_text())


def test_time_and_rates_are_in_seconds_where_the_bin_width_is_known():
    np.testing.assert_allclose(time_axis(3, 0.02)[0], [0.01, 0.03, 0.05])
    assert time_axis(3, 0.02)[1] == "Time (s)" and time_axis(3, None)[1] == "Time (bins)"
    assert rate_unit(0.02) == (50.0, "spikes/s") and rate_unit(None) == (1.0, "spikes/bin")
    assert rate_unit(0.02, counts=False) == (1.0, "data units")


def test_raster_shows_spread_trials_and_states_units():
    spikes = (RNG.random((9, 20, 4)) < 0.1).astype(float)
    words = texts(plots.plot_raster(spikes, np.full_like(spikes, 0.1), bin_width_s=0.01))
    for word in ("Trial 0", "Trial 4", "Trial 8", "Inferred rate (spikes/s)", "Time (s)"):
        assert word in words
    assert "Observed" not in words


def test_raster_of_dense_counts_has_a_map_of_its_own():
    counts = RNG.poisson(3.0, (2, 20, 4)).astype(float)
    figure = plots.plot_raster(counts, np.full_like(counts, 3.0))
    assert "Observed" in texts(figure) and "Rate (spikes/bin)" in texts(figure)
    maps = [ax.images[0].get_array() for ax in figure.axes if ax.images]
    np.testing.assert_array_equal(sorted(maps[0].ravel()), sorted(counts[0].ravel()))


def test_raster_names_how_many_channels_are_left_out():
    spikes = np.zeros((1, 5, 7))
    spikes[0, 2, 6] = 1
    words = texts(plots.plot_raster(spikes, spikes, n_channels=2))
    assert "The 2 channels with the most spikes, of 7" in words


def test_rate_maps_sort_channels_by_the_inferred_peak():
    bumps = np.exp(-0.5 * ((np.arange(30)[:, None] - np.array([25, 5, 15])) / 3) ** 2)
    figure = plots.plot_rate_maps(bumps[None], bumps[None])
    inferred = figure.axes[1].images[0].get_array()
    np.testing.assert_array_equal(np.argmax(inferred, axis=1), [5, 15, 25])


def test_rate_maps_average_the_largest_condition():
    data = RNG.random((5, 6, 2))
    words = texts(plots.plot_rate_maps(data, data, condition=np.array([1, 2, 2, 2, 1])))
    assert "Average of 3 trials (condition 2)" in words


def test_rates_against_truth_print_their_r2():
    truth = np.exp(RNG.normal(size=(6, 40, 3)))
    words = texts(plots.plot_rates_truth(np.full_like(truth, truth.mean()), truth, bin_width_s=0.01))
    assert "R² = 0.000" in words and "True rate (spikes/s)" in words
    assert "R² = 1.000\nlog R² = 1.000" in texts(plots.plot_rates_truth(truth, truth))


def test_wide_ranges_of_rates_get_logarithmic_axes():
    narrow, wide = 1 + RNG.random((4, 30, 3)), np.exp(3 * RNG.normal(size=(4, 30, 3)))
    scales = [plots.plot_rates_truth(truth, truth).axes[-2].get_xscale() for truth in (narrow, wide)]
    assert scales == ["linear", "log"]


def test_factors_are_in_order_of_variance():
    factors = RNG.normal(size=(5, 10, 3)) * np.array([1.0, 3.0, 2.0])
    titles = [ax.get_title(loc="left") for ax in plots.plot_factors(factors).axes]
    assert [title.split(" (")[0] for title in titles] == ["Factor 1", "Factor 2", "Factor 0"]


def test_a_flat_factor_looks_flat():
    factors = RNG.normal(size=(5, 10, 2)) * np.array([1.0, 1e-3])
    big, small = (np.diff(ax.get_ylim())[0] for ax in plots.plot_factors(factors).axes)
    assert small > 0.1 * big


def test_trajectories_are_in_space_in_a_plane_or_over_time():
    for width, expected in ((5, "PC 3"), (2, "PC 2"), (1, "Time (s)")):
        words = texts(plots.plot_trajectories(RNG.normal(size=(4, 6, width)), bin_width_s=0.1))
        assert expected in words and f"PC {min(width, 3) + 1}" not in words


def test_inputs_are_sorted_by_condition():
    inputs = np.arange(4.0)[:, None, None] * np.ones((4, 5, 1))
    figure = plots.plot_inputs(inputs, condition=np.array([1, 0, 1, 0]))
    shown = next(ax.images[0].get_array() for ax in figure.axes if ax.images)
    np.testing.assert_array_equal(shown[:, 0], [1, 3, 0, 2])


def test_inputs_are_sorted_by_an_event_which_is_marked():
    inputs = np.arange(4.0)[:, None, None] * np.ones((4, 5, 1))
    figure = plots.plot_inputs(inputs, event=np.array([3, 0, 4, 1]), bin_width_s=0.1)
    shown, marks = next((ax.images[0].get_array(), ax.lines[-1]) for ax in figure.axes if ax.images)
    np.testing.assert_array_equal(shown[:, 0], [1, 3, 0, 2])
    time = figure.axes[0].lines[-1].get_xdata()
    np.testing.assert_allclose(marks.get_xdata(), time[[0, 1, 3, 4]])
    with pytest.raises(DataError, match=r"event: has shape \(2,\), expected a bin for each of the 4 trials"):
        plots.plot_inputs(inputs, event=np.zeros(2))


def test_no_inputs_say_so():
    assert "infers no inputs" in texts(plots.plot_inputs(np.zeros((3, 4, 0))))


def test_recovery_prints_the_r2_of_each_dimension():
    latent = RNG.normal(size=(10, 12, 3))
    words = texts(plots.plot_latent_recovery(latent @ RNG.normal(size=(3, 5)), latent))
    assert words.count("R² = 1.000 over all trials") == 3 and "True state" in words


def test_training_curves_read_text_and_pass_over_gaps():
    rows = [
        {"epoch": str(e), "loss": str(9 - e), "nll": "", "val_nll": 0.5 - 0.1 * (e == 3), "kl_f": e, "l2_gen": e}
        for e in range(5)
    ]
    words = texts(plots.plot_training_curves(rows))
    assert "lowest: 0.4, epoch 3" in words and {"kl_f", "l2_gen"} <= set(words.split("\n")) and "kl_z" not in words


@pytest.mark.parametrize("rows", [[], [{}], [{"loss": "nan"}]])
def test_training_curves_without_numbers_say_so(rows):
    assert "No epoch has been logged" in texts(plots.plot_training_curves(rows))


@pytest.mark.parametrize("n", [1, 2, 60])
def test_training_curves_are_drawn_for_any_number_of_epochs(n):
    rows = [
        {"epoch": e, "loss": 5.0, "ramp_kl": e / n, "learning_rate": 1e-3, "val_nll_smoothed": -1.0} for e in range(n)
    ]
    assert plots.to_png(plots.plot_training_curves(rows), dpi=40).startswith(b"\x89PNG")


def test_equal_figures_give_equal_bytes():
    data = RNG.normal(size=(3, 5, 4))
    assert plots.to_png(plots.plot_factors(data), 40) == plots.to_png(plots.plot_factors(data), 40)


def test_labels_of_conditions():
    groups = condition_groups(np.array([2.0, np.nan, 1.0, 2.0]), 4)
    assert [(group.label, list(group.indices)) for group in groups] == [("1", [2]), ("2", [0, 3])]
    assert condition_groups(np.array([np.nan]), 1)[0].label == "all trials"
    assert [label_text(value) for value in (3, 2.5, b"left", "right")] == ["3", "2.5", "left", "right"]


def test_mean_and_standard_error_skip_what_is_missing():
    mean, error = mean_and_spread(np.array([[1.0, np.nan, 2.0], [3.0, np.nan, np.nan]]))
    np.testing.assert_array_equal(mean, [2.0, np.nan, 2.0])
    np.testing.assert_allclose(error, [1.0, 0.0, 0.0])


def test_swaps_show_each_pair_between_its_donors():
    f_donors, z_donors = RNG.random((2, 6, 4)), RNG.random((3, 6, 4))
    swapped = f_donors[:, None] + z_donors
    figure = plots.plot_swaps(f_donors, z_donors, swapped, f_labels=["A", "B"], bin_width_s=0.1)
    shown = [ax.images[0].get_array() for ax in figure.axes if ax.images]
    expected = [*z_donors, *f_donors, *swapped.reshape(6, 6, 4)]
    np.testing.assert_allclose(shown, np.swapaxes(expected, 1, 2) * 10)
    words = texts(figure)
    for word in ("f of A\nChannel", "f of B\nChannel", "z of 2", "Time (s)", "Rate (spikes/s)"):
        assert word in words
    assert len({ax.images[0].get_clim() for ax in figure.axes if ax.images}) == 1


def test_swaps_of_signed_data_have_zero_in_the_middle():
    values = RNG.normal(size=(2, 6, 4))
    figure = plots.plot_swaps(values, values, np.stack([values] * 2), counts=False)
    low, high = next(ax.images[0].get_clim() for ax in figure.axes if ax.images)
    assert low == -high and "Data units" in texts(figure)


@pytest.mark.parametrize("n_colors", [1, 3])
def test_swaps_of_images_are_film_strips(n_colors):
    films = RNG.random((2, 8, 5, 6, n_colors))
    figure = plots.plot_swaps(films, films, np.stack([films] * 2), bin_width_s=0.1, n_frames=3)
    strips = [ax.images[0].get_array() for ax in figure.axes if ax.images]
    assert len(strips) == 8 and {strip.shape for strip in strips} == {(5, 3 * 7 - 1, 3)}
    np.testing.assert_allclose(strips[0][:, 7:13], np.broadcast_to(films[0, 4], (5, 6, 3)))
    np.testing.assert_array_equal(strips[0][:, 6], 1.0)
    last = [ax for ax in figure.axes if ax.images][-1]
    assert [tick.get_text() for tick in last.get_xticklabels()] == ["0.05", "0.45", "0.75"]
    assert "Time (s)" in texts(figure) and "Channel" not in texts(figure)
    assert plots.to_png(figure, dpi=40).startswith(b"\x89PNG")


def test_swaps_draw_the_first_donors_only():
    values = RNG.random((9, 6, 4))
    figure = plots.plot_swaps(values, values, np.stack([values] * 9), n_donors=2)
    assert sum(bool(ax.images) for ax in figure.axes) == 8 and "f of 2" not in texts(figure)


def test_swaps_that_do_not_fit_their_donors_are_refused():
    a, b = np.zeros((2, 6, 4)), np.zeros((3, 6, 4))
    with pytest.raises(
        DataError, match=r"swapped: expected a sequence for every pair .*\(2, 3, 6, 4\), got \(3, 2, 6, 4\)"
    ):
        plots.plot_swaps(a, b, np.zeros((3, 2, 6, 4)))
    with pytest.raises(DataError, match=r"f_donors and z_donors: .* one shape, got \(6, 4\) and \(5, 4\)"):
        plots.plot_swaps(a, b[:, :5], np.zeros((2, 3, 5, 4)))
    with pytest.raises(DataError, match="labels: expected a name for each of the 3 donors, got 1"):
        plots.plot_swaps(a, b, np.zeros((2, 3, 6, 4)), z_labels=["A"])
    with pytest.raises(DataError, match=r"z_donors: expected images .* 1 or 3 colours, got \(1, 2, 3, 3, 2\)"):
        plots.plot_swaps(np.zeros((1, 2, 3, 3, 3)), np.zeros((1, 2, 3, 3, 2)), np.zeros((1, 1, 2, 3, 3, 2)))


def test_traversal_is_in_order_of_change():
    steps = np.array([-2.0, 0.0, 2.0])
    decoded = 5 + steps[:, None, None] * np.array([0.1, 0.3, 0.2])[:, None, None, None] * np.ones((3, 1, 6, 4))
    figure = plots.plot_traversal(decoded, steps, latent="z", bin_width_s=0.1, n_dimensions=2)
    words = texts(figure)
    assert "z 1\nChannel" in words and "z 2\nChannel" in words and "z 0\n" not in words
    assert "The 2 dimensions of z that change the rates most, of 3" in words
    for word in ("rms 12", "rms 8", "\N{MINUS SIGN}2 sd", "mean", "+2 sd", "Rate (spikes/s)", "Change\n(spikes/s)"):
        assert word in words
    first = [ax.images[0].get_array() for ax in figure.axes[:4]]
    np.testing.assert_allclose([one[0, 0] for one in first], [44, 50, 56, 12])


def test_traversal_without_as_many_steps_is_refused():
    with pytest.raises(DataError, match=r"2 or more steps, as many as there are in `steps` \(5\), got 3"):
        plots.plot_traversal(np.zeros((2, 3, 6, 4)))
    with pytest.raises(DataError, match=r"2 or more steps, .* \(1\), got 1"):
        plots.plot_traversal(np.zeros((2, 1, 6, 4)), steps=[0.0])
