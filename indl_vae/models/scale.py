"""Means and deviations of the channels, for models that work in units of them."""

from __future__ import annotations

import keras
import numpy as np

from indl_vae.data.dataset import Dataset
from indl_vae.distributions.likelihoods import Likelihood
from indl_vae.layers import ChannelScale, ScaledReadout
from indl_vae.numerics import softplus_inverse

#: Share of the largest deviation below which a channel counts as constant.
_LEAST = 1e-6


def scale_channels(core: keras.Model, likelihood: Likelihood, dataset: Dataset) -> None:
    """Tells a core's scaled layers, if it has any, the means and deviations of the observed training data.

    Of several sessions, whose channels are others each time, all channels get those of all data.
    """
    layers = [layer for layer in core.layers if isinstance(layer, (ChannelScale, ScaledReadout))]
    if not layers:
        return
    center, spread = _moments(dataset)
    for layer in layers:
        layer.center.assign(center)
        layer.spread.assign(spread)
    if hasattr(likelihood, "raw_scale") and any(isinstance(layer, ScaledReadout) for layer in layers):
        likelihood.raw_scale.assign([softplus_inverse(float(one)) - softplus_inverse(1.0) for one in spread])


def _moments(dataset: Dataset) -> tuple[np.ndarray, np.ndarray]:
    """Returns the mean and deviation of each channel, `(N,)`; a constant channel has deviation 1."""
    x, axes = dataset.train.x, (0, 1, 2) if dataset.parts else (0, 1)
    seen = np.ones_like(x) if dataset.train.mask is None else dataset.train.mask
    count = np.maximum(seen.sum(axes, dtype=np.float64, keepdims=True), 1.0)
    mean = (x * seen).sum(axes, dtype=np.float64, keepdims=True) / count
    deviation = np.sqrt((((x - mean) * seen) ** 2).sum(axes, dtype=np.float64, keepdims=True) / count)
    deviation = np.where(deviation > _LEAST * max(float(deviation.max()), 1e-30), deviation, 1.0)
    shape = (1, 1, x.shape[-1])
    return np.broadcast_to(mean, shape).reshape(-1), np.broadcast_to(deviation, shape).reshape(-1)
