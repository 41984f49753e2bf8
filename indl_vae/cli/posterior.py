"""`indl-vae posterior RUN`."""

from __future__ import annotations

from typing import Annotated

import typer

from indl_vae.cli.open_run import open_run_with
from indl_vae.cli.options import DataOption, OutOption, RunArgument, SeedOption, check_file
from indl_vae.errors import ConfigError

DEFAULT_SAMPLES = 50
SAMPLES_HELP = f"Posterior samples averaged for each trial; {DEFAULT_SAMPLES} by default."


def posterior(
    run: RunArgument,
    data: DataOption,
    out: OutOption,
    samples: Annotated[int | None, typer.Option("--samples", min=1, help=SAMPLES_HELP, show_default=False)] = None,
    push_mean: Annotated[bool, typer.Option("--push-mean", help="Push the posterior means through instead.")] = False,
    seed: SeedOption = 0,
    hz: Annotated[bool, typer.Option("--hz", help="Write rates in Hz too, as {split}_rates_hz.")] = False,
) -> None:
    """Infer the rates, factors and inputs of every trial.

    The data may be new: any of the splits will do. The HDF5 file holds a dataset for each split and array, such as
    valid_rates: rates in expected counts per bin, factors, states and latents, averaged over posterior samples.
    """
    if push_mean and samples is not None:
        raise ConfigError("--samples and --push-mean: expected one of them, got both. Leave one out.")
    check_file(out)
    from indl_vae.analysis.rates_hz import rates_hz

    opened, dataset = open_run_with(run, data, splits="present")
    if hz:
        rates_hz(0.0, dataset.bin_width_s)  # an unknown width is an error before the work, not after it
    from indl_vae.analysis.held_out import HeldOut
    from indl_vae.training.posterior_file import write_posterior

    held_out, count = HeldOut.from_params(opened.params, dataset), samples or DEFAULT_SAMPLES
    splits = {}
    for name, split in dataset.splits.items():
        typer.echo(f"{name}: {split.n_trials} trials", err=True)
        arrays = opened.posterior(held_out.hide(split), samples=count, seed=seed, push_mean=push_mean)
        in_hz = {"rates_hz": rates_hz(arrays["rates"], dataset.bin_width_s)} if hz else {}
        splits[name] = {**arrays, **in_hz, "inds": split.inds}
    write_posterior(out, splits, bin_width_s=dataset.bin_width_s, samples=0 if push_mean else count)
    typer.echo(f"Wrote {out}")
