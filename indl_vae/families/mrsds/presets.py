"""Sets of settings of MR-SDS that go by a name."""

from __future__ import annotations

from typing import Any

#: Sizes of the published encoder, from which the numbers of weights follow.
_PUBLISHED_ENCODER: dict[str, Any] = {
    "sequence_encoder": "transformer",
    "embedding_units": (8,),
    "head_size": 35,
    "n_heads": 3,
    "block_units": 4,
    "n_blocks": 1,
    "mlp_units": (32,),
}
#: Weights of predictions 1, 2, ... 10 bins ahead, as published.
OVERSHOOT_WEIGHTS = (0.35, 0.15, 0.1, 0.1, 0.1, 0.05, 0.05, 0.05, 0.025, 0.025)

#: The published model as far as it can be told from its numbers: encoder without positions, dropout as its layers have
#: it, deviations that do not change over time, the layer that sees corrections.
REFERENCE: dict[str, Any] = {
    **_PUBLISHED_ENCODER,
    "positions": False,
    "block_dropout": 0.25,
    "mlp_dropout": 0.4,
    "correction": "additive",
    "posterior_scale": "constant",
    "initialisation": "random",
    "stickiness": 0.0,
    "scale_channels": False,
    "overshoot": 10,
    "overshoot_weights": OVERSHOOT_WEIGHTS,
    "overshoot_on": "both",
    "learning_rate": 1e-2,
}
#: A small simulation, one discrete state or a few.
TOY: dict[str, Any] = {**_PUBLISHED_ENCODER, "batch_size": 64, "learning_rate": 1e-2}
TOY_MEANFIELD: dict[str, Any] = {
    **TOY,
    "inference": "mean_field",
    "stages": ({"n_epochs": 100, "frozen": ["inference"]},),
}
#: Some hundred neurons in a few regions.
LARGE: dict[str, Any] = {
    "sequence_encoder": "transformer",
    "embedding_units": (20, 10),
    "head_size": 50,
    "n_heads": 10,
    "block_units": 10,
    "n_blocks": 2,
    "mlp_units": (45,),
    "emission_units": (128, 128),
    "input_units": (4,),
    "input_activations": ("relu", None),
    "state_as_input": True,
    "batch_size": 64,
    "learning_rate": 3e-3,
    "smooth_coef": 0.1,
    "channel_dropout_rate": 0.25,
    "channel_dropout_trials": 0.5,
}

PRESETS: dict[str, dict[str, Any]] = {
    "default": {},
    "reference_compat": REFERENCE,
    "toy": TOY,
    "toy_meanfield": TOY_MEANFIELD,
    "large": LARGE,
}
