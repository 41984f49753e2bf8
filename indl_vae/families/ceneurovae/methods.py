"""What a trained CeNeuroVAE can do besides: tell neurons that were not recorded, and what behaviour changes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from indl_vae.families.ceneurovae.neuron_model import NeuronModel
from indl_vae.models.batch import SEEN_KEYS, as_batch


def bound_to(neurons: NeuronModel) -> dict[str, Callable[..., Any]]:
    """Returns the methods by name; the first argument of each is the model. All are deterministic."""

    def states(model: Any, data: Any) -> np.ndarray:
        """Returns the latents `(B, T, L)` that the model finds for trials, without drawing."""
        return np.asarray(_outputs(model, data)["factors"])

    def decode(model: Any, latents: Any, ext_input: Any = None, identity: Any = None) -> np.ndarray:
        """Returns the expected values `(B, T, M)` of neurons for latents `(B, T, L)` and behaviour `(B, T, U)`.

        Args:
            model: Bound already.
            latents: `(B, T, L)`.
            ext_input: The behaviour, for a model with one.
            identity: `(M,)` or `(B, M)`: identities that are asked for; None for 1, 2, ... N.
        """
        return neurons.decode(latents, ext_input, identity)

    def impute(model: Any, data: Any, identity: Any) -> np.ndarray:
        """Returns the expected values `(B, T, M)` of neurons of the identities given, recorded or not, in trials."""
        return neurons.decode(states(model, data), _behavior(data), identity)

    def with_behavior(model: Any, data: Any, ext_input: Any, identity: Any = None) -> np.ndarray:
        """Returns what neurons would do with the trials' latents and another behaviour `(B, T, U)`, `(B, T, M)`."""
        return neurons.decode(states(model, data), ext_input, identity)

    def from_behavior(model: Any, ext_input: Any, identity: Any = None, latents: str = "prior") -> np.ndarray:
        """Returns neurons' expected values `(B, T, M)` from behaviour `(B, T, U)` alone.

        Args:
            model: Bound already.
            ext_input: The behaviour.
            identity: `(M,)` or `(B, M)`; None for 1, 2, ... N.
            latents: "prior": latents at the prior's mean, 0; "encoder": those that the encoder finds without neurons.
        """
        told = np.asarray(ext_input, np.float32)
        if latents == "prior":
            z = np.zeros((*told.shape[:2], neurons.params.z_latent_size), np.float32)
        else:
            empty = np.zeros((*told.shape[:2], neurons.spec.n_channels), np.float32)
            # hidden rather than not recorded: bins without any neuron recorded are padding, of which behaviour is cut
            z = states(model, {"x": empty, "visible": empty, "ext_input": told})
        return neurons.decode(z, told, identity)

    return {
        "states": states,
        "decode": decode,
        "impute": impute,
        "with_behavior": with_behavior,
        "from_behavior": from_behavior,
    }


def _outputs(model: Any, data: Any) -> dict[str, Any]:
    batch = as_batch(data.batch() if hasattr(data, "batch") else data, model.spec)
    return model.all_outputs({key: value for key, value in batch.items() if key in SEEN_KEYS})


def _behavior(data: Any) -> Any:
    return data.ext_input if hasattr(data, "batch") else data.get("ext_input")
