from __future__ import annotations

import numpy as np
from matplotlib.text import Text

from indl_vae.analysis import report_figures
from indl_vae.analysis.plots import to_png
from indl_vae.analysis.report_figures import figures_for, training_figure
from indl_vae.data.split import Split
from tests.analysis.example_data import make_split


def titles(figures) -> list[str]:
    return [title for title, _, _ in figures]


def posterior(split, **more):
    return {
        "rates": np.maximum(split.x, 0.1),
        "factors": split.x[..., :4],
        "f_loc": np.zeros((len(split.x), 3)),
        **more,
    }


def test_synthetic_counts_get_every_figure():
    split = make_split(n_trials=6)
    figures = figures_for(posterior(split, controller_outputs=split.x[..., :2]), split, 0.01)
    assert titles(figures) == [
        "Spikes over inferred rates",
        "Average rates of all channels",
        "Inferred against true rates",
        "Factors over time",
        "Trajectories of the population",
        "True latent state and its recovery",
        "Inferred inputs",
    ]
    assert all(caption.endswith(".") for _, caption, _ in figures)


def test_recorded_values_get_what_they_allow():
    x = np.random.default_rng(0).normal(size=(4, 6, 3)).astype(np.float32)
    arrays = {"rates": x, "z_loc": x, "controller_outputs": np.zeros((4, 6, 0))}
    found = figures_for(arrays, Split("valid", x), None)
    assert titles(found) == ["Average rates of all channels", "Latents z over time", "Trajectories of the population"]
    assert "Latent 0" in "".join(text.get_text() for text in found[1][2].findobj(Text))


def test_padding_is_not_drawn():
    split = make_split(n_trials=3, lengths=np.array([10, 10, 10]))
    trace = figures_for(posterior(split), split, None)[2][2].axes[0].lines[1].get_ydata()
    assert np.isfinite(trace[:10]).all() and np.isnan(trace[10:]).all()


def test_a_figure_that_fails_is_replaced_by_a_note(monkeypatch, caplog):
    def fail(*args, **kwargs):
        raise IndexError("index 3 is out of bounds")

    monkeypatch.setattr(report_figures, "plot_raster", fail)
    split = make_split(n_trials=2)
    figures = figures_for(posterior(split), split, None)
    assert "index 3 is out of bounds" in figures[0][2].texts[0].get_text()
    assert len(figures) == 6 and "could not be drawn" in caplog.text
    assert to_png(figures[0][2], 40)


def test_training_is_drawn_from_rows():
    title, caption, figure = training_figure([{"epoch": 1, "loss": 2.0}])
    assert title == "Training curves" and caption and figure.axes
