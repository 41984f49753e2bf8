"""The encoder of the static latent: a sequence to one vector."""

from __future__ import annotations

from typing import Any

from keras import ops

from indl_vae.builders.rnn import is_bidirectional, last_states, make_rnn
from indl_vae.params import FEncoderGroup, narrow


def create_f_encoder(params: Any, inputs: Any, step_mask: Any = None) -> Any:
    """Runs a stack of recurrent layers over the inputs and keeps the last states.

    Args:
        params: `Params` or a dict in the seed's keys. Reads `f_rnn_type`, `f_units`, `f_merge`, `f_states` and the
            options of the cells.
        inputs: `(B, T, M)`.
        step_mask: Optional `(B, T)`, 1 where a bin belongs to the trial.

    Returns:
        `(B, U)`, or `(B, 2U)` for a bidirectional stack whose directions are not summed: last forward state, then last
        backward state. With `f_states = "all_layers"` those of all layers side by side.
    """
    group = narrow(FEncoderGroup, params)
    hidden, last = inputs, []
    for i, units in enumerate(group.f_units):
        is_last = i == len(group.f_units) - 1
        merge = group.f_merge if is_last else "concat"
        rnn = make_rnn(group.f_rnn_type, units, group, f"f_rnn_{i}", return_sequences=not is_last, merge=merge)
        hidden = rnn(hidden) if step_mask is None else rnn(hidden, mask=step_mask)
        if group.f_states == "all_layers":
            last.append(hidden if is_last else last_states(hidden, is_bidirectional(group.f_rnn_type)))
    return ops.concatenate(last, axis=-1) if len(last) > 1 else hidden
