"""The first builder: what the two encoders get to see."""

from __future__ import annotations

from typing import Any

from keras import ops

from indl_vae.builders.dense import make_dense
from indl_vae.layers import CoordinatedDropout, Dropout, EncoderView, VisibleMask
from indl_vae.numerics import derive_seed
from indl_vae.params import InputsGroup, check_seen_bins, narrow, resolve_heldout


def prepare_inputs(params: Any, inputs: Any, mask: Any = None, visible: Any = None) -> tuple[Any, Any, Any]:
    """Applies dropout and coordinated dropout, hides held-out channels and bins, and splits off the f-encoder's inputs.

    Args:
        params: `Params` or a dict in the seed's keys. Reads `dropout_rate`, `coordinated_dropout_rate`,
            `f_enc_input_samps`, `input_factors`, `heldout_channels`, `heldout_bins`, `seed`.
        inputs: `(B, T, N)`, floating point; T may be None.
        mask: Optional `(B, T, N)` or `(B, T)`, 1 where observed.
        visible: Optional `(B, T, N)`, 0 where hidden from the encoders.

    Returns:
        The f-encoder's inputs (`(B, k, M)` with `f_enc_input_samps` = k > 0, so that the static latent cannot tell of
        what comes after; else `(B, T', M)`), the z-encoder's inputs `(B, T', M)`, and a boolean mask `(B, T, N)` of
        the entries that the encoders saw. T' = T - `heldout_bins`; M is the number of seen channels, or
        `input_factors`.

    Raises:
        ConfigError: Unknown key in a dict; rates outside [0, 1); held-out channels or bins that leave nothing.
    """
    group = narrow(InputsGroup, params)
    if inputs.shape[1] is not None:
        check_seen_bins(inputs.shape[1], group.heldout_bins, group.f_enc_input_samps)
    heldout = resolve_heldout(group.heldout_channels, inputs.shape[-1])
    seen = [c for c in range(inputs.shape[-1]) if c not in set(heldout)] if heldout else None
    view = EncoderView(seen, group.heldout_bins, name="encoder_view")(inputs, observed=mask, visible=visible)
    view = Dropout(group.dropout_rate, seed=derive_seed(group.seed, "input_dropout"), name="input_dropout")(view)
    cd_seed = derive_seed(group.seed, "coordinated_dropout")
    coordinated = CoordinatedDropout(group.coordinated_dropout_rate, seed=cd_seed, name="coordinated_dropout")
    head = int(group.f_enc_input_samps)
    z_inputs, kept = coordinated(view[:, head:] if head else view)
    f_inputs = view[:, :head] if head else z_inputs
    if head:
        z_inputs = ops.concatenate([f_inputs, z_inputs], axis=1)
    kept = VisibleMask(inputs.shape[-1], seen, head, group.heldout_bins, name="seen_by_encoders")(kept)
    if group.input_factors:
        read_in = make_dense(group.input_factors, group.seed, "read_in")
        f_inputs, z_inputs = (read_in(f_inputs), read_in(z_inputs)) if head else (read_in(z_inputs),) * 2
    return f_inputs, z_inputs, kept
