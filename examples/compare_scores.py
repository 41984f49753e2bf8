"""Figures of several trained models on the same trials, beside the baselines."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from indl_vae.analysis.baselines import BASELINES
from indl_vae.analysis.disentanglement import chance_level, linear_probe
from indl_vae.analysis.evaluate import posterior_of
from indl_vae.analysis.held_out import HeldOut
from indl_vae.analysis.scores import UNITS, Scores, score_rates
from indl_vae.data import Dataset, Split
from indl_vae.training import Run

#: Figures of rates that are compared, where the data give them.
OF_RATES = ("co_bps", "bits_per_spike", "r2_rates", "behavior_r2")
MEANING = {
    "kl_f": "nats a trial: how much the posterior of f tells beyond its prior; that of FHVAE lies about the mean of "
    "the trial, which is estimated from the same data",
    "kl_z": "nats a trial: how much the posterior of z tells beyond its prior",
    "weights": "number of trained weights",
    "epochs": "epochs trained",
    "seconds": "wall time of training, starting up and tracing within",
}


def compare(runs: Mapping[str, Run], seconds: Mapping[str, float], dataset: Dataset) -> dict[str, Any]:
    """Returns the figures of every run and of the baselines, on the test trials where there are any.

    Args:
        runs: By name of the model.
        seconds: Wall time of each one's training.
        dataset: Of all runs.
    """
    scored, labels = scored_split(dataset), labels_of(scored_split(dataset))
    held_out = HeldOut.from_params(next(iter(runs.values())).params, dataset)
    models = {name: figures(run, dataset, held_out) | {"seconds": seconds[name]} for name, run in runs.items()}
    known = [key for key in OF_RATES if any(row[key] is not None for row in models.values())]
    return {
        "data": dataset.info(),
        "split": scored.name,
        "models": {
            name: {key: row[key] for key in row if key in known or key not in OF_RATES} for name, row in models.items()
        },
        "baselines": {name: {key: row[key] for key in known} for name, row in baselines(dataset, held_out).items()},
        "seen_spikes": {f"{label} from spikes": probe(dataset, label, seen(dataset, held_out)) for label in labels},
        "chance": {label: chance_level(values) for label, values in labels.items()},
        "units": {key: UNITS[key] for key in known} | MEANING,
    }


def figures(run: Run, dataset: Dataset, held_out: HeldOut) -> dict[str, Any]:
    """Returns the figures of one run."""
    scored = scored_split(dataset)
    found = scores(lambda split: posterior_of(run.model, split, held_out, 50, 0)["rates"], dataset, held_out)
    codes = {s.name: codes_of(run, s, held_out) for s in (dataset.train, scored)}
    decoded = {
        f"{label} from {latent}": probe(dataset, label, lambda split, latent=latent: codes[split.name][latent])
        for label in labels_of(scored)
        for latent in ("f", "z")
    }
    batches = held_out.hide(scored).batches(scored.n_trials, shuffle=False)
    terms = run.model.evaluate(batches, verbose=0, return_dict=True)
    return {
        **{key: found[key] for key in OF_RATES},
        **decoded,
        **{key: float(terms[key]) for key in ("kl_f", "kl_z") if key in terms},
        "weights": int(sum(np.prod(weight.shape) for weight in run.model.trainable_weights)),
        "epochs": len(run.history),
    }


def codes_of(run: Run, split: Split, held_out: HeldOut) -> dict[str, np.ndarray]:
    """Returns posterior means: f `(B, D)`, of FHVAE the mean of the trial's segments, and z `(B, T, Z)`."""
    arrays = run.posterior(held_out.hide(split), push_mean=True)
    return {"f": arrays["sequence_mean" if "sequence_mean" in arrays else "f_loc"], "z": arrays["z_loc"]}


def scored_split(dataset: Dataset) -> Split:
    """Returns the test trials, or the validation trials where there are none."""
    return dataset.valid if dataset.test is None else dataset.test


def labels_of(split: Split) -> dict[str, np.ndarray]:
    """Returns what trials are labelled with, `(B,)` each: static and dynamic class, or else the condition."""
    found = {name: split.extras.get(f"{name}_label") for name in ("static", "dynamic")}
    rows = {name: np.reshape(values, (split.n_trials, -1)) for name, values in found.items() if values is not None}
    labels = {name: values[:, 0] for name, values in rows.items() if (values == values[:, :1]).all()}
    return labels if labels or split.condition is None else {"condition": split.condition}


def probe(dataset: Dataset, label: str, features: Callable[[Split], np.ndarray]) -> float:
    """Returns the accuracy of a linear probe of a label, trained on training trials, on the scored ones."""
    train, scored = dataset.train, scored_split(dataset)
    return linear_probe(features(train), labels_of(train)[label], features(scored), labels_of(scored)[label])


def seen(dataset: Dataset, held_out: HeldOut) -> Callable[[Split], np.ndarray]:
    """Returns a function that gives the counts which the encoders see."""
    channels = held_out.seen_channels(dataset.spec.n_channels)
    return lambda split: split.x[:, : held_out.n_seen_bins(split.n_bins), channels]


def baselines(dataset: Dataset, held_out: HeldOut) -> dict[str, Scores]:
    """Fits the baselines that the data allow on training trials and scores them."""
    train, scored, result = dataset.train, scored_split(dataset), {}
    for name in BASELINES.names():
        baseline = BASELINES.get(name)(seed=0)
        if baseline.applies(train, scored):
            fitted = baseline.fit(train, held_out)
            rates = lambda split, fitted=fitted: fitted.predict(held_out.hide(split))  # noqa: E731
            result[name] = scores(rates, dataset, held_out)
    return result


def scores(rates: Callable[[Split], np.ndarray], dataset: Dataset, held_out: HeldOut) -> Scores:
    """Returns the scores of rates on the scored trials; behaviour is decoded by what training trials teach."""
    scored, behaviour = scored_split(dataset), dataset.train.behavior
    train = None if behaviour is None else (rates(dataset.train), dataset.train)
    return score_rates(rates(scored), scored, held_out, train)
