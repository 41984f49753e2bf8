"""LFADS: the builders wired into one model (Pandarinath et al. 2018; AutoLFADS: Keshtkaran et al. 2022)."""

from __future__ import annotations

from typing import Any

import keras

from indl_vae.builders import (
    create_f_encoder,
    create_f_prior,
    create_generator_lfads,
    create_z_encoder,
    create_z_prior,
    likelihood_of,
    make_f_variational,
    make_output_variational,
    make_readout,
    make_z_variational,
    prepare_inputs,
)
from indl_vae.errors import ConfigError
from indl_vae.families.lfads.causal_run import CausalRun
from indl_vae.families.lfads.prior_sampler import PriorSampler
from indl_vae.layers import (
    Beside,
    CountedBins,
    Dropout,
    EmptyCodes,
    GradientGate,
    LogVariance,
    MeanCorrelation,
    SliceBins,
    StandardDeviation,
    StepMask,
)
from indl_vae.models.inputs import make_inputs, sessions_of
from indl_vae.models.parts import VAEParts
from indl_vae.models.recurrent_kernels import recurrent_kernels
from indl_vae.models.term import Term
from indl_vae.models.trained_parts import train_parts
from indl_vae.numerics import derive_seed
from indl_vae.params import Params
from indl_vae.typing import DataSpec, Latent


def wire(params: Params, spec: DataSpec) -> VAEParts:
    """Wires LFADS for data of `spec`.

    Raises:
        ConfigError: The parameters are those of another generator.
    """
    if not params.z_in_cell:
        raise ConfigError(
            f"gen_cell_type: expected 'Complex', the generator of {params.family}, got {params.gen_cell_type!r}. Take "
            "the family dsae for another one, or assemble the model from the builders."
        )
    inputs = make_inputs(spec)
    sessions = sessions_of(params, spec, inputs, params.n_factors)
    ext = inputs.get("ext_input")
    counted = StepMask(name="steps")(inputs["mask"])
    ext = None if ext is None else CountedBins(name="counted_ext_input")(ext, counted)
    f_inputs, z_inputs, seen = prepare_inputs(
        params, inputs["x"], mask=inputs["mask"], visible=inputs["visible"], sessions=sessions
    )
    steps = StepMask(params.heldout_bins, name="encoder_steps")(inputs["mask"])
    if ext is not None and not params.inject_ext_input_to_gen:
        seed = derive_seed(params.seed, "ext_dropout")
        dropped = Dropout(params.dropout_rate, seed=seed, name="ext_dropout")(ext)
        f_inputs, z_inputs = Beside(name="f_and_ext")(f_inputs, dropped), Beside(name="z_and_ext")(z_inputs, dropped)

    codes = _codes(params, z_inputs, steps)
    read = _read_by_f(params, f_inputs, steps) if params.f_latent_size else None
    f = make_f_variational(params, read) if params.f_latent_size else None
    to_gen = ext if params.inject_ext_input_to_gen else None
    readout = None if sessions else make_readout(params, spec.n_channels)
    gen = create_generator_lfads(params, None if f is None else f.sample, codes, ext_input=to_gen, readout=readout)
    raw = make_output_variational(params, gen.factors, spec.n_channels, sessions, readout)

    outputs: dict[str, Any] = {
        "raw": raw,
        "factors": gen.factors,
        "gen_states": gen.gen_states,
        "gen_init": gen.gen_init,
        "_learn": GradientGate(params.cd_pass_rate, derive_seed(params.seed, "gate"), name="learn_from")(seen),
    }
    f_prior = z_prior = None
    if f is not None:
        f_prior = create_f_prior(params)
        outputs |= {
            "f_loc": f.loc,
            "f_scale": f.scale,
            "ic_mean": f.loc,
            "ic_logvar": LogVariance(name="ic_logvar")(f.scale),
            "_kl_f": f_prior(f),
            "_log_ratio_f": f_prior(f, log_ratio=True),
        }
    if params.z_latent_size:
        scale = StandardDeviation(name="z_scale")(gen.z_logvar)
        z_prior, z = create_z_prior(params), Latent(gen.z_sample, gen.z_mean, scale)
        outputs |= {
            "controller_outputs": gen.z_sample,
            "con_states": gen.con_states,
            "z_loc": gen.z_mean,
            "z_scale": scale,
            "_kl_z": z_prior(z, counted),
            "_log_ratio_z": z_prior(z, counted, log_ratio=True),
        }
    if params.co_mean_corr_scale > 0:
        outputs["_co_mean_corr"] = MeanCorrelation(name="co_mean_corr")(gen.z_mean, counted)
    core = keras.Model(inputs, outputs, name="core")
    train_parts(core, params)
    likelihood = likelihood_of(raw)
    encodings = tuple(made for made in (read, codes, to_gen) if made is not None)
    sampler, causal = PriorSampler(core, f_prior, z_prior, likelihood), CausalRun(core, params, likelihood)
    return VAEParts(core, likelihood, _terms(params), _regularised(params, core), sampler, causal, encodings)


def _read_by_f(params: Params, f_inputs: Any, steps: Any) -> Any:
    head = params.f_enc_input_samps
    if head:
        steps = SliceBins(head, name="head_steps")(steps)
    return create_f_encoder(params, f_inputs, step_mask=steps)


def _codes(params: Params, z_inputs: Any, steps: Any) -> Any:
    if not params.z_latent_size:
        return EmptyCodes(params.heldout_bins, name="no_codes")(z_inputs)
    codes = create_z_encoder(params, z_inputs, step_mask=steps, extra_bins=params.heldout_bins)
    return make_z_variational(params, codes).sample


def _terms(params: Params) -> dict[str, Term]:
    terms = {}
    if params.f_latent_size:
        terms["kl_f"] = Term(params.kl_f_weight, "kl", name="kl_f")
    if params.z_latent_size:
        terms["kl_z"] = Term(params.kl_z_weight, "kl", name="kl_z")
    if params.co_mean_corr_scale > 0:
        terms["co_mean_corr"] = Term(params.co_mean_corr_scale, name="co_mean_corr")
    for part in _penalised(params):
        terms[f"l2_{part}"] = Term(params[f"l2_{part}_scale"], "l2", name=f"l2_{part}")
    return terms


def _penalised(params: Params) -> list[str]:
    """Parts of the model whose recurrent kernels are penalised."""
    parts = ["gen"] + (["f"] if params.f_latent_size else []) + (["con", "z"] if params.z_latent_size else [])
    return [part for part in parts if params[f"l2_{part}_scale"] > 0]


def _counted(params: Params) -> list[str]:
    """Parts whose weights the L2 terms divide by: the penalised ones; with a joint count controller and generator."""
    parts = _penalised(params)
    if not parts or not params.l2_joint_count:
        return parts
    return [*parts, *(part for part in (["gen", "con"] if params.z_latent_size else ["gen"]) if part not in parts)]


def _regularised(params: Params, core: keras.Model):
    def kernels() -> dict[str, list[Any]]:
        cell = core.get_layer("complex_rnn").cell
        layers = {
            "gen": lambda: [cell.generator],
            "con": lambda: [cell.controller],
            "f": lambda: [core.get_layer(f"f_rnn_{i}") for i in range(len(params.f_units))],
            "z": lambda: [core.get_layer("z_rnn_1")],
        }
        return {
            f"l2_{part}": [k for layer in layers[part]() for k in recurrent_kernels(layer, params.l2_biases)]
            for part in _counted(params)
        }

    return kernels
