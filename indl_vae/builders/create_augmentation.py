"""What is done to the data anew in every training step."""

from __future__ import annotations

from typing import Any

import keras

from indl_vae.layers import SpikeJitter, TemporalShift
from indl_vae.numerics import derive_seed
from indl_vae.params import InputsGroup, narrow


def create_augmentation(params: Any) -> list[keras.layers.Layer]:
    """Returns the layers that change a training batch before encoders and loss see it, in their order.

    Args:
        params: `Params` or a dict in the seed's keys. Reads `shift_std`, `shift_max`, `spike_jitter_width`,
            `spike_jitter_inclusive`, `seed`.

    Returns:
        A `TemporalShift` and a `SpikeJitter`, those of the two that are asked for.
    """
    group = narrow(InputsGroup, params)
    found: list[keras.layers.Layer] = []
    if group.shift_std and group.shift_max:
        seed = derive_seed(group.seed, "temporal_shift")
        found.append(TemporalShift(group.shift_std, group.shift_max, seed=seed, name="temporal_shift"))
    if group.spike_jitter_width:
        seed = derive_seed(group.seed, "spike_jitter")
        width, inclusive = group.spike_jitter_width, group.spike_jitter_inclusive
        found.append(SpikeJitter(width, inclusive, seed=seed, name="spike_jitter"))
    return found
