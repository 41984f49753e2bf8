"""FHVAE: the builders wired into one model (Hsu, Zhang & Glass 2017)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
from keras import ops

from indl_vae.builders import (
    create_f_encoder,
    create_flat_decoder,
    create_flat_encoder,
    create_segment_decoder,
    create_segment_z_encoder,
    likelihood_of,
    make_f_variational,
    make_output_variational,
    make_z_variational,
    prepare_inputs,
)
from indl_vae.distributions.priors import SharedMeanNormalPrior, TiledNormalPrior
from indl_vae.errors import ConfigError
from indl_vae.families.fhvae import sequence_methods
from indl_vae.families.fhvae.segment_decoder import SegmentDecoder
from indl_vae.families.fhvae.segment_feed import SegmentFeed
from indl_vae.layers import (
    AboutMean,
    BySequence,
    CountedBins,
    CutSegments,
    FoldSegments,
    GradientGate,
    JoinSegments,
    SegmentSteps,
    SequenceMeans,
    StepMask,
)
from indl_vae.models.inputs import make_inputs, sessions_of
from indl_vae.models.kernel_terms import kernel_terms
from indl_vae.models.parts import VAEParts
from indl_vae.models.term import Term
from indl_vae.models.trained_parts import train_parts
from indl_vae.numerics import derive_seed
from indl_vae.params import Params
from indl_vae.typing import DataSpec, Latent


def wire(params: Params, spec: DataSpec) -> VAEParts:
    """Wires FHVAE for data of `spec`."""
    if spec.ext_input_dim:
        raise ConfigError(
            f"ext_input: expected data without a measured external input, got one of width {spec.ext_input_dim}; the "
            "latents of a segment are the same in all its bins. Leave it out of the data, or choose another family."
        )
    length = params.segment_length
    inputs = make_inputs(spec, of_sequences=True)
    x = inputs["x"]
    sessions = sessions_of(params, spec, inputs, params.decoder_units[-1])
    _, seen_inputs, seen = prepare_inputs(params, x, mask=inputs["mask"], visible=inputs["visible"], sessions=sessions)
    steps = SegmentSteps(length, name="segment_steps")(x, StepMask(name="steps")(inputs["mask"]))
    segments = CutSegments(length, name="segments")(seen_inputs)
    segments = CountedBins(name="counted_segments")(segments, steps)
    by_sequence, fold = BySequence(length, name="by_sequence"), FoldSegments(name="fold")
    f = make_f_variational(params, by_sequence(_read_by_f(params, segments, steps), x))
    z = make_z_variational(params, by_sequence(_read_by_z(params, segments, fold(f.sample), steps), x))
    decoded = _decoder(params)(params, fold(f.sample), fold(z.sample))
    factors = JoinSegments(length, name="joined")(decoded, x)
    raw = make_output_variational(params, factors, spec.n_channels, sessions)

    counted = ops.max(by_sequence(steps, x), axis=-1)
    means = _means(params, spec)
    given = means(f.loc, counted, sequence=inputs["sequence"])
    f_prior = TiledNormalPrior(
        params.f_latent_size, init_std=params.f_given_mean_std, train_mean=False, train_var=False, name="f_prior"
    )
    z_prior = TiledNormalPrior(params.z_latent_size, train_mean=False, train_var=False, name="z_prior")
    # bounds of the evidence: the mean integrated out, since one estimated from the same data would make them none
    shared = SharedMeanNormalPrior(
        params.f_latent_size, params.mean_prior_std, params.f_given_mean_std, name="f_prior_of_sequence"
    )
    about = AboutMean(name="about_mean")
    centred = Latent(about(f.sample, given.mean), about(f.loc, given.mean), f.scale)
    outputs: dict[str, Any] = {
        "raw": raw,
        "factors": factors,
        "f_loc": f.loc,
        "f_scale": f.scale,
        "z_loc": z.loc,
        "z_scale": z.scale,
        "sequence_mean": given.mean,
        "_kl_f": f_prior(centred, counted),
        "_kl_z": z_prior(z, counted),
        "_log_ratio_f": shared(f, counted, log_ratio=True),
        "_log_ratio_z": z_prior(z, counted, log_ratio=True),
        "_mean_nlp": given.mean_nlp,
        "_discriminative": given.discriminative,
        "_learn": GradientGate(params.cd_pass_rate, derive_seed(params.seed, "gate"), name="learn_from")(seen),
    }
    core = keras.Model(inputs, outputs, name="core")
    train_parts(core, params)
    likelihood = likelihood_of(raw)
    encoders = keras.Model(inputs, [f.sample, z.sample, counted], name="latents")
    half = keras.Model([f.sample, z.sample], decoded, name="decoder")
    decoder = SegmentDecoder(encoders, half, core, means, likelihood, f_prior, z_prior)
    penalties = kernel_terms(params, core, _penalised(params))
    return VAEParts(
        core,
        likelihood,
        _terms(params) | penalties.terms,
        penalties.kernels,
        decoder.sample_prior,
        methods=sequence_methods.bound_to(decoder),
        feed=SegmentFeed(encoders, means, params),
    )


def _read_by_f(params: Params, segments: Any, steps: Any) -> Any:
    if params.variant == "simple":
        return create_flat_encoder(params, segments, None, "f")
    return create_f_encoder(params, segments, step_mask=steps)


def _read_by_z(params: Params, segments: Any, f_sample: Any, steps: Any) -> Any:
    if params.variant == "simple":
        return create_flat_encoder(params, segments, f_sample, "z")
    return create_segment_z_encoder(params, segments, f_sample, steps)


def _decoder(params: Params) -> Callable[..., Any]:
    return create_flat_decoder if params.variant == "simple" else create_segment_decoder


def _means(params: Params, spec: DataSpec) -> SequenceMeans:
    rows = min(params.n_means, spec.n_sequences or params.n_means)
    seed = derive_seed(params.seed, "sequence_means")
    deviations = {"mean_std": params.mean_prior_std, "given_std": params.f_given_mean_std}
    return SequenceMeans(params.f_latent_size, rows, seed=seed, name="sequence_means", **deviations)


def _terms(params: Params) -> dict[str, Term]:
    return {
        "kl_f": Term(params.kl_f_weight, "kl", name="kl_f"),
        "kl_z": Term(params.kl_z_weight, "kl", name="kl_z"),
        "mean_nlp": Term(params.mean_prior_weight, name="mean_nlp"),
        "discriminative": Term(params.discriminative_weight, name="discriminative"),
    }


def _penalised(params: Params) -> dict[str, list[str]]:
    """Names of the recurrent layers of each encoder."""
    if params.variant == "simple":
        return {"f": [], "z": []}
    z_layers = [f"z_rnn_{i + 1}" for i, units in enumerate((params.z1_units, params.z2_units)) if units]
    return {"f": [f"f_rnn_{i}" for i in range(len(params.f_units))], "z": z_layers}
