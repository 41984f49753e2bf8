"""CeNeuroVAE: the builders wired into one model."""

from __future__ import annotations

from typing import Any

import keras

from indl_vae.builders import (
    create_neuron_decoder,
    create_neuron_encoder,
    create_z_prior,
    likelihood_of,
    make_z_variational,
)
from indl_vae.distributions.priors import MultivariateNormalPrior, Prior
from indl_vae.errors import ConfigError
from indl_vae.families.ceneurovae.acting import FreeBits
from indl_vae.families.ceneurovae.methods import bound_to
from indl_vae.families.ceneurovae.neuron_model import NeuronModel
from indl_vae.layers import CountedBins, HiddenNeurons, IdentityTable, LatentKL, MeanOverTime, StepMask, TileOverTime
from indl_vae.models.cyclical_beta import CyclicalBeta
from indl_vae.models.inputs import make_inputs
from indl_vae.models.parts import VAEParts
from indl_vae.models.term import Term
from indl_vae.models.trial_feed import TrialFeed
from indl_vae.numerics import derive_seed
from indl_vae.params import Params, resolve_heldout
from indl_vae.typing import DataSpec, Latent


def wire(params: Params, spec: DataSpec) -> VAEParts:
    """Wires CeNeuroVAE for data of `spec`; the measured external input is the behaviour."""
    inputs = make_inputs(spec, of_neurons=True)
    x = inputs["x"]
    steps = StepMask(name="steps")(inputs["mask"])
    behavior = inputs.get("ext_input")
    behavior = None if behavior is None else CountedBins(name="counted_behavior")(behavior, steps)
    seen = _hidden(params, spec)(x, inputs["mask"], inputs["visible"])
    size, seed = identities(params, spec), derive_seed(params.seed, "identities")
    codes = IdentityTable(size, params.identity_size, seed, name="identities")(x, inputs["identity"])
    encoded = create_neuron_encoder(params, x, seen, codes, behavior, steps)
    z = _latent(params, encoded, steps)
    shared = params.latent_mode == "sequence"
    over_time = TileOverTime(name="z_over_time")(z.sample, x) if shared else z.sample
    raw = create_neuron_decoder(params, over_time, codes, behavior)
    kl = LatentKL(params.free_bits, params.kl_reduction, name="latent_kl")
    prior = _prior(params)
    divergences = kl(prior(z, steps, per_latent=True), z.loc, steps)
    outputs: dict[str, Any] = {
        "raw": raw,
        "factors": over_time,
        "z_loc": z.loc,
        "z_scale": z.scale,
        "kl_per_latent": divergences.per_latent,
        "_kl_z": divergences.total if params.kl_reduction == "sum" else divergences.cost,
        "_free_bits": divergences.free,
    }
    if not shared:
        outputs["_log_ratio_z"] = prior(z, steps, log_ratio=True)
    core = keras.Model(inputs, outputs, name="core")
    likelihood = likelihood_of(raw)
    told = [over_time, codes] if behavior is None else [over_time, codes, behavior]
    model = NeuronModel(
        params, spec, keras.Model(told, raw, name="decoder"), core.get_layer("identities"), likelihood, prior
    )
    return VAEParts(
        core,
        likelihood,
        _terms(params),
        lambda: {},
        model.sample_prior,
        methods=bound_to(model),
        feed=TrialFeed(
            params, lambda n: [FreeBits(kl, params.free_bits, params.free_bits_start), CyclicalBeta(params, n)]
        ),
        bounded=params.kl_reduction == "sum",
    )


def identities(params: Params, spec: DataSpec) -> int:
    """Returns the number of identities; without any in the data each channel is one.

    Raises:
        ConfigError: Fewer are set than there are in the data.
    """
    needed = spec.n_identities or spec.n_channels + 1
    if params.n_identities and params.n_identities < needed:
        raise ConfigError(
            f"n_identities: expected at least {needed}, one more than the highest in the data, got "
            f"{params.n_identities}. Raise it, or set 0 to take it from the data."
        )
    return params.n_identities or needed


def _hidden(params: Params, spec: DataSpec) -> HiddenNeurons:
    held = resolve_heldout(params.heldout_channels, spec.n_channels)
    seed = derive_seed(params.seed, "hidden_neurons")
    return HiddenNeurons(params.neuron_dropout_rate, held, params.heldout_bins, seed, name="seen_by_encoder")


def _latent(params: Params, encoded: Any, steps: Any) -> Latent:
    if params.latent_mode == "sequence":
        encoded = MeanOverTime(name="mean_over_time")(encoded, steps)
    return make_z_variational(params, encoded)


def _prior(params: Params) -> Prior:
    if params.latent_mode == "time":
        return create_z_prior(params)
    return MultivariateNormalPrior(params.z_latent_size, train_mean=False, train_var=False, name="z_prior")


def _terms(params: Params) -> dict[str, Term]:
    """Returns the terms: the divergence, and what free bits add to it, with one weight."""
    over_bins = params.kl_reduction == "sum"
    terms = {"kl_z": Term(params.kl_z_weight, "kl", over_bins, name="kl_z")}
    if params.free_bits:
        terms["free_bits"] = Term(params.kl_z_weight, "kl", over_bins, name="free_bits")
    return terms
