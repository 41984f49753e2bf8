"""Writes random LFADS models as other codes would: lfads-torch state dicts and AutoLFADS-TF2 checkpoints."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from pathlib import Path

import numpy as np

Arrays = Mapping[str, np.ndarray]


def torch_state(weights: Arrays) -> dict[str, np.ndarray]:
    """Returns the state dict that lfads-torch would hold for these canonical weights, its names spelt out."""
    state = {
        "encoder.ic_enc_h0": np.swapaxes(weights["encoder/ic_enc_h0"], 0, 1),
        **torch_cell("encoder.ic_enc.fwd_gru.cell", "encoder/ic_enc_bigru/forward_layer/cell", weights),
        **torch_cell("encoder.ic_enc.bwd_gru.cell", "encoder/ic_enc_bigru/backward_layer/cell", weights),
        **torch_heads("encoder.ic_linear", "encoder/ic_mean_linear", "encoder/ic_logvar_linear", weights),
        "decoder.ic_to_g0.weight": weights["decoder/ic_to_g0/kernel"].T,
        "decoder.ic_to_g0.bias": weights["decoder/ic_to_g0/bias"],
        **torch_cell("decoder.rnn.cell.gen_cell", "decoder/rnn/cell/gen_gru_cell", weights),
        "decoder.rnn.cell.fac_linear.weight": weights["decoder/rnn/cell/fac_linear/kernel"].T,
        "readout.0.weight": weights["decoder/rate_linear/kernel"].T,
        "readout.0.bias": weights["decoder/rate_linear/bias"],
        "ic_prior.mean": weights["ic_prior_mean"],
        "ic_prior.logvar": weights["ic_prior_logvar"],
        "decoder.con_h0": np.zeros((1, 0), np.float32),
    }
    return state | (torch_controller(weights) if "logtaus" in weights else {})


def torch_controller(weights: Arrays) -> dict[str, np.ndarray]:
    """Returns the part of the state dict that belongs to the controller."""
    mean, logvar = "decoder/rnn/cell/co_mean_linear", "decoder/rnn/cell/co_logvar_linear"
    return {
        "encoder.ci_enc_h0": np.swapaxes(weights["encoder/ci_enc_h0"], 0, 1),
        **torch_cell("encoder.ci_enc.fwd_gru.cell", "encoder/ci_enc_bigru/forward_layer/cell", weights),
        **torch_cell("encoder.ci_enc.bwd_gru.cell", "encoder/ci_enc_bigru/backward_layer/cell", weights),
        **torch_cell("decoder.rnn.cell.con_cell", "decoder/rnn/cell/con_gru_cell", weights),
        **torch_heads("decoder.rnn.cell.co_linear", mean, logvar, weights),
        "decoder.con_h0": weights["decoder/rnn/cell/con_gru_cell/h0"],
        "co_prior.logtaus": weights["logtaus"],
        "co_prior.lognvars": weights["lognvars"],
    }


def torch_cell(name: str, canonical: str, weights: Arrays) -> dict[str, np.ndarray]:
    """Returns a GRU cell as PyTorch stores it, with its second bias, which lfads-torch freezes at zero."""
    bias = weights[f"{canonical}/bias"]
    return {
        f"{name}.weight_ih": weights[f"{canonical}/kernel"].T,
        f"{name}.weight_hh": weights[f"{canonical}/recurrent_kernel"].T,
        f"{name}.bias_ih": bias,
        f"{name}.bias_hh": np.zeros_like(bias),
    }


def torch_heads(name: str, mean: str, logvar: str, weights: Arrays) -> dict[str, np.ndarray]:
    """Returns one linear layer for mean and log-variance."""
    kernels = [weights[f"{head}/kernel"].T for head in (mean, logvar)]
    biases = [weights[f"{head}/bias"] for head in (mean, logvar)]
    return {f"{name}.weight": np.concatenate(kernels), f"{name}.bias": np.concatenate(biases)}


def write_safetensors(path: Path, tensors: Arrays) -> Path:
    """Writes a safetensors file byte by byte."""
    header: dict[str, object] = {"__metadata__": {"format": "pt"}}
    body = b""
    for name, array in tensors.items():
        data = np.ascontiguousarray(array).tobytes()
        code = {"float32": "F32", "float64": "F64", "float16": "F16"}[str(array.dtype)]
        header[name] = {"dtype": code, "shape": list(array.shape), "data_offsets": [len(body), len(body) + len(data)]}
        body += data
    return write_raw_safetensors(path, json.dumps(header).encode(), body)


def write_raw_safetensors(path: Path, header: bytes, body: bytes = b"") -> Path:
    """Writes a safetensors file with any header."""
    path.write_bytes(struct.pack("<Q", len(header)) + header + body)
    return path


def write_checkpoint(prefix: Path, weights: Arrays) -> Path:
    """Writes a TensorFlow checkpoint with the keys of AutoLFADS-TF2."""
    import tensorflow as tf

    root = tf.train.Checkpoint(model=tf.Module())
    for name, value in weights.items():
        node = root.model
        *path, last = name.split("/")
        for part in path:
            if not hasattr(node, part):
                setattr(node, part, tf.Module())
            node = getattr(node, part)
        setattr(node, last, tf.Variable(value))
    prefix.parent.mkdir(parents=True, exist_ok=True)
    root.write(str(prefix))
    return prefix
