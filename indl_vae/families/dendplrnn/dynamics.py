"""What all ways of training have in common."""

from __future__ import annotations

from typing import Any, NamedTuple

import keras

from indl_vae.builders import Observation, create_latent_step, prepare_inputs
from indl_vae.distributions.priors import DynamicsPrior
from indl_vae.layers import CountedBins, LatentStep, StepMask
from indl_vae.models.inputs import make_inputs
from indl_vae.models.term import Term
from indl_vae.params import Params
from indl_vae.typing import DataSpec


class Dynamics(NamedTuple):
    """The parts of a model before its way of training is chosen.

    Attributes:
        params: The parameters.
        inputs: Keras inputs by Batch key.
        encoded: `(B, T', N')`: what encoders see.
        seen: `(B, T, N)`, boolean: entries of the data that may be used to tell the states.
        steps: `(B, T')`, 1 in bins of the trial; None without a mask.
        counted: `(B, T)`, likewise.
        ext_input: `(B, T, S)`: measured external input; None without one.
        step: The latent step.
        observation: The observation model.
    """

    params: Params
    inputs: dict[str, Any]
    encoded: Any
    seen: Any
    steps: Any
    counted: Any
    ext_input: Any
    step: LatentStep
    observation: Observation


class Wired(NamedTuple):
    """What a way of training adds.

    Attributes:
        outputs: Named tensors of the core.
        terms: Terms of the loss beside the likelihood.
        prior: The dynamics as a prior; None where the states have none.
        latents: `(B, T, M)`: the states that the data stand for.
        bounded: Whether the loss is a bound of the evidence.
    """

    outputs: dict[str, Any]
    terms: dict[str, Term]
    prior: DynamicsPrior | None
    latents: Any
    bounded: bool = False


def make_dynamics(params: Params, spec: DataSpec, start: str, readout: str) -> Dynamics:
    """Builds what all ways of training have in common.

    Args:
        params: The family's parameters.
        spec: Of the data.
        start: Initial weights of the step.
        readout: Kind of read-out where the parameters leave it open.
    """
    inputs = make_inputs(spec, of_sequences=params.initial_states == "per_trial")
    counted = StepMask(name="steps")(inputs["mask"])
    steps = StepMask(params.heldout_bins, name="encoder_steps")(inputs["mask"])
    _, encoded, seen = prepare_inputs(params, inputs["x"], mask=inputs["mask"], visible=inputs["visible"])
    ext = inputs.get("ext_input")
    ext = None if ext is None else CountedBins(name="counted_ext_input")(ext, counted)
    step = create_latent_step(params, spec.ext_input_dim, start)
    observation = Observation(params, spec.n_channels, readout)
    return Dynamics(params, inputs, encoded, seen, steps, counted, ext, step, observation)


def first_bin(sequence: Any) -> Any:
    """Returns the first bin `(B, ...)` of a Keras tensor `(B, T, ...)`."""
    return keras.ops.take(sequence, 0, axis=1)
