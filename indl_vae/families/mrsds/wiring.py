"""MR-SDS: the builders wired into one model (Karniol-Tambour et al. 2024)."""

from __future__ import annotations

from typing import Any

import keras

from indl_vae.builders import (
    RegionPath,
    RegionReadout,
    create_region_encoder,
    create_region_posterior,
    create_switching_dynamics,
    hide_from_encoder,
    prepare_inputs,
)
from indl_vae.families.mrsds import methods
from indl_vae.families.mrsds.acting import Acting
from indl_vae.families.mrsds.extra_terms import Wired, extra_terms
from indl_vae.families.mrsds.free_run import RegionRun
from indl_vae.families.mrsds.sizes import region_sizes, seen_sizes
from indl_vae.families.mrsds.start import RegionStart
from indl_vae.layers import (
    CountedBins,
    GradientGate,
    PredictedPath,
    StepMask,
    SwitchingDynamics,
)
from indl_vae.models.cyclical_beta import CyclicalBeta
from indl_vae.models.inputs import make_inputs
from indl_vae.models.kernel_terms import kernel_terms
from indl_vae.models.parts import VAEParts
from indl_vae.models.term import Term
from indl_vae.models.trial_feed import TrialFeed
from indl_vae.numerics import derive_seed
from indl_vae.params import Params
from indl_vae.typing import DataSpec


def wire(params: Params, spec: DataSpec) -> VAEParts:
    """Wires MR-SDS for data of `spec`."""
    sizes = region_sizes(params, spec)
    inputs = make_inputs(spec)
    counted = StepMask(name="steps")(inputs["mask"])
    ext = inputs.get("ext_input")
    ext = None if ext is None else CountedBins(name="counted_ext_input")(ext, counted)
    _, view, seen = prepare_inputs(params, inputs["x"], mask=inputs["mask"], visible=inputs["visible"])
    view = hide_from_encoder(params, view, windows=params.inference == "mean_field")
    steps = StepMask(params.heldout_bins, name="encoder_steps")(inputs["mask"])
    codes = create_region_encoder(params, view, seen_sizes(params, sizes), ext, steps, params.heldout_bins)
    system = create_switching_dynamics(params, len(sizes), spec.ext_input_dim)
    path = create_region_posterior(params, codes, system, ext, counted)
    readout = RegionReadout(params, sizes)
    outputs: dict[str, Any] = {
        "raw": readout(_scored(params, system, path, ext)),
        "factors": path.sample,
        "z_loc": path.loc,
        "state_probs": path.state_probs,
        "_told": path.told,
        "_kl_z": path.kl,
        "_log_ratio_z": path.log_ratio,
        "_learn": GradientGate(params.cd_pass_rate, derive_seed(params.seed, "gate"), name="learn_from")(seen),
    }
    terms = {"kl_z": Term(params.kl_z_weight, "kl", name="kl_z")}
    if params.inference == "mean_field":
        outputs["z_scale"] = path.scale
    extra = extra_terms(params, Wired(inputs, ext, counted, system, path, readout))
    outputs, terms = outputs | extra.outputs, terms | extra.terms
    core = keras.Model(inputs, outputs, name="core")
    penalties = kernel_terms(params, core, {"z": [layer.name for layer in core.layers if "z_rnn" in layer.name]})
    run = RegionRun(system, readout)
    return VAEParts(
        core,
        readout.likelihood,
        terms | penalties.terms,
        penalties.kernels,
        run.sample_prior,
        methods=methods.bound_to(run),
        feed=TrialFeed(params, lambda n: [Acting(params, system.transition, n), CyclicalBeta(params, n)]),
        bounded=params.emission_on == "sample",
        start=RegionStart(params, core, system, readout, sizes),
    )


def _scored(params: Params, system: SwitchingDynamics, path: RegionPath, ext: Any) -> Any:
    """Returns the latents that the observations are scored on."""
    if params.emission_on == "sample":
        return path.sample
    return PredictedPath(system, name="one_step")(path.sample, path.state_probs, ext)
