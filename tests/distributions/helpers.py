"""Latents to test with, and oracles written without TensorFlow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from indl_vae.typing import Latent


def make_latent(rng: np.random.Generator, shape: tuple[int, ...], triangular: bool = False) -> Latent:
    """Returns a posterior with a draw from it; `shape` is (B, D) or (B, T, D)."""
    loc = rng.normal(size=shape)
    scale = rng.uniform(0.3, 1.2, shape)
    noise = rng.normal(size=shape)
    if triangular:
        dim = shape[-1]
        scale = np.tril(rng.normal(size=(*shape, dim)) * 0.4, -1) + scale[..., None] * np.eye(dim)
        sample = loc + np.einsum("...ij,...j->...i", scale, noise)
    else:
        sample = loc + scale * noise
    return Latent(*(tf.constant(part, tf.float32) for part in (sample, loc, scale)))


def repeat(latent: Latent, times: int, rng: np.random.Generator) -> Latent:
    """Returns the first trial's posterior `times` over, each with its own draw."""
    loc, scale = (np.repeat(part.numpy()[:1], times, axis=0) for part in (latent.loc, latent.scale))
    noise = rng.normal(size=loc.shape)
    step = np.einsum("...ij,...j->...i", scale, noise) if scale.ndim > loc.ndim else scale * noise
    return Latent(*(tf.constant(part, tf.float32) for part in (loc + step, loc, scale)))


def covariance(latent: Latent) -> np.ndarray:
    """Returns the posterior's covariance of each bin, (..., D, D)."""
    scale = latent.scale.numpy().astype(np.float64)
    if scale.ndim == latent.loc.shape.rank:
        scale = scale[..., None] * np.eye(scale.shape[-1])
    return scale @ np.swapaxes(scale, -1, -2)


def gaussian_kl(mean_q: np.ndarray, cov_q: np.ndarray, mean_p: np.ndarray, cov_p: np.ndarray) -> np.ndarray:
    """Returns KL(q | p) of normals with full covariances, over the last axis; leading axes broadcast."""
    inverse = np.linalg.inv(cov_p)
    apart = mean_p - mean_q
    trace = np.trace(inverse @ cov_q, axis1=-2, axis2=-1)
    square = np.einsum("...i,...ij,...j->...", apart, inverse, apart)
    log_dets = np.linalg.slogdet(cov_p)[1] - np.linalg.slogdet(cov_q)[1]
    return 0.5 * (trace + square - mean_q.shape[-1] + log_dets)


def value_and_gradients(function: Callable[[], tf.Tensor], variables: list[Any], jit: bool) -> tuple[np.ndarray, list]:
    """Returns a function's value and the gradients of its sum, from one compiled step; a missing gradient is None."""
    tensors = [one.value if isinstance(one, keras.Variable) else one for one in variables]

    def step():
        with tf.GradientTape() as tape:
            tape.watch(tensors)
            value = function()
        return value, tape.gradient(value, tensors)

    value, gradients = tf.function(step, jit_compile=jit)()
    return value.numpy(), [None if one is None else tf.convert_to_tensor(one).numpy() for one in gradients]
