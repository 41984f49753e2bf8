"""Simulations: what each way of inference finds of the truth."""

from __future__ import annotations

from typing import Any

from benchmarks.dynamics.attractors import maker
from benchmarks.experiment import Experiment, Variant
from indl_vae.analysis.regions import evaluate_regions
from indl_vae.data import Dataset

_SHARED: dict[str, Any] = {
    "n_epochs": 120,
    "learning_rate": 3e-3,
    "lr_rule": "cosine",
    "lr_decay_steps": 1320,
    "lr_stop": 3e-5,
    "heldout_channels": "4::5",
    "tensorboard": False,
}
#: The cue of a switch is an input, which the states see as well as the latents.
_TWO_STATES = {**_SHARED, "n_states": 2, "inputs_to_states": True}
#: The two regions are one system, whose states switch when an input says so, not by where the latents are.
_LOTKA = {
    **_TWO_STATES,
    "region_latents": 1,
    "single_region_latent": True,
    "latents_to_states": False,
    "inputs_to_latents": False,
}
#: Long trials of units that move slowly: five latents of each region, changes rather than next states.
_NETWORKS = {
    **_SHARED,
    "inference": "svae",
    "region_latents": 4,
    "residual": True,
    "n_epochs": 200,
    "batch_size": 8,
    "lr_decay_steps": 2000,
}


def score(run: Any, data: Dataset, seed: int, variant: Variant) -> dict[str, Any]:
    """Figures on the test trials; maps to the true latents are those of the training trials."""
    found = evaluate_regions(run.model, data.test, fitted_on=data.train)
    return {**found, "valid_elbo": -min(row["val_neg_elbo"] for row in run.history)}


DOUBLE_WELL = Experiment(
    {name: Variant("mrsds", {**_TWO_STATES, "inference": name}) for name in ("s_svae", "mean_field", "slds")}
    | {"factorised": Variant("mrsds", {**_TWO_STATES, "inference": "s_svae", "discrete": "factorised"})}
    | {"random_start": Variant("mrsds", {**_TWO_STATES, "inference": "s_svae", "initialisation": "random"})}
    | {"noisy": Variant("mrsds", {**_TWO_STATES, "message_penalty": 1.0}, {"process_noise": 20.0})}
    | {"one_state": Variant("mrsds", {**_SHARED, "inference": "svae"})},
    maker("double_well"),
    score,
)
LOTKA_VOLTERRA = Experiment(
    {"s_svae": Variant("mrsds", {**_LOTKA, "inference": "s_svae"})}, maker("lotka_volterra"), score
)
NETWORKS = Experiment({"svae": Variant("mrsds", _NETWORKS)}, maker("rnn_regions"), score)
