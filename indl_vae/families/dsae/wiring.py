"""DSAE: the builders wired into one model (Li & Mandt 2018)."""

from __future__ import annotations

from typing import Any

import keras

from indl_vae.builders import (
    create_decoder,
    create_f_encoder,
    create_f_prior,
    create_features,
    create_z_encoder,
    create_z_prior,
    likelihood_of,
    make_f_variational,
    make_z_variational,
    prepare_inputs,
)
from indl_vae.families.dsae import latent_methods
from indl_vae.families.dsae.latent_decoder import LatentDecoder
from indl_vae.layers import Beside, CountedBins, GradientGate, MeanCorrelation, SliceBins, StepMask
from indl_vae.models.inputs import make_inputs, sessions_of
from indl_vae.models.kernel_terms import kernel_terms
from indl_vae.models.parts import VAEParts
from indl_vae.models.term import Term
from indl_vae.models.trained_parts import train_parts
from indl_vae.numerics import derive_seed
from indl_vae.params import Params
from indl_vae.typing import DataSpec


def wire(params: Params, spec: DataSpec) -> VAEParts:
    """Wires DSAE for data of `spec`."""
    inputs = make_inputs(spec)
    sessions = sessions_of(params, spec, inputs, params.feature_units[0])
    counted = StepMask(name="steps")(inputs["mask"])
    steps = StepMask(params.heldout_bins, name="encoder_steps")(inputs["mask"])
    _, seen_inputs, seen = prepare_inputs(
        params, inputs["x"], mask=inputs["mask"], visible=inputs["visible"], sessions=sessions
    )
    ext = inputs.get("ext_input")
    ext = None if ext is None else CountedBins(name="counted_ext_input")(ext, counted)
    if ext is not None and not params.inject_ext_input_to_gen:
        seen_inputs = Beside(name="z_and_ext")(seen_inputs, ext)
    features = create_features(params, seen_inputs)
    read = _read_by_f(params, features, steps)
    f = make_f_variational(params, read)
    shown = f.sample if params.variant == "full" else None
    codes = create_z_encoder(params, features, shown, params.f_inputs_pre_z1, steps, extra_bins=params.heldout_bins)
    z = make_z_variational(params, codes)
    to_decoder = ext if params.inject_ext_input_to_gen else None
    decoded = create_decoder(params, f.sample, z.sample, spec.n_channels, to_decoder, sessions)
    f_prior, z_prior = create_f_prior(params), create_z_prior(params)
    outputs: dict[str, Any] = {
        "raw": decoded.raw,
        "factors": decoded.factors,
        "f_loc": f.loc,
        "f_scale": f.scale,
        "z_loc": z.loc,
        "z_scale": z.scale,
        "_kl_f": f_prior(f),
        "_kl_z": z_prior(z, counted),
        "_log_ratio_f": f_prior(f, log_ratio=True),
        "_log_ratio_z": z_prior(z, counted, log_ratio=True),
        "_learn": GradientGate(params.cd_pass_rate, derive_seed(params.seed, "gate"), name="learn_from")(seen),
    }
    if decoded.gen_states is not None:
        outputs["gen_states"] = decoded.gen_states
    if params.co_mean_corr_scale > 0:
        outputs["_co_mean_corr"] = MeanCorrelation(name="co_mean_corr")(z.loc, counted)
    core = keras.Model(inputs, outputs, name="core")
    train_parts(core, params)
    likelihood = likelihood_of(decoded.raw)
    beside = {"ext_input": to_decoder, "session": sessions and sessions.number}
    decoder = LatentDecoder(inputs, f.sample, z.sample, decoded, beside, likelihood, f_prior, z_prior, sessions)
    penalties = kernel_terms(params, core, _penalised(params))
    terms = _terms(params) | penalties.terms
    return VAEParts(
        core, likelihood, terms, penalties.kernels, decoder.sample_prior, methods=latent_methods.bound_to(decoder)
    )


def _read_by_f(params: Params, features: Any, steps: Any) -> Any:
    head = params.f_enc_input_samps
    if not head:
        return create_f_encoder(params, features, step_mask=steps)
    return create_f_encoder(params, features[:, :head], step_mask=SliceBins(head, name="head_steps")(steps))


def _terms(params: Params) -> dict[str, Term]:
    terms = {"kl_f": Term(params.kl_f_weight, "kl", name="kl_f"), "kl_z": Term(params.kl_z_weight, "kl", name="kl_z")}
    if params.co_mean_corr_scale > 0:
        terms["co_mean_corr"] = Term(params.co_mean_corr_scale, name="co_mean_corr")
    return terms


def _penalised(params: Params) -> dict[str, list[str]]:
    """Names of the recurrent layers of each part of the model."""
    z_layers = [*(["z_rnn_1"] if params.z1_rnn_type else []), *(["z_rnn_2"] if params.z2_units else [])]
    return {
        "gen": ["gen_rnn"] if params.decoder == "rnn" else [],
        "f": [f"f_rnn_{i}" for i in range(len(params.f_units))],
        "z": z_layers,
    }
