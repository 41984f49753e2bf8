"""`indl-vae fixed-points RUN`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import numpy as np
import typer

from indl_vae.cli.open_run import open_run, open_run_with
from indl_vae.cli.options import OutOption, RunArgument, SeedOption, check_file
from indl_vae.data.ragged import length_mask
from indl_vae.errors import ConfigError

if TYPE_CHECKING:
    from indl_vae.data import Split
    from indl_vae.training import Run

#: Trials whose generator states the search starts from.
MAX_TRIALS = 200


def fixed_points(
    run: RunArgument,
    out: OutOption,
    data: Annotated[
        Path | None,
        typer.Option("--data", metavar="DATA", help="Data file; that of the training by default.", show_default=False),
    ] = None,
    starts: Annotated[int, typer.Option("--starts", min=1, help="States that the search starts from.")] = 256,
    noise: Annotated[float, typer.Option("--noise", min=0.0, help="Noise on them, in standard deviations.")] = 0.1,
    max_speed: Annotated[
        float, typer.Option("--max-speed", help="Largest q = |F(h) - h|^2 / 2 of a point; 1e-4 shows slow points too.")
    ] = 1e-12,
    inputs: Annotated[
        str | None,
        typer.Option(
            "--inputs",
            metavar="U,...",
            help="Constant input of the generator, inferred then external; zeros by default.",
            show_default=False,
        ),
    ] = None,
    seed: SeedOption = 0,
) -> None:
    """Find the fixed points of the trained generator.

    Writes points, speeds, Jacobians, eigenvalues, time constants and frequencies to an HDF5 file, and a picture beside
    it (.png).
    """
    picture = check_file(out).with_suffix(".png")
    constant = _numbers(inputs)
    opened = open_run(run) if data is None else open_run_with(run, data)[0]
    from indl_vae.analysis.fixed_points_file import write_fixed_points
    from indl_vae.analysis.fixed_points_table import fixed_points_table
    from indl_vae.analysis.generator_map import generator_fixed_points
    from indl_vae.analysis.plots import plot_fixed_points, to_png

    split = opened.load_dataset().train
    chosen = split.take(slice(0, MAX_TRIALS))
    typer.echo(f"{chosen.n_trials} trials, {starts} starts", err=True)
    states = _visited(opened, chosen)
    found = generator_fixed_points(
        opened.model,
        states[np.isfinite(states).all(-1)],
        inputs=constant,
        n_starts=starts,
        noise=noise,
        seed=seed,
        max_speed=max_speed,
    )
    write_fixed_points(out, found, opened.model, constant)
    figure = plot_fixed_points(states, found.points, found.eigenvalues, bin_width_s=found.bin_width_s)
    picture.write_bytes(to_png(figure))
    for line in fixed_points_table(found):
        typer.echo(line)
    typer.echo(f"Wrote {out} and {picture}")


def _visited(run: Run, split: Split) -> np.ndarray:
    """Returns the generator's states `(B, T, G)`, NaN in the bins past a trial's end."""
    found = run.predict(split, push_mean=True)
    states = found["gen_states"]
    if "lengths" in found:
        states = np.where(length_mask(found["lengths"], states.shape[1])[..., None], states, np.nan)
    return states


def _numbers(text: str | None) -> list[float] | None:
    try:
        return None if text is None else [float(part) for part in text.split(",")]
    except ValueError as error:
        raise ConfigError(f"--inputs {text}: expected numbers with commas between them, such as 0.1,0.") from error
