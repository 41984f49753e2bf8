"""Pictures of one model of trials: its rates, what its f and its z are, and what an exchange of them does."""

from __future__ import annotations

from typing import Any

import numpy as np
from compare_scores import codes_of, labels_of, scored_split
from matplotlib.figure import Figure

from indl_vae.analysis.evaluate import posterior_of
from indl_vae.analysis.held_out import HeldOut
from indl_vae.analysis.observed import observed_or_nan
from indl_vae.analysis.plots import plot_factors, plot_inputs, plot_raster, plot_swaps
from indl_vae.analysis.plots.canvas import condition_groups, new_figure, outside_legend, styled
from indl_vae.analysis.principal_components import principal_components
from indl_vae.data import Dataset, Split
from indl_vae.training import Run

#: Title, caption (what to look at), figure.
CaptionedFigure = tuple[str, str, Figure]
#: Largest number of donors in a picture of exchanged latents.
N_DONORS = 4


def pictures_of(name: str, run: Run, dataset: Dataset) -> list[CaptionedFigure]:
    """Draws a model's rates, f and z of the scored trials and, where the model can, exchanged latents."""
    split, held_out = scored_split(dataset), HeldOut.from_params(run.params, dataset)
    labels, codes = labels_of(split), codes_of(run, split, held_out)
    static = labels.get("static", labels.get("condition"))
    moving = labels.get("dynamic", labels.get("condition", static))
    rates = posterior_of(run.model, split, held_out, samples=50, seed=0)["rates"]
    raster = plot_raster(observed_or_nan(split), rates, truth=split.truth, bin_width_s=dataset.bin_width_s)
    found = [
        ("Spikes over inferred rates", RASTER, raster),
        ("f in its first two principal components", STATIC, plot_static(codes["f"], static)),
        ("z over time", Z_OF.get(name, Z), dynamic_figure(name, run, codes["z"], moving, dataset.bin_width_s)),
    ]
    if static is not None and hasattr(run.model, "decode" if name.startswith("dsae") else "convert"):
        found.append(
            ("f and z exchanged", SWAPS, swap_figure(name, run, held_out.hide(split), static, moving, dataset))
        )
    return found


@styled
def plot_static(f: np.ndarray, condition: np.ndarray | None) -> Figure:
    """Draws codes `(B, D)` as points in the plane of their first two principal components, coloured by label."""
    scores, share = principal_components(f[:, None, :], 2)
    points = np.pad(scores[:, 0], ((0, 0), (0, 2 - scores.shape[2])))
    shares = [*share, 0.0]
    figure = new_figure(4.4)
    ax = figure.add_subplot(xlabel=f"PC 1 ({100 * shares[0]:.0f} %)", ylabel=f"PC 2 ({100 * shares[1]:.0f} %)")
    groups = condition_groups(condition, len(f))
    for group in groups:
        ax.scatter(*points[group.indices].T, color=group.color, s=26, alpha=0.8, linewidths=0, label=group.label)
    ax.set_aspect("equal", adjustable="datalim")
    if len(groups) > 1:
        outside_legend(ax, "Label", ncols=1 + len(groups) // 16)
    return figure


def dynamic_figure(
    name: str, run: Run, z: np.ndarray, condition: np.ndarray | None, bin_width_s: float | None
) -> Figure:
    """Draws z over time, averaged by label; of FHVAE a step is a segment."""
    if name == "lfads":
        return plot_inputs(z, condition=condition, bin_width_s=bin_width_s)
    if name == "fhvae" and bin_width_s is not None:
        bin_width_s *= run.params.segment_length
    figure = plot_factors(z, condition=condition, bin_width_s=bin_width_s, name="Latent")
    figure.supylabel("Latent (a.u.)", fontsize=9.5)  # the usual words do not fit beside a single row of panels
    return figure


def swap_figure(name: str, run: Run, split: Split, static: np.ndarray, moving: np.ndarray, dataset: Dataset) -> Figure:
    """Draws trials decoded from f of one trial and z of another, donors being the first of different labels."""
    f_donors, z_donors = (first_of_each(labels) for labels in (static, moving))
    rows, columns = (index.ravel() for index in np.meshgrid(f_donors, z_donors, indexing="ij"))
    swapped = exchanged(name, run.model, split, rows, columns)
    own = [exchanged(name, run.model, split, donors, donors) for donors in (f_donors, z_donors)]
    order = np.argsort(own[0].mean(axis=(0, 1)))[::-1]
    grid = swapped[..., order].reshape(len(f_donors), len(z_donors), *swapped.shape[1:])
    return plot_swaps(
        own[0][..., order],
        own[1][..., order],
        grid,
        f_labels=[static[i] for i in f_donors],
        z_labels=[moving[i] for i in z_donors],
        bin_width_s=dataset.bin_width_s,
    )


def first_of_each(labels: np.ndarray) -> np.ndarray:
    """Returns the first trial of each of a few labels, evenly spread."""
    first = np.unique(labels, return_index=True)[1]
    return first[np.linspace(0, len(first) - 1, min(N_DONORS, len(first))).round().astype(int)]


def exchanged(name: str, model: Any, split: Split, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Returns rates `(K, T, N)` of f of the trials `rows` with z of the trials `columns`."""
    if name == "fhvae":
        means = model.sequence_means(split, sequence=np.arange(split.n_trials))[1]
        return model.convert(split.take(columns), target=means[rows], source=means[columns])["rates"]
    latents = model.reconstruct(split, push_mean=True)
    return model.decode(latents["static"][rows], latents["dynamic"][columns])["rates"]


RASTER = (
    "Spikes (ticks, or an upper map where they are dense) should gather where the inferred rate is high, also in the "
    "channels that the model did not see."
)
STATIC = "Labels that lie apart are told by f; only two directions are drawn, and not those that tell labels best."
Z = (
    "Posterior means, averaged by label: look for narrow traces that differ by label, which z then tells; those "
    "that stay flat are unused."
)
Z_OF = {
    "lfads": "LFADS's z are inferred inputs: they leave zero where the model needed a push from outside its dynamics.",
    "fhvae": "FHVAE has one z a segment, drawn here at the segment's middle; look for traces that differ by label.",
}
SWAPS = (
    "Rates, the most active channels first: where f and z are apart, a row shares which channels are active, and a "
    "column when. FHVAE's f moves from the mean of one trial to that of another."
)
