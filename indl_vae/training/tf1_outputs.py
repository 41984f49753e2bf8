"""What a model inferred, in the files and datasets of run_lfads.py (LFADS on TF1)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import logsumexp

from indl_vae.analysis.session_views import by_session
from indl_vae.data import Dataset, Split, write_hdf5
from indl_vae.errors import ConfigError
from indl_vae.models.bounds import KL, divergence, score_samples

#: Kinds of run_lfads.py that write posteriors, by whether means were pushed through.
KINDS = {False: "posterior_sample_and_average", True: "posterior_push_mean"}
PRIOR_KIND = "prior_sample"
#: Our names of what was averaged, and run_lfads.py's.
AVERAGES = {
    "ic_mean": "post_g0_mean",
    "ic_logvar": "post_g0_logvar",
    "gen_init": "gen_ics",
    "controller_outputs": "controller_outputs",
    "gen_states": "gen_states",
    "factors": "factors",
}
#: Of draws from the prior; the inputs have another name there.
DRAWS = {"gen_init": "gen_ics", "gen_states": "gen_states", "factors": "factors"}


def posterior_file(folder: str | Path, session: str, split: str, push_mean: bool, stem: str = "") -> Path:
    """Returns the file of a session's split: `model_runs_<session>_<split>_<kind>`, or `<stem><session>_...`."""
    return Path(folder) / f"{stem or 'model_runs_'}{session}_{split}_{KINDS[push_mean]}"


def prior_file(folder: str | Path, stem: str = "") -> Path:
    """Returns the file of draws from the prior: `model_runs_prior_sample`, or `<stem>prior_sample`."""
    return Path(folder) / f"{stem or 'model_runs_'}{PRIOR_KIND}"


def posterior_arrays(
    run: Any, split: Split, averages: Mapping[str, np.ndarray], samples: int, seed: int = 0, push_mean: bool = False
) -> dict[str, np.ndarray]:
    """Returns the datasets of a split.

    Rates are averaged as rates. `costs` is the loss of each trial with the weights and ramps that the model holds,
    `nll_bound_vaes` and `nll_bound_iwaes` minus the bounds that LFADS on TF1 reports (`bounds` with weights "kl", the
    KL terms with their weights); all three belong to the trial itself, with `push_mean` too, where run_lfads.py writes
    a batch's mean beside each of its trials.

    Args:
        run: Its model is LFADS.
        split: The trials, nothing in them hidden.
        averages: What `run.posterior` returned for them.
        samples: Posterior samples.
        seed: Of the samples that are scored.
        push_mean: Whether posterior means were pushed through.

    Raises:
        ConfigError: The model is of another family, without factors.
    """
    model = run.model
    _check_family(averages, run.params.family)
    variance = run.params.likelihood == "gaussian"
    scores = score_samples(model, split, samples, seed, push_mean, variance=variance)
    arrays = {theirs: averages[ours] for ours, theirs in AVERAGES.items() if _is_there(averages, ours)}
    params = [averages["rates"], *([scores["variance"]] if variance else [])]
    arrays |= {"output_dist_params": np.concatenate(params, axis=-1), **_costs(model, split, scores)}
    if "post_g0_mean" in arrays:
        arrays |= _prior_g0(model, split.n_trials)
    arrays["train_steps"] = np.full(split.n_trials, run.train_step)
    return {name: np.asarray(value, np.float32) for name, value in arrays.items()}


def prior_arrays(run: Any, draws: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Returns the datasets of draws from the prior, of what `model.sample_prior` returned.

    `costs` is a zero, as it means nothing there.

    Raises:
        ConfigError: The model is of another family, without factors.
    """
    _check_family(draws, run.params.family)
    arrays = {theirs: draws[ours] for ours, theirs in DRAWS.items() if _is_there(draws, ours)}
    arrays |= {"output_dist_params": draws["rates"], "costs": np.zeros(1)}
    if "f_sample" in draws:
        arrays |= _prior_g0(run.model, len(draws["rates"]))
    if _is_there(draws, "controller_outputs"):
        arrays["prior_zs_ar_con"] = draws["controller_outputs"]
    return {name: np.asarray(value, np.float32) for name, value in arrays.items()}


def write_posterior_runs(
    arrays: Mapping[str, np.ndarray],
    dataset: Dataset,
    split: Split,
    asked: Path,
    folder: Path,
    push_mean: bool = False,
    stem: str = "",
) -> list[Path]:
    """Writes the datasets of a split, a file for each session, each whole or not at all; returns the files.

    Args:
        arrays: From `posterior_arrays`.
        dataset: The data.
        split: One of its splits.
        asked: Path under which the data were asked for; see `session_name`.
        folder: Where to.
        push_mean: Whether posterior means were pushed through.
        stem: See `posterior_file`.
    """
    return [
        write_hdf5(part, posterior_file(folder, name, split.name, push_mean, stem), {})
        for name, part in sessions_of(dataset, split, arrays, asked)
    ]


def write_prior_runs(arrays: Mapping[str, np.ndarray], folder: Path, stem: str = "") -> Path:
    """Writes the datasets of draws from the prior, whole or not at all; returns the file."""
    return write_hdf5(arrays, prior_file(folder, stem), {})


def sessions_of(
    dataset: Dataset, split: Split, arrays: Mapping[str, np.ndarray], asked: Path
) -> Iterator[tuple[str, dict[str, np.ndarray]]]:
    """Yields the name of each session and its part of a split's datasets, without padding.

    Args:
        dataset: The data.
        split: One of its splits.
        arrays: Datasets of the split.
        asked: Path under which the data were asked for, FOLDER/STEM or a file: a single session has the rest of its
            file's name after the stem for its name, or the whole name where nothing is left.
    """
    for name, part in by_session(dataset, split, arrays, over_channels=("output_dist_params",)).items():
        yield name or session_name(Path(dataset.source), asked), part


def session_name(file: Path, asked: Path) -> str:
    """Returns the name that run_lfads.py gives a session: what follows the stem and one more character."""
    whole = file.name.removesuffix(file.suffix if file.suffix in (".h5", ".hdf5", ".nwb") else "")
    rest = whole.removeprefix(asked.name)[1:] if whole.startswith(asked.name) else ""
    return rest or whole


def _costs(model: Any, split: Split, scores: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    log_p, terms = scores["log_likelihood"], model.terms
    weighted = {
        name: value * float(terms[name[1:]].weight_value) for name, value in scores.items() if name[1:] in terms
    }
    bound = log_p - divergence(weighted, KL, model)
    recon = -log_p
    if model.params.nll_reduction == "mean":
        recon = recon / (split.x[0].size if split.mask is None else np.maximum(split.mask.sum((1, 2)), 1)[:, None])
    ramped = sum(value * float(terms[name[1:]].ramp) for name, value in weighted.items())
    return {
        "costs": (recon + ramped).mean(axis=1) + _penalty(model),
        "nll_bound_vaes": -bound.mean(axis=1),
        "nll_bound_iwaes": np.log(bound.shape[1]) - logsumexp(bound, axis=1),
    }


def _penalty(model: Any) -> float:
    found = {name: term for name, term in model.terms.items() if term.kind == "l2"}
    return sum(float(t.weight_value) * float(t.ramp) * float(model.objective.penalty(n)) for n, t in found.items())


def _prior_g0(model: Any, n_trials: int) -> dict[str, np.ndarray]:
    prior = model.core.get_layer("f_prior").distribution()
    values = {"prior_g0_mean": prior.mean(), "prior_g0_logvar": np.log(prior.variance())}
    return {name: np.tile(np.asarray(value)[None], (n_trials, 1)) for name, value in values.items()}


def _is_there(arrays: Mapping[str, np.ndarray], name: str) -> bool:
    return name in arrays and arrays[name].shape[-1] > 0


def _check_family(arrays: Mapping[str, np.ndarray], family: str) -> None:
    if "factors" not in arrays or "gen_states" not in arrays:
        raise ConfigError(
            f"--tf1-outputs: expected a run of family lfads, got one of {family!r}. Leave the option out."
        )
