"""What is kept from an encoder of several regions while training."""

from __future__ import annotations

from typing import Any

from indl_vae.layers import ChannelDropout, HeardBins
from indl_vae.numerics import derive_seed
from indl_vae.params import RegionMaskingGroup, narrow


def hide_from_encoder(params: Any, inputs: Any, windows: bool = False) -> Any:
    """Hides whole channels, and windows of bins, from an encoder while training.

    Args:
        params: `Params` or a dict in the seed's keys. Reads `channel_dropout`, `channel_dropout_rate`,
            `channel_dropout_trials`, `window_rate`, `window_bins`, `seed`.
        inputs: `(B, T, N)`.
        windows: Whether windows are hidden, too: for posteriors in which the encoder alone makes the latents. Elsewhere
            it is not heard in them, which leaves more to the dynamics.

    Returns:
        `(B, T, N)`.
    """
    group = narrow(RegionMaskingGroup, params)
    dropout = ChannelDropout(
        group.channel_dropout_rate if group.channel_dropout else 0.0,
        group.channel_dropout_trials,
        seed=derive_seed(group.seed, "channel_dropout"),
        name="channel_dropout",
    )
    inputs = dropout(inputs)
    if not (windows and group.window_rate):
        return inputs
    seed = derive_seed(group.seed, "input_windows")
    return inputs * HeardBins(group.window_rate, group.window_bins, seed=seed, name="seen_bins")(inputs)
