"""DSAE on trials of a static and a dynamic class: who knows what, and what an exchange of latents does."""

from __future__ import annotations

import dataclasses
from typing import Any

from benchmarks.disentangling.labels import labels
from benchmarks.experiment import Experiment, Variant
from indl_vae.analysis.disentanglement import CodeSet, TemplateJudge, probe_table, swap_test
from indl_vae.data import Dataset
from indl_vae.data.synthetic import make
from indl_vae.data.synthetic.static_dynamic import templates

#: Sizes and schedule of the specification's experiment.
_SIZES: dict[str, Any] = {
    "feature_units": 24,
    "f_units": 24,
    "f_latent_size": 6,
    "z_latent_size": 2,
    "z1_units": 24,
    "z_prior_units": 24,
    "decoder_units": 24,
    "scale_channels": False,
    "batch_size": 64,
    "learning_rate": 3e-3,
    "lr_rule": "none",
    "kl_ramp_length": 10,
    "n_epochs": 30,
    "patience": 0,
    "select_on": "loss",
}
_FULL = {**_SIZES, "z2_units": 24}


def _score(run: Any, data: Dataset, seed: int, variant: Variant) -> dict[str, Any]:
    model, (static, dynamic) = run.model, labels(data.test)
    table = probe_table(*(_codes(model, split) for split in (data.train, data.test)))
    judge = TemplateJudge(templates(seed), likelihood=run.params.likelihood)
    swapped = model.reconstruct(data.test, swap_static=True, push_mean=True)["rates"]
    swap = swap_test(swapped, static[::-1], dynamic, judge)
    scores = model.evaluate(data.test.batches(data.test.n_trials), verbose=0, return_dict=True)
    kls = {name: scores[name] for name in ("kl_f", "kl_z")}
    return {**dataclasses.asdict(table), "swap_static": swap.static, "swap_dynamic": swap.dynamic, **kls}


def _codes(model: Any, split: Any) -> CodeSet:
    outputs = model.posterior(split, push_mean=True)
    return CodeSet(outputs["f_loc"], outputs["z_loc"], *labels(split))


def _make(seed: int, **options: Any) -> Dataset:
    return make("static-dynamic", seed=seed, **options).dataset()


EXPERIMENT = Experiment(
    {
        "full_poisson": Variant("dsae_full", _FULL),
        "factorized_poisson": Variant("dsae_factorized", _SIZES),
        "full_gaussian": Variant("dsae_full", {**_FULL, "likelihood": "gaussian"}, {"noise": "gaussian"}),
        "factorized_gaussian": Variant("dsae_factorized", {**_SIZES, "likelihood": "gaussian"}, {"noise": "gaussian"}),
    },
    _make,
    _score,
)
