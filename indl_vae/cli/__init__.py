"""The command `indl-vae`: thin commands around the library, TensorFlow loaded only by those that need it."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version as installed_version

import typer

from indl_vae.cli.boundary import Commands
from indl_vae.cli.convert import convert
from indl_vae.cli.devices import choose_device, parse_device
from indl_vae.cli.dynamics import dynamics
from indl_vae.cli.evaluate import evaluate
from indl_vae.cli.export import export
from indl_vae.cli.families import families
from indl_vae.cli.fixed_points import fixed_points
from indl_vae.cli.import_weights import import_weights
from indl_vae.cli.inspect_data import inspect_data
from indl_vae.cli.nlb import nlb
from indl_vae.cli.params import params
from indl_vae.cli.pbt import pbt
from indl_vae.cli.posterior import posterior
from indl_vae.cli.prior import prior
from indl_vae.cli.report import report
from indl_vae.cli.scan import scan
from indl_vae.cli.synth import synth
from indl_vae.cli.train import train
from indl_vae.cli.tune import tune

__all__ = ["app", "main"]

app = typer.Typer(
    name="indl-vae",
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)

#: In the order in which they are used, which is also that of the help.
for name, command in {
    "families": families,
    "params": params,
    "synth": synth,
    "convert": convert,
    "inspect": inspect_data,
    "train": train,
    "scan": scan,
    "tune": tune,
    "pbt": pbt,
    "posterior": posterior,
    "prior": prior,
    "export": export,
    "evaluate": evaluate,
    "nlb": nlb,
    "dynamics": dynamics,
    "fixed-points": fixed_points,
    "report": report,
    "import-weights": import_weights,
}.items():
    app.command(name)(command)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"indl-vae {installed_version('indl_vae')}")
        raise typer.Exit


@app.callback()
def top(
    device: str | None = typer.Option(
        None, "--device", metavar="DEVICE", help="cpu, gpu or gpu:K to compute on; what there is by default."
    ),
    allow_gpu_growth: bool = typer.Option(
        False, "--allow-gpu-growth", help="Take a GPU's memory as it is needed, so that several processes share it."
    ),
    version: bool = typer.Option(False, "--version", callback=_show_version, is_eager=True, help="Show the version."),
) -> None:
    """Sequential variational autoencoders for neural population data: LFADS and its relatives.

    `indl-vae COMMAND --help` explains a command. Exit codes: 0 done; 2 bad input or configuration; 3 training diverged;
    130 Ctrl-C and 143 SIGTERM, with the state of a training saved.
    """
    choose_device(parse_device(device, allow_gpu_growth))


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the command.

    Args:
        arguments: What stands behind `indl-vae`; that of the process by default.

    Raises:
        SystemExit: Always, with the exit code.
    """
    app(args=None if arguments is None else list(arguments), prog_name="indl-vae")
