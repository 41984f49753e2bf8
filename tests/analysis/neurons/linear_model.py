"""A model of neurons that is known to the last digit, with the methods of a trained one."""

from __future__ import annotations

import numpy as np

from indl_vae.data.split import Split
from indl_vae.typing import DataSpec


class LinearModel:
    """`x = z W[identity] + b V[identity]`; latents are the least squares of the neurons that are seen."""

    def __init__(self, n_channels=6, n_classes=8, n_latents=2, n_behaviors=1, seed=0):
        rng = np.random.default_rng(seed)
        self.spec = DataSpec(n_channels, None, n_behaviors)
        self.weights = rng.normal(size=(n_classes + 1, n_latents))
        self.tuned = rng.normal(size=(n_classes + 1, n_behaviors))
        self.calls = []

    def all_outputs(self, data):
        self.calls.append(data["x"].shape)
        shown = data["mask"] * data.get("visible", 1.0)
        loc = np.zeros((*data["x"].shape[:2], self.weights.shape[1]))
        for row, names in enumerate(data["identity"]):
            seen = shown[row] > 0
            driven = data["ext_input"][row] @ self.tuned[names].T if "ext_input" in data else 0.0
            for t, here in enumerate(seen):
                inverse = np.linalg.pinv(self.weights[names[here]].T)
                loc[row, t] = (data["x"][row, t] - driven[t])[here] @ inverse
        n_seen = shown.sum(-1, keepdims=True)
        return {
            "factors": loc,
            "z_scale": np.broadcast_to(1.0 / np.sqrt(1.0 + n_seen), loc.shape),
            "kl_per_latent": (loc**2).mean(1),
            "rates": self.decode(loc, data.get("ext_input"), data["identity"]),
        }

    def decode(self, latents, ext_input=None, identity=None):
        names = np.broadcast_to(np.asarray(identity), (len(latents), np.shape(identity)[-1]))
        values = np.einsum("btl,bnl->btn", latents, self.weights[names])
        return values if ext_input is None else values + np.einsum("btu,bnu->btn", ext_input, self.tuned[names])


def windows(model, n=6, n_bins=30, noise=0.0, seed=1, name="test"):
    """Returns windows of `n` animals with different neurons, as the model makes them, and their latents."""
    rng = np.random.default_rng(seed)
    n_classes, n_channels = len(model.weights) - 1, model.spec.n_channels
    identity = np.stack([1 + rng.permutation(n_classes)[:n_channels] for _ in range(n)])
    latents = rng.normal(size=(n, n_bins, model.weights.shape[1]))
    behavior = rng.normal(size=(n, n_bins, model.spec.ext_input_dim))
    x = model.decode(latents, behavior, identity) + noise * rng.normal(size=(n, n_bins, n_channels))
    mask = np.ones(x.shape, np.float32)
    mask[0, :, -1] = 0.0
    x, identity[0, -1] = np.where(mask > 0, x, 0.0).astype(np.float32), 0
    return Split(name, x, mask, ext_input=behavior.astype(np.float32), identity=identity), latents
