"""dendPLRNN: the builders wired into one model, for each way of training."""

from __future__ import annotations

from collections.abc import Callable

import keras

from indl_vae.distributions.priors import DynamicsPrior
from indl_vae.errors import ConfigError
from indl_vae.families.dendplrnn import methods
from indl_vae.families.dendplrnn.annealing import Annealing
from indl_vae.families.dendplrnn.dynamics import Dynamics, Wired, make_dynamics
from indl_vae.families.dendplrnn.feed import DynamicsFeed, few_trials
from indl_vae.families.dendplrnn.forced import wire_generalized, wire_svae_forced, wire_teacher_forcing
from indl_vae.families.dendplrnn.forcing_weight import ForcingWeight
from indl_vae.families.dendplrnn.free_run import FreeRun
from indl_vae.families.dendplrnn.published_scores import PublishedScores, first_trial
from indl_vae.families.dendplrnn.svae import wire_svae
from indl_vae.layers import GradientGate, ManifoldAttractor
from indl_vae.models.kernel_terms import kernel_terms
from indl_vae.models.loss_weight import LossWeight
from indl_vae.models.parts import VAEParts
from indl_vae.models.term import Term
from indl_vae.numerics import derive_seed
from indl_vae.params import AnnealingGroup, ForcingGroup, Params, narrow
from indl_vae.typing import DataSpec

#: Bins of the trials along which Jacobians are taken.
_JACOBIAN_BINS = 100
#: Layers that an observation model consists of, by the beginnings of their names.
_OBSERVATION = ("z_smoothing", "z_loc", "z_scale", "z_conv", "z_rnn", "z_dense", "readout", "likelihood")


def wire(params: Params, spec: DataSpec) -> VAEParts:
    """Wires dendPLRNN for data of `spec`.

    Raises:
        ConfigError: Trials have one bin, and training forces states from bin to bin.
    """
    if params.training != "svae" and spec.n_bins == 1:
        raise ConfigError(
            f"training: {params.training!r} goes from bin to bin, which expects trials of at least 2 bins, got 1. Set "
            "training = 'svae', or cut longer trials."
        )
    own_states = params.training in ("teacher_forcing", "generalized_teacher_forcing")
    start = "variational" if params.training == "svae" else "teacher_forcing"
    readout = "identity" if own_states and params.forcing_signal == "identity" else "linear"
    model = make_dynamics(params, spec, start, readout)
    wired = _train(params, spec)(model)
    terms, outputs = dict(wired.terms), dict(wired.outputs)
    if params.reg_ratios:
        outputs["_attractor"] = _attractor(params, model)(wired.latents)
        terms["attractor"] = Term(1.0, name="attractor")
    outputs["_learn"] = GradientGate(params.cd_pass_rate, derive_seed(params.seed, "gate"), name="learn_from")(
        model.seen
    )
    core = keras.Model(model.inputs, outputs, name="core")
    if params.fix_observation_model:
        for layer in core.layers:
            layer.trainable = not layer.name.startswith(_OBSERVATION)
    run = FreeRun(params, model.step, model.observation, wired.prior)
    penalties = kernel_terms(params, core, {"z": [layer.name for layer in core.layers if "z_rnn" in layer.name]})
    return VAEParts(
        core,
        model.observation.likelihood,
        terms | penalties.terms,
        penalties.kernels,
        run.sample_prior,
        methods=methods.bound_to(run),
        feed=DynamicsFeed(params, _acting(params, core, wired.prior)),
        nll_weight=LossWeight(0.5, name="nll_weight") if wired.bounded else None,
        bounded=wired.bounded,
    )


def _train(params: Params, spec: DataSpec) -> Callable[[Dynamics], Wired]:
    """Returns the wiring of the way of training."""
    n_rows = max(1, spec.n_sequences) if params.initial_states == "per_trial" else 1
    return {
        "svae": lambda model: wire_svae(model, n_rows),
        "teacher_forcing": wire_teacher_forcing,
        "generalized_teacher_forcing": wire_generalized,
        "svae_forced": wire_svae_forced,
    }[params.training]


def _attractor(params: Params, model: Dynamics) -> ManifoldAttractor:
    return ManifoldAttractor(
        model.step,
        params.reg_ratios,
        params.reg_alphas,
        params.reg_axis,
        params.reg_norm,
        params.reg_states,
        name="manifold_attractor",
    )


def _acting(
    params: Params, core: keras.Model, prior: DynamicsPrior | None
) -> Callable[..., list[keras.callbacks.Callback]]:
    """Returns what makes the callbacks that the way of training needs."""
    forcing = narrow(ForcingGroup, params)

    def callbacks(split):
        if prior is not None:
            annealing = Annealing(narrow(AnnealingGroup, params), params.n_epochs)
            return [annealing, PublishedScores(prior, first_trial(split))]
        if params.training == "generalized_teacher_forcing" and params.forcing_alpha is None:
            states = keras.Model(core.input, core.output["gen_states"], name="forced_states")
            batch = few_trials(split, min(params.seq_len or split.n_bins, _JACOBIAN_BINS))
            return [ForcingWeight(core.get_layer("rollout"), states, batch, forcing, params.jit_compile)]
        return []

    return callbacks
