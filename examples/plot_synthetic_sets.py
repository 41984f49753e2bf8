"""Draws one trial of three synthetic sets: what a model is given, and what is hidden behind it.

python examples/plot_synthetic_sets.py --out docs/img/synthetic_sets.png
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from indl_vae.analysis.plots.canvas import MUTED, PALETTE, TRUTH, new_figure, rate_unit, styled, time_axis, to_png
from indl_vae.data import synthetic

SETS = {
    "lorenz": {},
    "chaotic_rnn_inputs_g1p5": {"n_conditions": 20},
    "itb_rnn": {"n_conditions": 20},
}
N_UNITS_SHOWN = 3


@styled
def draw() -> Any:
    """Returns the figure: a column a set; counts, expected counts and hidden state from top to bottom."""
    figure = new_figure(6.2, 10.0)
    axes = figure.subplots(3, len(SETS), sharex="col")
    for column, (name, options) in zip(axes.T, SETS.items(), strict=True):
        draw_set(column, name, synthetic.make(name, **options))
    for row, title in zip(axes, ("Channel", "Channel", "Hidden state"), strict=True):
        row[0].set_ylabel(title)
    return figure


def draw_set(column: Any, name: str, made: synthetic.SyntheticSet) -> None:
    """Draws the first validation trial of a set."""
    split = made.dataset().valid
    time, time_label = time_axis(split.n_bins, made.bin_width_s)
    scale, unit = rate_unit(made.bin_width_s)
    extent = (0.0, split.n_bins * made.bin_width_s, split.n_channels, 0)
    counts, rates, hidden = column
    counts.imshow(split.x[0].T, aspect="auto", cmap="Greys", extent=extent, vmax=2, interpolation="nearest")
    counts.set_title(f"{name}\nspikes")
    shown = rates.imshow(split.truth[0].T * scale, aspect="auto", cmap="magma", extent=extent, interpolation="nearest")
    rates.set_title("true rates")
    rates.figure.colorbar(shown, ax=rates, label=unit)
    hidden.plot(time, split.extras["latent"][0, :, :N_UNITS_SHOWN], color=MUTED, linewidth=1.0)
    hidden.set_title("state (3 dimensions)")
    hidden.set_xlabel(time_label)
    draw_input(hidden, time, made, split)


def draw_input(hidden: Any, time: Any, made: synthetic.SyntheticSet, split: Any) -> None:
    """Adds the true input, and the output of the network that has one."""
    pulses = split.extras.get("input_truth")
    if pulses is not None:
        hidden.plot(time, pulses[0, :, 0] / max(1.0, abs(pulses).max()), color=PALETTE[1], label="input (scaled)")
        hidden.set_title("state (3 units) and input")
    if "valid_outputs_u" in made.arrays:
        hidden.plot(time, made.arrays["valid_outputs_u"][0], color=TRUTH, label="output")
        hidden.set_title("state (3 units), input and output")
    if pulses is not None:
        hidden.legend(loc="lower left")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("synthetic_sets.png"), help="File to write.")
    out = parser.parse_args().out
    out.write_bytes(to_png(draw(), dpi=90))
    print(f"Wrote {out}")


if __name__ == "__main__":
    main()
