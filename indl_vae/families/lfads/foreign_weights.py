"""Weights of other LFADS codes put into ours, and ours under their names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from indl_vae.errors import ConfigError, DataError


def assign_weights(model: Any, weights: Mapping[str, np.ndarray]) -> None:
    """Assigns arrays under the names of AutoLFADS-TF2's checkpoints to a built LFADS model.

    Args:
        model: `SequentialVAE` of family lfads or autolfads, of the same sizes.
        weights: Name to array, for example "encoder/ic_enc_bigru/forward_layer/cell/kernel".

    Raises:
        DataError: A weight is missing or has another shape than the model's; nothing is assigned then.
    """
    targets, arrays = _targets(model), _by_direction(weights)
    missing = sorted(set(targets) - set(arrays))
    if missing:
        raise DataError(f"imported weights: {len(missing)} missing, among them {missing[:5]}; the file is incomplete.")
    for name, variable in targets.items():
        if tuple(arrays[name].shape) != tuple(variable.shape):
            raise DataError(
                f"imported weight {name}: expected shape {tuple(variable.shape)} for this model, "
                f"got {arrays[name].shape}."
            )
    for name, variable in targets.items():
        variable.assign(np.asarray(arrays[name], np.float32))


def read_weights(model: Any) -> tuple[dict[str, np.ndarray], dict[str, dict[str, np.ndarray]]]:
    """Returns a model's weights under the names of AutoLFADS-TF2's checkpoints.

    Args:
        model: `SequentialVAE` of family lfads or autolfads.

    Returns:
        The weights of the model, and those of the sessions ("readin/kernel", "decoder/rate_linear/bias", ...) by the
        names of the sessions; the latter is empty for a model of one session without a name.

    Raises:
        ConfigError: The model has parts that those codes do not have.
    """
    _check_published(model.params)
    arrays = {name: np.asarray(variable) for name, variable in _targets(model).items()}
    for name in ("encoder/ic_enc_h0", "encoder/ci_enc_h0"):
        if f"{name}/forward" in arrays:
            arrays[name] = np.stack([arrays.pop(f"{name}/{way}") for way in ("forward", "backward")], axis=1)
    if model.params.f_latent_size:
        variance = model.core.get_layer("f_prior").distribution().variance()
        arrays["ic_prior_logvar"] = np.log(np.asarray(variance))
    return arrays, _of_sessions(model)


def _of_sessions(model: Any) -> dict[str, dict[str, np.ndarray]]:
    found: dict[str, dict[str, np.ndarray]] = {one.name: {} for one in model.spec.sessions}
    for ours, theirs in (("read_in", "readin"), ("readout", "decoder/rate_linear")):
        layer = model.core.get_layer(ours) if found else None
        for number, arrays in enumerate(found.values()):
            arrays[f"{theirs}/kernel"] = np.asarray(layer.kernels[number])
            arrays[f"{theirs}/bias"] = np.asarray(layer.biases[number])
    return found


def _check_published(params: Any) -> None:
    """Checks that other codes have the parts of a model."""
    wanted = {"f_rnn_type": "BidirectionalGRUClip", "learn_initial_states": True, "f_prior_off_diag": False}
    if params.likelihood == "gaussian":
        wanted |= {"scale_channels": False}
    if params.z_latent_size:
        wanted |= {"z1_rnn_type": "BidirectionalGRUClip", "z1_merge": "concat", "z_prior_process": "AR1"}
    wrong = [f"{name} = {params[name]!r} ({value!r})" for name, value in wanted.items() if params[name] != value]
    wrong += ["f_units of several layers (one)"] if len(params.f_units) > 1 else []
    if wrong:
        raise ConfigError(
            f"weights under the names of other codes: they have no model with {', '.join(wrong)}; what they have "
            "stands in brackets. Export without --tf1-outputs."
        )


def _by_direction(weights: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Splits the encoders' initial states `(1, 2, E)`, which they keep together, into those of the two directions."""
    arrays = dict(weights)
    for name in ("encoder/ic_enc_h0", "encoder/ci_enc_h0"):
        if name in arrays:
            both = arrays.pop(name)
            arrays[f"{name}/forward"], arrays[f"{name}/backward"] = both[:, 0], both[:, 1]
    return arrays


def _targets(model: Any) -> dict[str, Any]:
    """Foreign name to our variable."""
    core = model.core
    targets: dict[str, Any] = {}
    if model.params.f_latent_size:
        _initial_condition(targets, core)
    if not model.spec.sessions:
        _dense(targets, "decoder/rate_linear", core.get_layer("readout"))
    _decoder(targets, core.get_layer("complex_rnn"))
    if model.params.input_factors and not model.spec.sessions:
        _dense(targets, "readin", core.get_layer("read_in"))
    if model.params.z_latent_size:
        _encoder(targets, "encoder/ci_enc", core.get_layer("z_rnn_1"))
        prior = core.get_layer("z_prior")
        targets["logtaus"], targets["lognvars"] = prior.logtaus, prior.lognvars
    return targets


def _initial_condition(targets: dict[str, Any], core: Any) -> None:
    _encoder(targets, "encoder/ic_enc", core.get_layer("f_rnn_0"))
    for ours, theirs in (("f_loc", "ic_mean_linear"), ("f_scale", "ic_logvar_linear")):
        _dense(targets, f"encoder/{theirs}", core.get_layer(ours))
    _dense(targets, "decoder/ic_to_g0", core.get_layer("gen_init"))
    prior = core.get_layer("f_prior")
    targets["ic_prior_mean"] = prior.loc
    if not prior.bounded and not prior.off_diag:
        targets["ic_prior_logvar"] = prior.raw_var


def _encoder(targets: dict[str, Any], name: str, bidirectional: Any) -> None:
    for direction in ("forward", "backward"):
        layer = getattr(bidirectional, f"{direction}_layer")
        _cell(targets, f"{name}_bigru/{direction}_layer/cell", layer.cell)
        targets[f"{name}_h0/{direction}"] = layer.initial_state_weight


def _decoder(targets: dict[str, Any], rnn: Any) -> None:
    cell, root = rnn.cell, "decoder/rnn/cell"
    _cell(targets, f"{root}/gen_gru_cell", cell.generator)
    targets[f"{root}/fac_linear/kernel"] = cell.factor_kernel
    if not cell.co_dim:
        return
    _cell(targets, f"{root}/con_gru_cell", cell.controller)
    targets[f"{root}/con_gru_cell/h0"] = rnn.con_h0
    for head in ("co_mean", "co_logvar"):
        targets[f"{root}/{head}_linear/kernel"] = getattr(cell, f"{head}_kernel")
        targets[f"{root}/{head}_linear/bias"] = getattr(cell, f"{head}_bias")


def _dense(targets: dict[str, Any], name: str, layer: Any) -> None:
    targets[f"{name}/kernel"], targets[f"{name}/bias"] = layer.kernel, layer.bias


def _cell(targets: dict[str, Any], name: str, cell: Any) -> None:
    for part in ("kernel", "recurrent_kernel", "bias"):
        if getattr(cell, part) is not None:
            targets[f"{name}/{part}"] = getattr(cell, part)
