"""The encoder of the static latent: a sequence to one vector."""

from __future__ import annotations

from typing import Any

from indl_vae.builders.rnn import make_rnn
from indl_vae.params import FEncoderGroup, narrow


def create_f_encoder(params: Any, inputs: Any, step_mask: Any = None) -> Any:
    """Runs a stack of recurrent layers over the inputs and keeps the last states.

    Args:
        params: `Params` or a dict in the seed's keys. Reads `f_rnn_type`, `f_units` and the options of the cells.
        inputs: `(B, T, M)`.
        step_mask: Optional `(B, T)`, 1 where a bin belongs to the trial.

    Returns:
        `(B, U)`, or `(B, 2U)` for a bidirectional stack: last forward state, then last backward state.
    """
    group = narrow(FEncoderGroup, params)
    hidden = inputs
    for i, units in enumerate(group.f_units):
        is_last = i == len(group.f_units) - 1
        rnn = make_rnn(group.f_rnn_type, units, group, f"f_rnn_{i}", return_sequences=not is_last)
        hidden = rnn(hidden) if step_mask is None else rnn(hidden, mask=step_mask)
    return hidden
