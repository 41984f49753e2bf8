"""Weights of LFADS on TF1 (run_lfads.py), by name: to and from the canonical names of `lfads_tree`.

There, a GRU's gates stand in the order reset r, update u, and 1 is added to the bias of u while it runs; encoders have
one matrix for input and state together, controller and generator one for each. Here (Keras) the order is update,
reset, candidate, in one kernel for the input, one for the state, and one bias.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from indl_vae.importers.lfads_tree import CELL, READIN

Arrays = dict[str, np.ndarray]

#: What TF1 adds to the bias of the update gate.
FORGET_BIAS = 1.0
_CELL_OF = {"con": f"{CELL}/con_gru_cell", "gen": f"{CELL}/gen_gru_cell"}
_WAYS = {"fwd": "forward", "rev": "backward"}
#: Affine maps: theirs and ours.
_LINEAR = {
    "z/ic_enc_2_post_g0/mean": "encoder/ic_mean_linear",
    "z/ic_enc_2_post_g0/logvar": "encoder/ic_logvar_linear",
    "gen/g0_2_gen_ic": "decoder/ic_to_g0",
    "con/con_to_post_co/mean": f"{CELL}/co_mean_linear",
    "con/con_to_post_co/logvar": f"{CELL}/co_logvar_linear",
}
#: Vectors, which have a leading axis of length 1 there.
_VECTORS = {
    "z/prior_g0/mean": "ic_prior_mean",
    "z/prior_g0/logvar": "ic_prior_logvar",
    "z/u_prior_ar1/logatau": "logtaus",
    "z/u_prior_ar1/logevars": "lognvars",
}
READ_IN, READ_OUT = "x_2_infac_{}", "glm/fac_2_logrates_{}"


def to_tf1(weights: Mapping[str, np.ndarray], session: str) -> Arrays:
    """Returns the weights of a model of one session under TF1's names, without the leading `LFADS/`.

    Args:
        weights: Arrays under canonical names; those that are missing, as a controller's, are left out.
        session: Name of the session.
    """
    found: Arrays = {}
    for which in ("ic", "ci"):
        for way, direction in _WAYS.items():
            cell = f"encoder/{which}_enc_bigru/{direction}_layer/cell"
            if f"{cell}/kernel" in weights:
                scope = f"{which}_enc_{way}"
                found |= _joint_gru(weights, cell, f"{scope}/GRU")
                index = list(_WAYS).index(way)
                found[f"{scope}/{which}_enc_t0_{way}"] = weights[f"encoder/{which}_enc_h0"][:, index]
    for scope, cell in _CELL_OF.items():
        if f"{cell}/recurrent_kernel" in weights:
            found |= _split_gru(weights, cell, f"{scope}/GenGRU")
    linear = {**_LINEAR, READ_OUT.format(session): "decoder/rate_linear", READ_IN.format(session): READIN[0][:-7]}
    for theirs, ours in linear.items():
        if f"{ours}/kernel" in weights:
            found |= {f"{theirs}/W": weights[f"{ours}/kernel"], f"{theirs}/b": weights[f"{ours}/bias"][None]}
    found |= {theirs: weights[ours][None] for theirs, ours in _VECTORS.items() if ours in weights}
    found["gen/gen_2_fac/W"] = weights[f"{CELL}/fac_linear/kernel"]
    if f"{CELL}/con_gru_cell/h0" in weights:
        found["con/c0"] = weights[f"{CELL}/con_gru_cell/h0"]
    return {name: np.asarray(array, np.float32) for name, array in found.items()}


def from_tf1(found: Mapping[str, np.ndarray], session: str) -> tuple[Arrays, dict[str, str]]:
    """Returns the weights under canonical names, and the TF1 name of each, for messages.

    Maps that TF1 leaves out because they are the identity (initial condition to generator, factors to log-rates, data
    to encoders) are put in, but for the read-in, which is left out here too.

    Args:
        found: Arrays under TF1's names without the leading `LFADS/`.
        session: Name of the session whose read-in and read-out are taken.
    """
    weights: Arrays = {}
    shown: dict[str, str] = {}

    def put(ours: str, theirs: str, array: np.ndarray) -> None:
        weights[ours], shown[ours] = array, theirs

    for which in ("ic", "ci"):
        for way, direction in _WAYS.items():
            scope = f"{which}_enc_{way}"
            cell = f"encoder/{which}_enc_bigru/{direction}_layer/cell"
            for part, array in _from_joint(found, f"{scope}/GRU").items():
                put(f"{cell}/{part}", f"{scope}/GRU", array)
        starts = [found.get(f"{which}_enc_{way}/{which}_enc_t0_{way}") for way in _WAYS]
        if all(start is not None for start in starts):
            put(f"encoder/{which}_enc_h0", f"{which}_enc_t0_*", np.stack(starts, axis=1))
    for scope, cell in _CELL_OF.items():
        for part, array in _from_split(found, f"{scope}/GenGRU").items():
            put(f"{cell}/{part}", f"{scope}/GenGRU", array)
    linear = {**_LINEAR, READ_OUT.format(session): "decoder/rate_linear", READ_IN.format(session): READIN[0][:-7]}
    for theirs, ours in linear.items():
        if f"{theirs}/W" in found:
            put(f"{ours}/kernel", f"{theirs}/W", found[f"{theirs}/W"])
            zero = np.zeros((1, found[f"{theirs}/W"].shape[-1]))
            put(f"{ours}/bias", f"{theirs}/b", found.get(f"{theirs}/b", zero).reshape(-1))
    for theirs, ours in _VECTORS.items():
        if theirs in found:
            put(ours, theirs, found[theirs].reshape(-1))
    for ours, theirs in ((f"{CELL}/fac_linear/kernel", "gen/gen_2_fac/W"), (f"{CELL}/con_gru_cell/h0", "con/c0")):
        if theirs in found:
            put(ours, theirs, found[theirs])
    _identities(weights)
    return weights, shown


def _identities(weights: Arrays) -> None:
    sizes = {"decoder/ic_to_g0": (f"{CELL}/gen_gru_cell/recurrent_kernel", 0)}
    sizes["decoder/rate_linear"] = (f"{CELL}/fac_linear/kernel", 1)
    for name, (like, axis) in sizes.items():
        if f"{name}/kernel" not in weights and like in weights:
            width = weights[like].shape[axis]
            weights[f"{name}/kernel"], weights[f"{name}/bias"] = np.eye(width), np.zeros(width)


def _joint_gru(weights: Mapping[str, np.ndarray], cell: str, scope: str) -> Arrays:
    both = np.concatenate([weights[f"{cell}/kernel"], weights[f"{cell}/recurrent_kernel"]])
    gates, gate_bias, candidate, bias = _to_ru(both, weights[f"{cell}/bias"])
    return {
        f"{scope}/Gates/xh_2_ru/W": gates,
        f"{scope}/Gates/xh_2_ru/b": gate_bias,
        f"{scope}/Candidate/xrh_2_c/W": candidate,
        f"{scope}/Candidate/xrh_2_c/b": bias,
    }


def _split_gru(weights: Mapping[str, np.ndarray], cell: str, scope: str) -> Arrays:
    gates, gate_bias, candidate, bias = _to_ru(weights[f"{cell}/recurrent_kernel"], weights[f"{cell}/bias"])
    found = {
        f"{scope}/Gates/h_2_ru/W": gates,
        f"{scope}/Gates/h_2_ru/b": gate_bias,
        f"{scope}/Candidate/rh_2_c/W": candidate,
        f"{scope}/Candidate/rh_2_c/b": bias,
    }
    kernel = weights.get(f"{cell}/kernel")
    if kernel is not None and len(kernel):
        gates, _, candidate, _ = _to_ru(kernel, weights[f"{cell}/bias"])
        found |= {f"{scope}/Gates/x_2_ru/W": gates, f"{scope}/Candidate/x_2_c/W": candidate}
        # TF1 has biases here that stay 0
        found |= {
            f"{scope}/Gates/x_2_ru/b": np.zeros((1, gates.shape[1])),
            f"{scope}/Candidate/x_2_c/b": np.zeros((1, candidate.shape[1])),
        }
    return found


def _to_ru(kernel: np.ndarray, bias: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Returns matrix and bias of the gates in the order r, u, then those of the candidate."""
    update, reset, candidate = np.split(kernel, 3, axis=1)
    update_bias, reset_bias, candidate_bias = np.split(np.asarray(bias), 3)
    gate_bias = np.concatenate([reset_bias, update_bias - FORGET_BIAS])
    return np.concatenate([reset, update], axis=1), gate_bias[None], candidate, candidate_bias[None]


def _from_ru(gates: np.ndarray, candidate: np.ndarray) -> np.ndarray:
    reset, update = np.split(gates, 2, axis=-1)
    return np.concatenate([update, reset, candidate], axis=-1)


def _bias(found: Mapping[str, np.ndarray], gates: str, candidate: str) -> np.ndarray:
    bias = _from_ru(found[gates], found[candidate]).reshape(-1).astype(np.float64)
    bias[: len(bias) // 3] += FORGET_BIAS
    return bias


def _from_joint(found: Mapping[str, np.ndarray], scope: str) -> Arrays:
    gates, candidate = f"{scope}/Gates/xh_2_ru", f"{scope}/Candidate/xrh_2_c"
    if not all(f"{name}/{part}" in found for name in (gates, candidate) for part in ("W", "b")):
        return {}
    both = _from_ru(found[f"{gates}/W"], found[f"{candidate}/W"])
    n_inputs = len(both) - both.shape[1] // 3
    bias = _bias(found, f"{gates}/b", f"{candidate}/b")
    return {"kernel": both[:n_inputs], "recurrent_kernel": both[n_inputs:], "bias": bias}


def _from_split(found: Mapping[str, np.ndarray], scope: str) -> Arrays:
    gates, candidate = f"{scope}/Gates/h_2_ru", f"{scope}/Candidate/rh_2_c"
    if not all(f"{name}/{part}" in found for name in (gates, candidate) for part in ("W", "b")):
        return {}
    recurrent = _from_ru(found[f"{gates}/W"], found[f"{candidate}/W"])
    kernel = np.zeros((0, recurrent.shape[1]))
    if f"{scope}/Gates/x_2_ru/W" in found and f"{scope}/Candidate/x_2_c/W" in found:
        kernel = _from_ru(found[f"{scope}/Gates/x_2_ru/W"], found[f"{scope}/Candidate/x_2_c/W"])
    bias = _bias(found, f"{gates}/b", f"{candidate}/b")
    return {"kernel": kernel, "recurrent_kernel": recurrent, "bias": bias}
