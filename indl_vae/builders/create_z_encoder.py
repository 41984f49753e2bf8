"""The encoder of the dynamic latent: a sequence to a sequence."""

from __future__ import annotations

from typing import Any

from keras import ops

from indl_vae.builders.dense import make_dense
from indl_vae.builders.rnn import is_bidirectional, is_rnn, make_rnn
from indl_vae.errors import ConfigError
from indl_vae.layers import TileOverTime, TimeLag
from indl_vae.params import ZEncoderGroup, narrow


def create_z_encoder(
    params: Any,
    inputs: Any,
    f_sample: Any = None,
    f_inputs_pre_z1: bool = True,
    step_mask: Any = None,
    extra_bins: int = 0,
) -> Any:
    """Runs the first z layer over the inputs, shifts its codes by the lag, and runs the second, causal one.

    Args:
        params: `Params` or a dict in the seed's keys. Reads `z1_rnn_type` ("" for a Dense layer per bin), `z1_units`,
            `z1_lag`, `z1_merge`, `z2_rnn_type`, `z2_units` (0 for no second layer) and the options of the cells.
        inputs: `(B, T, M)`.
        f_sample: Optional `(B, D)`: a static latent shown to the encoder at every bin (DSAE).
        f_inputs_pre_z1: Whether it is shown to the first layer (else to the second).
        step_mask: Optional `(B, T)`, 1 where a bin belongs to the trial.
        extra_bins: Bins appended at the end in which the encoder knows nothing.

    Returns:
        `(B, T + extra_bins, W)`: W = `z2_units`, or without a second layer `z1_units` (twice that for both directions
        concatenated).

    Raises:
        ConfigError: If `f_sample` is to enter a second layer that there is not.
    """
    group = narrow(ZEncoderGroup, params)
    if f_sample is not None and not f_inputs_pre_z1 and not group.z2_units:
        raise ConfigError(
            "f_inputs_pre_z1: expected True with z2_units = 0, got False; without a second layer the static latent "
            "would be shown to none. Set z2_units or f_inputs_pre_z1."
        )
    hidden = inputs
    if f_sample is not None and f_inputs_pre_z1:
        hidden = _with_static(hidden, f_sample, "f_to_z1")
    if is_rnn(group.z1_rnn_type):
        rnn = make_rnn(group.z1_rnn_type, group.z1_units, group, "z_rnn_1")
        hidden = rnn(hidden) if step_mask is None else rnn(hidden, mask=step_mask)
    else:
        hidden = make_dense(group.z1_units, group.seed, "z_dense_1", activation="leaky_relu")(hidden)
    both = is_bidirectional(group.z1_rnn_type)
    if group.z1_lag or extra_bins or step_mask is not None or (both and group.z1_merge == "sum"):
        hidden = TimeLag(group.z1_lag, both, extra_bins, group.z1_merge, name="z1_lag")(hidden, step_mask=step_mask)
    if group.z2_units:
        if f_sample is not None and not f_inputs_pre_z1:
            hidden = _with_static(hidden, f_sample, "f_to_z2")
        hidden = make_rnn(group.z2_rnn_type, group.z2_units, group, "z_rnn_2")(hidden)
    return hidden


def _with_static(sequence: Any, static: Any, name: str) -> Any:
    return ops.concatenate([sequence, TileOverTime(name=name)(static, sequence)], axis=-1)
