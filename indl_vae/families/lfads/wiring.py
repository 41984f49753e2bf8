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
    make_z_variational,
    prepare_inputs,
)
from indl_vae.families.lfads.prior_sampler import PriorSampler
from indl_vae.layers import Beside, EmptyCodes, GradientGate, LogVariance, SliceBins, StandardDeviation, StepMask
from indl_vae.models.inputs import make_inputs
from indl_vae.models.parts import VAEParts
from indl_vae.models.recurrent_kernels import recurrent_kernels
from indl_vae.models.term import Term
from indl_vae.numerics import derive_seed
from indl_vae.params import Params
from indl_vae.typing import DataSpec, Latent


def wire(params: Params, spec: DataSpec) -> VAEParts:
    """Wires LFADS for data of `spec`."""
    inputs = make_inputs(spec)
    ext = inputs.get("ext_input")
    f_inputs, z_inputs, seen = prepare_inputs(params, inputs["x"], mask=inputs["mask"], visible=inputs["visible"])
    steps = StepMask(params.heldout_bins, name="encoder_steps")(inputs["mask"])
    counted = StepMask(name="steps")(inputs["mask"])
    if ext is not None and not params.inject_ext_input_to_gen:
        f_inputs, z_inputs = Beside(name="f_and_ext")(f_inputs, ext), Beside(name="z_and_ext")(z_inputs, ext)

    f = _static_latent(params, f_inputs, steps)
    codes = _codes(params, z_inputs, steps)
    to_gen = ext if params.inject_ext_input_to_gen else None
    gen = create_generator_lfads(params, f.sample, codes, ext_input=to_gen)
    raw = make_output_variational(params, gen.factors, out_dim=spec.n_channels)

    f_prior = create_f_prior(params)
    outputs: dict[str, Any] = {
        "raw": raw,
        "factors": gen.factors,
        "gen_states": gen.gen_states,
        "gen_init": gen.gen_init,
        "f_loc": f.loc,
        "f_scale": f.scale,
        "ic_mean": f.loc,
        "ic_logvar": LogVariance(name="ic_logvar")(f.scale),
        "_kl_f": f_prior(f),
        "_learn": GradientGate(params.cd_pass_rate, derive_seed(params.seed, "gate"), name="learn_from")(seen),
    }
    z_prior = None
    if params.z_latent_size:
        scale = StandardDeviation(name="z_scale")(gen.z_logvar)
        z_prior = create_z_prior(params)
        outputs |= {
            "controller_outputs": gen.z_sample,
            "con_states": gen.con_states,
            "z_loc": gen.z_mean,
            "z_scale": scale,
            "_kl_z": z_prior(Latent(gen.z_sample, gen.z_mean, scale), counted),
        }
    core = keras.Model(inputs, outputs, name="core")
    sampler = PriorSampler(core, f_prior, z_prior, likelihood_of(raw))
    return VAEParts(core, likelihood_of(raw), _terms(params), _regularised(params, core), sampler)


def _static_latent(params: Params, f_inputs: Any, steps: Any) -> Latent:
    head = params.f_enc_input_samps
    if head:
        steps = SliceBins(head, name="head_steps")(steps)
    return make_f_variational(params, create_f_encoder(params, f_inputs, step_mask=steps))


def _codes(params: Params, z_inputs: Any, steps: Any) -> Any:
    if not params.z_latent_size:
        return EmptyCodes(params.heldout_bins, name="no_codes")(z_inputs)
    codes = create_z_encoder(params, z_inputs, step_mask=steps, extra_bins=params.heldout_bins)
    return make_z_variational(params, codes).sample


def _terms(params: Params) -> dict[str, Term]:
    terms = {"kl_f": Term(params.kl_f_weight, "kl", name="kl_f")}
    if params.z_latent_size:
        terms["kl_z"] = Term(params.kl_z_weight, "kl", name="kl_z")
    for part in _penalised(params):
        terms[f"l2_{part}"] = Term(params[f"l2_{part}_scale"], "l2", name=f"l2_{part}")
    return terms


def _penalised(params: Params) -> list[str]:
    """Parts of the model whose recurrent kernels are penalised."""
    parts = ["gen", "f"] + (["con", "z"] if params.z_latent_size else [])
    return [part for part in parts if params[f"l2_{part}_scale"] > 0]


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
            for part in _penalised(params)
        }

    return kernels
