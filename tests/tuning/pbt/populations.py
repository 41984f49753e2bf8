"""A population of tiny models, and its training without Ray: member after member in this process."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from indl_vae.params import dump_yaml
from indl_vae.tuning.pbt.population import Population, order_of
from indl_vae.tuning.pbt.population_plan import PopulationPlan, make_plan

CONFIG = {
    "f_units": [6],
    "f_latent_size": 3,
    "z1_units": 4,
    "con_units": 4,
    "gen_units": 6,
    "n_factors": 3,
    "z_latent_size": 1,
    "batch_size": 16,
    "kl_ramp_length": 1,
    "l2_ramp_length": 1,
    "lr_rule": "none",
    "bin_width_s": 0.01,
    "jit_compile": False,
    "tensorboard": False,
    "l2_gen_scale": 0.01,
}
POPULATION = {
    "size": 3,
    "generations": 3,
    "epochs_per_generation": 2,
    "patience": 0,
    "space": {
        "learning_rate": {"initial": 4e-3, "low": 1e-5, "high": 5e-3},
        "dropout_rate": {"low": 0.0, "high": 0.6},
        "l2_gen_scale": {"low": 1e-4, "high": 1.0, "scale": "log", "explore": 0.8, "limits": False},
    },
}


def write_data(folder: Path, seed: int = 0) -> Path:
    """Writes 48 training and 16 validation trials of counts, and returns their path."""
    counts = np.random.default_rng(seed).poisson(1.0, (64, 8, 5)).astype("float32")
    np.savez(folder / "x.npz", train_data=counts[:48], valid_data=counts[48:])
    return folder / "x.npz"


def write_config(folder: Path, population=(), **settings) -> Path:
    """Writes a configuration file and returns its path."""
    path = folder / "population.config.yaml"
    dump_yaml({**CONFIG, **settings, "population": {**POPULATION, **dict(population)}}, path)
    return path


def tiny_plan(folder: Path, population=(), **settings) -> PopulationPlan:
    """Returns the plan of a tiny population on data that are written into the folder."""
    return make_plan(write_data(folder), config=write_config(folder, population, **settings))


def train_generation(population: Population, trainer, ended=lambda: None) -> None:
    """Trains the members that have yet to, one after the other."""
    for member in population.waiting():
        order = order_of(population.state, member)
        population.report(member, order["generation"], trainer.train(order)["score"])
        population.write()
    population.advance()
    population.write()
    ended()
