"""The first builder: what the two encoders get to see."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from keras import ops

from indl_vae.builders.dense import make_dense
from indl_vae.layers import (
    ChannelScale,
    CoordinatedDropout,
    Dropout,
    EncoderView,
    SessionChannels,
    SessionReadIn,
    VisibleMask,
)
from indl_vae.numerics import derive_seed
from indl_vae.params import InputsGroup, OutputGroup, check_seen_bins, narrow, resolve_heldout
from indl_vae.typing import Sessions


def prepare_inputs(
    params: Any, inputs: Any, mask: Any = None, visible: Any = None, sessions: Sessions | None = None
) -> tuple[Any, Any, Any]:
    """Applies dropout and coordinated dropout, hides held-out channels and bins, and splits off the f-encoder's inputs.

    Args:
        params: `Params` or a dict in the seed's keys. Reads `likelihood`, `scale_channels`, `dropout_rate`,
            `coordinated_dropout_rate`, `f_enc_input_samps`, `input_factors`, `heldout_channels`, `heldout_bins`,
            `seed`.
        inputs: `(B, T, N)`, floating point; T may be None.
        mask: Optional `(B, T, N)` or `(B, T)`, 1 where observed.
        visible: Optional `(B, T, N)`, 0 where hidden from the encoders.
        sessions: Of a model whose sessions have channels, and a read-in, of their own; channels are then held out of
            each session by itself.

    Returns:
        The f-encoder's inputs (`(B, k, M)` with `f_enc_input_samps` = k > 0, so that the static latent cannot tell of
        what comes after; else `(B, T', M)`), the z-encoder's inputs `(B, T', M)`, and a boolean mask `(B, T, N)` of
        the entries that the encoders saw. T' = T - `heldout_bins`; M is the number of seen channels, or the width of
        the read-in.

    Raises:
        ConfigError: Unknown key in a dict; rates outside [0, 1); held-out channels or bins that leave nothing.
    """
    group = narrow(InputsGroup, params)
    if inputs.shape[1] is not None:
        check_seen_bins(inputs.shape[1], group.heldout_bins, group.f_enc_input_samps)
    seen = None if sessions else _seen(group.heldout_channels, inputs.shape[-1])
    output = narrow(OutputGroup, params)
    if output.likelihood == "gaussian" and output.scale_channels:
        inputs = ChannelScale(name="input_scale")(inputs)
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
    read_in = None
    if sessions:
        f_inputs, z_inputs, kept = _of_seen_channels(group, sessions, (f_inputs, z_inputs, kept))
        read_in = _session_read_in(group, sessions)
    elif group.input_factors:
        read_in = make_dense(group.input_factors, group.seed, "read_in")
    if read_in:
        f_inputs, z_inputs = (read_in(f_inputs), read_in(z_inputs)) if head else (read_in(z_inputs),) * 2
    return f_inputs, z_inputs, kept


def _seen(heldout_channels: Any, n_channels: int) -> list[int] | None:
    """Returns the channels that the encoders see; None for all."""
    heldout = set(resolve_heldout(heldout_channels, n_channels))
    return [c for c in range(n_channels) if c not in heldout] if heldout else None


def _of_seen_channels(group: InputsGroup, sessions: Sessions, values: tuple[Any, ...]) -> tuple[Any, ...]:
    """Leaves out what belongs to a session's held-out channels."""
    if group.heldout_channels is None:
        return values
    seen = [_seen(group.heldout_channels, one.n_channels) or range(one.n_channels) for one in sessions.specs]
    keep = SessionChannels(values[-1].shape[-1], seen, name="seen_of_session")
    return tuple(keep(value, sessions.number) for value in values)


def _session_read_in(group: InputsGroup, sessions: Sessions) -> Callable[[Any], Any]:
    channels, seed = [one.n_channels for one in sessions.specs], derive_seed(group.seed, "read_in")
    layer = SessionReadIn(channels, sessions.read_in or group.input_factors, seed=seed, name="read_in")
    return lambda values: layer(values, sessions.number)
