"""Windows that training draws from long recordings."""

from __future__ import annotations

from indl_vae.params.base import Params
from indl_vae.params.field import param


class WindowsGroup(Params):
    """Parameters of windows."""

    seq_len: int | None = param(
        None, "Bins of a training window, cut at random out of trials that are longer; null for whole trials.",
        unit="bins", ge=2,
    )  # fmt: skip
    batches_per_epoch: int | None = param(
        None, "Training batches of windows in an epoch; null for as many as windows fit beside one another.", ge=1
    )
    inputs_path: str | None = param(
        None, "File of the measured external inputs, where the data are a .npy file.", aliases=("input_path",)
    )
