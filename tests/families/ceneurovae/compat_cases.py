"""Small worms and a small model under the published names."""

from __future__ import annotations

from typing import Any

import numpy as np

from indl_vae.families.ceneurovae.compat import NeuroBehaviorVAE, VAEConfig

SMALL: dict[str, Any] = {
    "neuron_embed_dim": 4, "latent_dim": 2, "model_dim": 8, "n_heads": 2, "n_layers": 1, "neuron_token_dim": 4,
    "decoder_hidden": 6,
}  # fmt: skip
B, N, T, TB, IDS = 3, 5, 6, 2, 8


def small_config(**changes: Any) -> VAEConfig:
    return VAEConfig(**{"n_identities": IDS, "behavior_dim": TB, **SMALL, **changes})


def small_model(settings: dict[str, Any] | None = None, **changes: Any) -> NeuroBehaviorVAE:
    return NeuroBehaviorVAE(small_config(**changes), jit_compile=False, **(settings or {}))


def made_batch(n: int = N, seed: int = 0) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    mask = (rng.random((B, n, T)) < 0.8).astype(np.float32)
    mask[:, 0] = 1.0  # no frame is without a neuron
    return {
        "X": rng.normal(size=(B, n, T)).astype(np.float32),
        "M": mask,
        "Bx": rng.normal(size=(B, TB, T)).astype(np.float32),
        "I": np.stack([rng.permutation(IDS)[:n] if n <= IDS else rng.integers(0, IDS, n) for _ in range(B)]),
    }


def made_datasets(n_animals: int = 5, n_frames: int = 20, n: int = 3) -> dict[str, dict[str, Any]]:
    rng = np.random.default_rng(1)
    return {
        f"w{i}": {
            "X": rng.normal(size=(n + i, n_frames)),
            "M": np.ones((n + i, n_frames)),
            "Bx": rng.normal(size=(TB, n_frames)),
            "I": np.arange(n + i) % IDS,
            "uid": f"w{i}",
        }
        for i in range(n_animals)
    }
