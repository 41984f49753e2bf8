"""Tiny LFADS models with weights that are all different, and the way from them to the NumPy oracle."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from indl_vae import make_params
from indl_vae.models import SequentialVAE, build_model
from indl_vae.typing import DataSpec
from tests.reference.lfads_numpy import CELL

B, T, N, U = 3, 5, 6, 2
#: No two widths are alike, so that no two axes can be taken for one another.
SIZES: dict[str, Any] = {
    "f_units": [4], "f_latent_size": 3, "z1_units": 7, "con_units": 8, "z_latent_size": 2, "gen_units": 9,
    "n_factors": 10, "jit_compile": False, "seed": 1,
}  # fmt: skip
QUIET = {"dropout_rate": 0.0, "coordinated_dropout_rate": 0.0}


def tiny(family: str = "lfads", ext_input_dim: int = 0, shake: float = 0.3, n_channels: int = N, **options: Any):
    """Returns a compiled model of tiny sizes; `shake` is the deviation of what is added to every weight."""
    params = make_params(family, {**SIZES, **options})
    model = build_model(params, DataSpec(n_channels, T, ext_input_dim, 0.01))
    rng = np.random.default_rng(5)
    for weight in model.trainable_weights:
        weight.assign(weight + rng.normal(size=weight.shape) * shake)
    return model


def counts(n: int = B, n_bins: int = T, n_channels: int = N, seed: int = 0, mean: float = 0.8) -> np.ndarray:
    """Returns Poisson counts (B, T, N)."""
    return np.random.default_rng(seed).poisson(mean, (n, n_bins, n_channels)).astype("float32")


def loss_of(model: SequentialVAE, batch: Any, training: bool = False) -> tuple[tf.Tensor, dict[str, Any]]:
    """Returns the loss of a batch and all outputs it came from."""
    outputs = model.all_outputs(batch, training)
    return model.compute_loss(x=batch, y_pred=outputs, training=training), outputs


def loss_and_gradients(model: SequentialVAE, batch: Any, training: bool = False) -> tuple[float, dict[str, Any]]:
    """Returns the loss of a batch and its gradient by weight path."""
    with tf.GradientTape() as tape:
        loss, _ = loss_of(model, batch, training)
    weights = model.trainable_weights
    gradients = tape.gradient(loss, [w.value for w in weights])
    return float(loss), {
        w.path: None if g is None else np.asarray(tf.convert_to_tensor(g))
        for w, g in zip(weights, gradients, strict=True)
    }


def gradients_of(model: SequentialVAE, batch: Any, training: bool = False) -> dict[str, np.ndarray | None]:
    """Returns the loss's gradient by weight path."""
    return loss_and_gradients(model, batch, training)[1]


def variables(model: SequentialVAE) -> dict[str, Any]:
    """Returns the oracle's names and our variables; the encoders' initial states by direction."""
    core, found = model.core, {}
    _encoder(found, "ic", core.get_layer("f_rnn_0"))
    for ours, theirs in (
        ("f_loc", "encoder/ic_mean_linear"), ("f_scale", "encoder/ic_logvar_linear"), ("gen_init", "decoder/ic_to_g0"),
        ("readout", "decoder/rate_linear"),
    ):  # fmt: skip
        layer = core.get_layer(ours)
        found |= {f"{theirs}/kernel": layer.kernel, f"{theirs}/bias": layer.bias}
    rnn = core.get_layer("complex_rnn")
    found |= _cell(f"{CELL}/gen_gru_cell", rnn.cell.generator) | {f"{CELL}/fac_linear/kernel": rnn.cell.factor_kernel}
    found["ic_prior_mean"] = core.get_layer("f_prior").loc
    if rnn.cell.co_dim:
        _encoder(found, "ci", core.get_layer("z_rnn_1"))
        found |= _cell(f"{CELL}/con_gru_cell", rnn.cell.controller) | {f"{CELL}/con_gru_cell/h0": rnn.con_h0}
        for head in ("co_mean", "co_logvar"):
            for part in ("kernel", "bias"):
                found[f"{CELL}/{head}_linear/{part}"] = getattr(rnn.cell, f"{head}_{part}")
        prior = core.get_layer("z_prior")
        found |= {"logtaus": prior.logtaus, "lognvars": prior.lognvars}
    return found


def oracle_weights(model: SequentialVAE) -> dict[str, np.ndarray]:
    """Returns a model's weights, float64, under the names that `lfads_forward` takes."""
    return join({name: np.asarray(variable, "f8") for name, variable in variables(model).items()}, model)


def join(arrays: dict[str, np.ndarray], model: SequentialVAE) -> dict[str, np.ndarray]:
    """Puts the encoders' initial states of both directions together, as (1, 2, E), and adds what is no weight of ours."""
    width = arrays[f"{CELL}/gen_gru_cell/recurrent_kernel"].shape[1]
    arrays = {f"{CELL}/gen_gru_cell/kernel": np.zeros((0, width)), **arrays}  # of a generator without inputs
    for which in ("ic", "ci"):
        ways = [arrays.pop(f"{which}/{way}/h0", None) for way in ("forward", "backward")]
        if ways[0] is not None:
            arrays[f"encoder/{which}_enc_h0"] = np.stack(ways, axis=1)
    variance = np.asarray(model.core.get_layer("f_prior").distribution().variance(), "f8")
    return arrays | {"ic_prior_logvar": np.log(variance)}


def _encoder(found: dict[str, Any], which: str, layer: keras.layers.Bidirectional) -> None:
    for way in ("forward", "backward"):
        direction = getattr(layer, f"{way}_layer")
        found |= _cell(f"encoder/{which}_enc_bigru/{way}_layer/cell", direction.cell)
        found[f"{which}/{way}/h0"] = direction.initial_state_weight


def _cell(name: str, cell: Any) -> dict[str, Any]:
    return {
        f"{name}/{part}": v for part in ("kernel", "recurrent_kernel", "bias") if (v := getattr(cell, part)) is not None
    }
