"""A tiny data file, the settings of a model that trains in a moment, and the command in this process."""

from __future__ import annotations

from pathlib import Path

from typer.testing import CliRunner, Result

from indl_vae.cli import app
from indl_vae.data import synthetic

SIZES = {"n_conditions": 4, "n_replications": 5, "n_channels": 8, "n_bins": 12}
#: As --set options: two batches an epoch, no XLA.
SETTINGS = [
    f"--set={setting}"
    for setting in (
        "jit_compile=false f_units=4 f_latent_size=3 z1_units=4 con_units=4 gen_units=6 n_factors=3 batch_size=8 "
        "kl_ramp_length=0 l2_ramp_length=0"
    ).split()
]


def write_data(path: Path, **sizes: int) -> Path:
    """Writes 16 training and 4 validation trials of 12 bins and 8 channels, unless `sizes` say otherwise."""
    return synthetic.write("lorenz", path, seed=1, **{**SIZES, **sizes})[0]


def run(*arguments: object) -> Result:
    """Runs `indl-vae` in this process; what is a bug raises."""
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result
