"""The pictures of a model of neurons with identities: traces, tuning, identities, latents."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from indl_vae.analysis.neurons import (
    hidden_values,
    identity_vectors,
    latent_traversal,
    latent_variance,
    latents_of,
    observed_tuning,
    tuning,
)
from indl_vae.analysis.neurons.found import as_arrays, identity_of, mask_of
from indl_vae.analysis.observed import observed_or_nan
from indl_vae.analysis.plots import plot_embedding, plot_latent_kl, plot_traces, plot_tuning
from indl_vae.analysis.plots.raster import spread_indices
from indl_vae.analysis.report_figures import CaptionedFigure, draw
from indl_vae.data.split import Split

#: Windows that pictures are of, and values of a behaviour, or deviations of a latent, that are swept.
N_WINDOWS, N_VALUES = 24, 11


def neuron_figures(
    model: Any,
    split: Split,
    bin_width_s: float | None = None,
    *,
    names: Sequence[str] | None = None,
    behaviors: Sequence[str] | None = None,
    kl: tuple[Any, Any] | None = None,
) -> list[CaptionedFigure]:
    """Draws what a model of neurons has found; none for another model.

    Args:
        model: The model.
        split: The windows, of which some are drawn.
        bin_width_s: Width of a bin in seconds, or None.
        names: Of the identities, the first that of identity 0.
        behaviors: Names of the behaviours.
        kl: Numbers of epochs `(E,)` and divergences `(E, L)`, for curves over training; see `LatentKLLog`.
    """
    if not hasattr(model, "impute"):
        return []
    few = split.take(spread_indices(split.n_trials, N_WINDOWS))
    arrays = as_arrays(few)
    there = identity_of(arrays)[mask_of(arrays).any(1)]
    classes = np.unique(there[there > 0])
    vectors = identity_vectors(model)
    label = [str(i) if names is None or i >= len(names) else str(names[i]) for i in range(len(vectors))]
    figures = []
    if len(classes) > 1:
        figures.append(draw(*_TRACES, _traces, model, few, label, bin_width_s))
    told = 0 if few.ext_input is None else few.ext_input.shape[2]
    for number in range(told if len(classes) else 0):
        name = f"behaviour {number}" if behaviors is None else behaviors[number]
        title, caption = _TUNING
        figures.append(draw(title.format(name), caption, _tuning, model, few, number, name, classes, label))
    found = latents_of(model, few)
    if len(classes):
        figures.append(draw(*_LATENT, _strongest, model, few, found["loc"], classes, label))
    figures.append(draw(*_IDENTITIES, _identities, model, few, vectors, classes, label, behaviors))
    last = found["kl"].mean(0)
    epochs, table = (None, last) if kl is None else kl
    figures.append(draw(*_USE, plot_latent_kl, table, latent_variance(found["loc"]), epochs=epochs))
    return figures


def _traces(model: Any, split: Split, label: Sequence[str], bin_width_s: float | None) -> Any:
    few = split.take(spread_indices(split.n_trials, 2))
    identity = identity_of(as_arrays(few))
    there = np.unique(identity[mask_of(as_arrays(few)).any(1) & (identity > 0)])
    hidden = hidden_values(model, few, min(5, len(there)))
    names = [[label[i] for i in row] for row in identity]
    shown = latents_of(model, few)["rates"]
    return plot_traces(observed_or_nan(few), shown, hidden, names=names, bin_width_s=bin_width_s)


def _tuning(model: Any, split: Split, number: int, name: str, classes: np.ndarray, label: Sequence[str]) -> Any:
    low, high = np.quantile(as_arrays(split)["ext_input"][..., number], (0.02, 0.98))
    values = np.linspace(low, high if high > low else low + 1.0, N_VALUES)
    expected = tuning(model, split, number, values, classes)
    observed = observed_tuning(split, number, values, classes)
    return plot_tuning(values, expected, observed, names=[label[i] for i in classes], behavior=name.capitalize())


def _identities(
    model: Any, split: Split, vectors: np.ndarray, classes: np.ndarray, label: Sequence[str], behaviors: Any
) -> Any:
    """Draws identities, with a behaviour in the colours of their tuning to the first one."""
    if split.ext_input is None or not len(classes):
        return plot_embedding(vectors[1:], names=label[1:])
    low, high = np.quantile(split.ext_input[..., 0], (0.02, 0.98))
    change = np.full(len(vectors), np.nan)
    change[classes] = np.diff(tuning(model, split, 0, [low, high], classes), axis=0)[0]
    name = "behaviour 0" if behaviors is None else behaviors[0]
    return plot_embedding(vectors[1:], names=label[1:], values=change[1:], meaning=f"Change from low to high {name}")


def _strongest(model: Any, split: Split, loc: np.ndarray, classes: np.ndarray, label: Sequence[str]) -> Any:
    latent, steps = int(np.argmax(latent_variance(loc))), np.linspace(-2.0, 2.0, N_VALUES)
    expected = latent_traversal(model, split, latent, steps, classes)
    name = f"Latent {latent} (deviations from its mean)"
    return plot_tuning(steps, expected, names=[label[i] for i in classes], behavior=name)


_TRACES = (
    "Neurons shown and hidden",
    "From the neuron that is told best to the one that is told worst: orange, which never saw the neuron, should "
    "follow the grey trace nearly as well as blue, which did.",
)
_TUNING = (
    "Tuning to {}",
    "What the model expects of each class if this behaviour were another, with latents and other behaviours as they "
    "are; dots are means of the data, in which behaviours go together, so that the two may differ.",
)
_LATENT = (
    "What the latent that varies most does",
    "Classes that go up and down with one latent while everything else stays as it is: a signal that they share.",
)
_IDENTITIES = (
    "Map of identities",
    "Classes that lie together do alike in the model; those that were never recorded lie where they began, at random.",
)
_USE = (
    "Which latents are used",
    "A latent whose divergence falls to nothing says nothing; if all do, the posterior has collapsed.",
)
