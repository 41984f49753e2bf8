"""All figures of a trained model of several regions on a split."""

from __future__ import annotations

from typing import Any

import numpy as np

from indl_vae.analysis.regions.co_smoothing import channel_r2, co_smoothing
from indl_vae.analysis.regions.generation import generate, one_step_r2
from indl_vae.analysis.regions.latent_maps import fit_latent_maps, latent_r2
from indl_vae.analysis.regions.message_recovery import message_recovery
from indl_vae.analysis.regions.state_accuracy import adjusted_rand_index, state_accuracy
from indl_vae.analysis.regions.switch_times import switch_f1, switch_time_error
from indl_vae.data.split import Split


def evaluate_regions(model: Any, split: Split, fitted_on: Split | None = None, samples: int = 20) -> dict[str, Any]:
    """Returns figures of what was found, and, as far as the split holds the truth, of how true it is.

    Args:
        model: A trained model.
        split: The trials that are scored.
        fitted_on: Trials on which linear maps to true latents are fitted; the same ones by default.
        samples: Posterior samples that are averaged.

    Returns:
        r2 of the data by the posterior, one_step_r2, generation_r2 (by itself from the first bin); with held-out
        channels co_smoothing_r2. Where the split holds them: latent_r2 `(R, L)`, message_r2 `(R, R)`, state_accuracy,
        adjusted_rand_index, switch_error (bins, median) and switch_f1 by tolerance.
    """
    found = model.posterior(split, samples=samples)
    scores: dict[str, Any] = {
        "r2": channel_r2(split.x, found["rates"], split.mask)[1],
        "one_step_r2": one_step_r2(model, split),
        "generation_r2": generate(model, split).r2,
    }
    if model.params.heldout_channels is not None:
        scores["co_smoothing_r2"] = co_smoothing(model, split, samples=samples).pooled_r2
    true, extras = split.extras.get("latent"), split.extras
    n_regions = len(model.params.region_sizes or model.spec.region_sizes or (1,))
    if true is not None and true.shape[-1] % n_regions == 0:
        base = split if fitted_on is None else fitted_on
        one = model.params.single_region_latent  # one system, in which no latent belongs to a region
        maps = fit_latent_maps(
            model.posterior(base, samples=samples)["factors"], base.extras["latent"], 1 if one else n_regions
        )
        scores["latent_r2"] = latent_r2(found["factors"], true, maps)
        if not one and "messages" in extras and np.shape(extras["messages"])[2] == n_regions:
            told = model.messages(found["factors"], split.ext_input, found["state_probs"])["messages"]
            scores["message_r2"] = message_recovery(told, extras["messages"], maps, extras.get("dynamic_label"))
    if extras.get("dynamic_label") is not None:
        states = model.discrete_path(found["factors"], split.ext_input)
        scores |= _of_states(states, extras["dynamic_label"], split.lengths)
    return scores


def _of_states(states: np.ndarray, true: np.ndarray, lengths: Any) -> dict[str, Any]:
    return {
        "state_accuracy": state_accuracy(states, true, lengths),
        "adjusted_rand_index": adjusted_rand_index(states, true, lengths),
        "switch_error": switch_time_error(states, true, lengths),
        "switch_f1": {str(k): v for k, v in switch_f1(states, true, lengths=lengths).items()},
    }
