"""The recognition models of latent dynamical systems."""

from __future__ import annotations

import math
from typing import Any

import keras

from indl_vae.builders.create_z_encoder import create_z_encoder
from indl_vae.builders.make_z_variational import make_z_variational
from indl_vae.distributions import GaussianPosterior
from indl_vae.layers import CountedBins, NeighbourSmoothing
from indl_vae.numerics import derive_seed
from indl_vae.params import RecognitionGroup, narrow
from indl_vae.typing import Latent


def create_recognition(params: Any, inputs: Any, steps: Any = None, dim: int | None = None) -> Latent:
    """Maps observations to q(z_t | x), a normal at every bin, and draws from it (the mean where nothing is drawn).

    "dc" is linear in each bin, which is smoothed by its neighbours with one trained weight; "cnn" is a chain of
    convolutions to the mean, and one convolution to the log-deviation (Brenner, Hess et al. 2022); "encoder" is the z
    encoder of the other families with its heads.

    Args:
        params: `Params` or a dict in the seed's keys. Reads `rec_model`, `rec_kernels`, `rec_activation`,
            `latent_noise`, `z_latent_size`, `sample_posteriors`, `seed`; for "encoder" what `create_z_encoder` and
            `make_z_variational` read.
        inputs: `(B, T, N)`.
        steps: Optional `(B, T)`, 1 where a bin belongs to the trial.
        dim: Size of the latent; `z_latent_size` by default.

    Returns:
        `Latent(sample, loc, scale)`, `(B, T, D)` each.
    """
    group = narrow(RecognitionGroup, params)
    dim = dim or group.z_latent_size
    if group.rec_model == "encoder":
        codes = create_z_encoder(params, inputs, step_mask=steps)
        return make_z_variational(params, codes, dim)
    loc, raw = (
        _by_bins(group, inputs, steps, dim) if group.rec_model == "dc" else _by_kernels(group, inputs, steps, dim)
    )
    posterior = GaussianPosterior(
        dim,
        scale_transform="log_std",
        seed=derive_seed(group.seed, "q_z"),
        sampled=group.sample_posteriors,
        name="q_z",
    )
    return Latent(*posterior([loc, raw]))


def _by_bins(group: RecognitionGroup, inputs: Any, steps: Any, dim: int) -> tuple[Any, Any]:
    smooth = NeighbourSmoothing(name="z_smoothing")(inputs, steps)
    width = inputs.shape[-1]
    loc = keras.layers.Dense(dim, use_bias=False, kernel_initializer=_uniform(group, "z_loc", width), name="z_loc")
    scale = keras.layers.Dense(
        dim,
        kernel_initializer=_uniform(group, "z_scale", width),
        bias_initializer=_uniform(group, "z_scale_bias", width, math.log(group.latent_noise)),
        name="z_scale",
    )
    return loc(smooth), scale(smooth)


def _by_kernels(group: RecognitionGroup, inputs: Any, steps: Any, dim: int) -> tuple[Any, Any]:
    activation = keras.activations.get(group.rec_activation)
    hidden = inputs
    for i, width in enumerate(group.rec_kernels):
        last = i + 1 == len(group.rec_kernels)
        hidden = _conv(group, hidden.shape[-1], dim, width, "z_loc" if last else f"z_conv_{i}")(hidden)
        hidden = hidden if last else CountedBins(name=f"z_counted_{i}")(activation(hidden), steps)
    start = math.log(group.latent_noise)
    return hidden, _conv(group, inputs.shape[-1], dim, group.rec_kernels[0], "z_scale", start)(inputs)


def _conv(
    group: RecognitionGroup, n_in: int, dim: int, width: int, name: str, start: float = 0.0
) -> keras.layers.Conv1D:
    return keras.layers.Conv1D(
        dim,
        width,
        padding="same",
        kernel_initializer=_uniform(group, name, width * n_in),
        bias_initializer=_uniform(group, f"{name}_bias", width * n_in, start),
        name=name,
    )


def _uniform(group: RecognitionGroup, name: str, n_in: int, center: float = 0.0) -> keras.initializers.Initializer:
    """Uniform within 1/sqrt of the number of inputs, as published, around a center."""
    bound = n_in**-0.5
    return keras.initializers.RandomUniform(center - bound, center + bound, derive_seed(group.seed, name))
