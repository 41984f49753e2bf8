"""Makes docs/families.md: `python -m tests.families.page`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import indl_vae

PROJECT = Path(__file__).parents[2]
PAGE = PROJECT / "docs" / "families.md"

#: Column -> family, what is set besides, and the preset that repeats the published program.
COLUMNS: dict[str, tuple[str, dict[str, Any], str]] = {
    "LFADS": ("lfads", {}, "tf1"),
    "DSAE full": ("dsae", {"variant": "full"}, "tfp_full"),
    "DSAE factorized": ("dsae", {"variant": "factorized"}, "tfp"),
    "FHVAE": ("fhvae", {}, "published"),
}
HEAD = """# Families

What the models that separate a static latent f from a dynamic latent z have in common, and in what they differ: the table of the
indl notebook, corrected and completed. Names in `code` are parameters; `indl-vae params FAMILY` says what each does. The page is
made by `python -m tests.families.page`, and what stands under "As they come" and "As published" is read from the families.

In every one of them `model.posterior`, `model.sample_prior` and `model.bounds` do the same thing. What only some can do:

- DSAE: `model.generate`, `model.reconstruct` (latents exchanged, fixed or drawn from the prior), `model.decode`,
  `model.sample_static_prior`, `model.sample_static_posterior`, `model.sample_dynamic_prior`, `model.sample_dynamic_posterior`.
- FHVAE: `model.sequence_means`, `model.convert`, `model.segment_latents`. Sequences of any length are cut into segments of
  `segment_length` bins, also by `posterior`. `sequence_id` in the data says which trials make up a sequence; without it each trial
  is one. Its training loss has the mean of a sequence in it, as published, and is no bound of the evidence; `model.bounds` integrates the
  mean out, for each trial alone, and is one. Losses in the training rows of `metrics.csv` are per segment, in the validation rows per trial.
- LFADS: `indl_vae.models.streaming.Stream`, carried state, fixed points, several sessions aligned by their data (DSAE and FHVAE have
  a read-in and a read-out for each session too).

Two families have no static latent, and pages of their own: `dendplrnn`, one latent state that is a dynamical system
([dynamics](dynamics.md)), and `mrsds`, the states of several regions that drive one another under discrete states
([regions](regions.md)).

## How they are built
"""
#: What cannot be read from parameters: how the parts are joined.
BUILT: dict[str, tuple[str, str, str, str]] = {
    "unit of data": ("trial", "trial", "trial", "segment of a sequence, of fixed length"),
    "static latent f": (
        "sets the generator's initial state",
        "one for a trial",
        "one for a trial",
        "one for a segment (the papers' z2), tied to the mean of its sequence",
    ),
    "dynamic latent z": (
        "inferred input at every bin (or none: `z_latent_size` 0)",
        "one for every bin",
        "one for every bin",
        "one for a segment (the papers' z1)",
    ),
    "f encoder reads": (
        "the trial, or its first `f_enc_input_samps` bins",
        "features of every bin (`feature_units`; convolutions with `image_shape`)",
        "the same",
        "the segment",
    ),
    "f code": (
        "last states of both directions, side by side",
        "last states of both directions, summed",
        "the same (the notebook's `--` is wrong)",
        "last states of all layers, side by side",
    ),
    "p(f)": (
        "N(m, kappa I): m learnt, kappa 0.1",
        "N(0, I), or with `f_prior: learned` N(m, diag s^2) learnt",
        "the same",
        "N(mu, `f_given_mean_std`^2 I); mu of the sequence ~ N(0, I), a table row while training, else the most probable one",
    ),
    "z encoder reads": (
        "A: the trial. B, the controller: A and the last factors",
        "features and f (`f_inputs_pre_z1`: into the first or the second layer)",
        "features of the bin alone",
        "the segment and f",
    ),
    "q(z)": (
        "normal at every bin, given the controller's state",
        "normal at every bin, given f and the whole trial",
        "normal at every bin, given that bin",
        "normal, one for a segment",
    ),
    "p(z)": (
        "first-order autoregression, learnt",
        "recurrent network on the z of the bins before, evaluated at the posterior's sample",
        "the same",
        "N(0, I)",
    ),
    "decoder": (
        "recurrent generator: input z, initial state from f, then factors",
        "dense layers at every bin on [z | f], or with `decoder: rnn` a recurrent generator",
        "the same",
        "recurrent layers on [z | f] at every bin, zero initial state; `variant: simple`: dense layers for the whole segment",
    ),
    "data given the decoder": ("any `likelihood`", "any; images by transposed convolutions", "the same", "any"),
    "KL of f": ("closed form", "closed form", "closed form", "closed form, around the mean"),
    "KL of z": (
        "closed form in expectation, or at a sample (`kl_sample`)",
        "closed form for each bin, given the sample of the bins before (`z_prior_mode`)",
        "the same",
        "closed form",
    ),
    "further terms": (
        "L2 of recurrent weights; `co_mean_corr_scale`",
        "L2 of recurrent weights (0 as it comes); `co_mean_corr_scale`",
        "the same",
        "-log p(mu) / segments; `discriminative_weight` x -log q(sequence | f): not part of the bound",
    ),
}


def _network(kind: str, units: Any) -> str:
    widths = units if isinstance(units, tuple) else (units,)
    return f"`{kind or 'dense'}` {', '.join(map(str, widths))}"


def _z_network(p: Any) -> str:
    first = _network(p.z1_rnn_type, p.z1_units)
    second = p.z2_units or p.get("con_units", 0)
    kind = "controller" if p.get("con_units") and not p.z2_units else p.z2_rnn_type
    return f"{first}; {_network(kind, second)}" if second else first


def _decoder(p: Any) -> str:
    if p.family == "lfads":
        return f"`{p.gen_cell_type}` {p.gen_units}, {p.n_factors} factors"
    kind = p.gen_cell_type if p.family == "fhvae" else "dense"
    return _network(kind, p.decoder_units)


def _rate(p: Any) -> str:
    rule = {"none": "constant", "cosine": f"half a cosine over {p.lr_decay_steps} steps"}
    return f"{p.learning_rate:g}, {rule.get(p.lr_rule, f'x {p.lr_decay:g} on a plateau of {p.lr_patience}')}"


def _ramp(p: Any) -> str:
    return f"{p.kl_ramp_length} {p.ramp_unit}s" if p.kl_ramp_length else "none"


#: What is read from the parameters.
READ: dict[str, Callable[[Any], str]] = {
    "f network": lambda p: _network(p.f_rnn_type, p.f_units),
    "size of f": lambda p: str(p.f_latent_size),
    "z network": _z_network,
    "size of z": lambda p: str(p.z_latent_size),
    "prior of z": lambda p: (
        f"`{p.z_prior_process}`" + (f" {p.z_prior_units}" if p.z_prior_process not in ("AR1", "tiled") else "")
        if "z_prior_process" in p
        else "N(0, I)"
    ),
    "decoder": _decoder,
    "likelihood": lambda p: f"`{p.likelihood}`",
    "weights of the KLs": lambda p: f"{p.kl_f_weight:g}, {p.kl_z_weight:g}",
    "ramp of the KLs": _ramp,
    "learning rate": _rate,
    "Adam's decays": lambda p: f"{p.adam_beta1:g}, {p.adam_beta2:g}",
    "gradient clipped at": lambda p: f"{p.max_grad_norm:g}",
    "batch": lambda p: f"{p.batch_size}" + (f", {p.q_samples} samples" if p.q_samples > 1 else ""),
    "dropout, coordinated dropout": lambda p: f"{p.dropout_rate:g}, {p.coordinated_dropout_rate:g}",
}


def _table(rows: list[tuple[str, ...]]) -> str:
    lines = [f"| | {' | '.join(COLUMNS)} |", f"|{'---|' * (len(COLUMNS) + 1)}"]
    cells = [[cell.replace("|", "\\|") for cell in row] for row in rows]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in cells)]) + "\n"


def _read(presets: dict[str, str]) -> str:
    params = [
        indl_vae.make_params(family, settings if not presets[name] else {}, preset=presets[name] or "default")
        for name, (family, settings, _) in COLUMNS.items()
    ]
    return _table([(title, *(row(p) for p in params)) for title, row in READ.items()])


def page() -> str:
    """Returns the page as it should be."""
    published = {name: preset for name, (_, _, preset) in COLUMNS.items()}
    note = "The presets " + ", ".join(f"`{preset}` ({name})" for name, preset in published.items())
    return "\n".join(
        [
            HEAD,
            _table([(title, *cells) for title, cells in BUILT.items()]),
            "## As they come\n",
            _read(dict.fromkeys(COLUMNS, "")),
            "## As published\n",
            f"{note}.\n",
            _read(published),
        ]
    )


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
