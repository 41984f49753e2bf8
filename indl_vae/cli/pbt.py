"""`indl-vae pbt`."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from indl_vae.cli.options import DataOption, PresetOption, SetOption, check_folder
from indl_vae.cli.settings import parse_settings
from indl_vae.cli.tensorflow_loading import load_tensorflow
from indl_vae.errors import IndlVaeError


def pbt(
    data: DataOption,
    out: Annotated[Path, typer.Option("--out", metavar="FOLDER", help="Folder of the population.", show_default=False)],
    family: Annotated[
        str | None,
        typer.Option(
            "--family",
            metavar="FAMILY",
            help="Model family; autolfads unless the config says another.",
            show_default=False,
        ),
    ] = None,
    preset: PresetOption = None,
    config: Annotated[
        Path | None,
        typer.Option(
            "--config",
            metavar="C.yaml",
            help="YAML file of parameters; its key population holds size, space and rules of the population.",
            show_default=False,
        ),
    ] = None,
    settings: SetOption = None,
    population: Annotated[
        int | None, typer.Option("--population", metavar="N", help="Members.", show_default="20")
    ] = None,
    generations: Annotated[
        int | None, typer.Option("--generations", metavar="N", help="Most generations.", show_default="50")
    ] = None,
    epochs_per_generation: Annotated[
        int | None,
        typer.Option("--epochs-per-generation", metavar="N", help="Epochs between exchanges.", show_default="25"),
    ] = None,
    exploit: Annotated[
        str | None,
        typer.Option(
            "--exploit",
            metavar="RULE",
            help="binary_tournament, pairs, quantiles, or none: a random search with the same budget.",
            show_default="binary_tournament",
        ),
    ] = None,
    explore: Annotated[
        str | None,
        typer.Option("--explore", metavar="RULE", help="perturb, linear or ray.", show_default="perturb"),
    ] = None,
    seed: Annotated[
        int | None, typer.Option("--seed", metavar="N", help="Of first values and exchanges.", show_default="0")
    ] = None,
    address: Annotated[
        str | None,
        typer.Option(
            "--address",
            metavar="HOST:PORT",
            help="Ray cluster to use; auto for the one of this machine. One is started here by default.",
            show_default=False,
        ),
    ] = None,
    cpus_per_member: Annotated[float, typer.Option("--cpus-per-member", min=0.1, help="Cores of each member.")] = 1,
    gpus_per_member: Annotated[float, typer.Option("--gpus-per-member", min=0, help="GPUs of each, or a share.")] = 0,
) -> None:
    """Train a population that tunes itself while training.

    Population-based training on Ray Tune, as AutoLFADS has it: members copy the better ones and vary hyperparameters.
    Started again, it goes on. Writes FOLDER/best, the run folder of the best member, pbt_state.csv, exploits.csv,
    gen_config.csv and population.png.
    """
    from indl_vae.tuning.pbt.population_plan import make_plan

    check_folder(out, "--out")
    plan = make_plan(
        data,
        family,
        config,
        preset,
        parse_settings(settings or ()),
        size=population,
        generations=generations,
        epochs_per_generation=epochs_per_generation,
        exploit=exploit,
        explore=explore,
        seed=seed,
    )
    load_tensorflow()
    from indl_vae.tuning.pbt.train_population import train_population

    try:
        trained = train_population(plan, out, address, cpus_per_member, gpus_per_member)
    except IndlVaeError:
        raise  # says itself what to do
    except BaseException:
        typer.echo(f"The state of the population is saved in {out}. The same command goes on with it.", err=True)
        raise
    best, run = trained.state["best"], shlex.quote(str(out / "best"))
    typer.echo(f"Best: member {best['member']:03d} after generation {best['generation']}, score {best['score']:.6g}.")
    typer.echo(f"  histories         {out / 'population.png'}, {out / 'gen_config.csv'}, {out / 'exploits.csv'}")
    typer.echo(f"Next:\n  indl-vae report {run}\n  tensorboard --logdir {shlex.quote(str(out / 'members'))}")
