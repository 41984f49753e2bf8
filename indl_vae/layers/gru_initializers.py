"""Initial weights of the GRUs: scale of the kernels, bias of the gates."""

from __future__ import annotations

import keras
import numpy as np

from indl_vae.errors import ConfigError
from indl_vae.numerics import derive_seed

GATE_BIASES = {"ones": (1.0, 1.0), "forget": (1.0, 0.0), "zeros": (0.0, 0.0)}
KERNEL_INITS = ("lecun_normal", "joint_normal")


@keras.saving.register_keras_serializable(package="indl_vae")
class GateBias(keras.initializers.Initializer):
    """Bias `(3H,)` of a GRU: both gates 1 ("ones"), the update gate alone 1 ("forget", as in LFADS on TF1), or all 0.

    Args:
        kind: One of "ones", "forget", "zeros"; the candidate's bias is always 0.
    """

    def __init__(self, kind: str = "ones") -> None:
        if kind not in GATE_BIASES:
            raise ConfigError(f"gate_bias: expected one of {sorted(GATE_BIASES)}, got {kind!r}.")
        self.kind = kind

    def __call__(self, shape, dtype=None):
        update, reset = GATE_BIASES[self.kind]
        return keras.ops.convert_to_tensor(np.repeat([update, reset, 0.0], shape[0] // 3), dtype=dtype)

    def get_config(self) -> dict:
        return {"kind": self.kind}


@keras.saving.register_keras_serializable(package="indl_vae")
class ScaledKernel(keras.initializers.Initializer):
    """Kernel `(rows, 3H)` of a GRU: another initializer's draw, times one number for the gates, another for the rest.

    Args:
        initializer: Of the draw; the same seed gives the same draw at every scale.
        gates: Factor of the columns of update and reset gate.
        candidate: Factor of the columns of the candidate.
    """

    def __init__(
        self, initializer: keras.initializers.Initializer | dict, gates: float = 1.0, candidate: float = 1.0
    ) -> None:
        self.initializer = keras.initializers.get(initializer)
        self.gates, self.candidate = float(gates), float(candidate)

    def __call__(self, shape, dtype=None):
        factors = np.repeat([self.gates, self.gates, self.candidate], shape[1] // 3)
        return self.initializer(shape, dtype=dtype) * keras.ops.convert_to_tensor(factors, dtype=dtype)

    def get_config(self) -> dict:
        inner = keras.saving.serialize_keras_object(self.initializer)
        return {"initializer": inner, "gates": self.gates, "candidate": self.candidate}


def scaled(
    initializer: keras.initializers.Initializer, scale: float, gates_only: bool = False
) -> keras.initializers.Initializer:
    """Returns an initializer whose draws are `scale` times as large, in all columns of a GRU's kernel or in its gates'.

    Args:
        initializer: What is scaled; handed back as it is when the scale is 1.
        scale: Factor of the weights' standard deviation.
        gates_only: Whether the candidate's columns stay as they are (encoders of LFADS on TF1).
    """
    return initializer if scale == 1.0 else ScaledKernel(initializer, scale, 1.0 if gates_only else scale)


def check_scale(name: str, scale: float) -> float:
    """Returns the scale of initial weights, or raises ConfigError when it is not positive."""
    if not scale > 0:
        raise ConfigError(f"{name}: expected a number above 0 (1 leaves initial weights as they are), got {scale!r}.")
    return float(scale)


def kernel_initializer(
    kind: str, fan_in: int, joint_fan_in: int, seed: int | None, name: str
) -> keras.initializers.Initializer:
    """Returns the initializer of an input or recurrent kernel.

    Args:
        kind: "lecun_normal": standard deviation 1/sqrt(fan_in); "joint_normal": 1/sqrt(inputs + units), as the
            encoders of LFADS. Any other Keras initializer name is accepted.
        fan_in: Rows of this kernel.
        joint_fan_in: Inputs + units.
        seed: Owner's seed, or None for an unseeded draw.
        name: Of the weight, so that two weights of one layer differ.
    """
    if kind not in KERNEL_INITS:
        return keras_initializer(kind, seed, name)
    std = (fan_in if kind == "lecun_normal" else joint_fan_in) ** -0.5
    return keras.initializers.RandomNormal(0.0, std, seed=child_seed(seed, name))


def keras_initializer(kind: str, seed: int | None, name: str) -> keras.initializers.Initializer:
    """Returns Keras's initializer of that name with a seed of its own.

    "joint_normal" becomes glorot_normal there, whose variance is that of inputs and outputs together.

    Args:
        kind: Keras's name of the initializer.
        seed: Owner's seed, or None for an unseeded draw.
        name: Of the weight, so that two weights of one layer differ.
    """
    initializer = keras.initializers.get("glorot_normal" if kind == "joint_normal" else kind)
    config = initializer.get_config()
    return type(initializer).from_config({**config, "seed": child_seed(seed, name)} if "seed" in config else config)


def child_seed(seed: int | None, name: str) -> int | None:
    """Returns the seed of one weight of a layer, None for an unseeded layer."""
    return None if seed is None else derive_seed(seed, name)
