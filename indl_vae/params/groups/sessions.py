"""Sessions with channels of their own: how they are brought together, and what of a model is trained."""

from __future__ import annotations

from typing import Self

from pydantic import model_validator

from indl_vae.params.base import Params
from indl_vae.params.field import param

_ONLY = ("train_io_only", "train_f_encoder_only", "train_encoders_only")


class SessionsGroup(Params):
    """Parameters of the sessions' read-ins and read-outs, and of training parts of a model."""

    alignment: str = param(
        "file",
        "Where the sessions' read-ins start: from the matrices in the data files, where there are any; from principal-"
        "component regression of the sessions' condition averages; or from random weights.",
        choices=("file", "pcr", "random"),
    )
    read_out_start: str = param(
        "transpose",
        "Where the sessions' read-outs start: from the read-in's matrix transposed, from its pseudo-inverse, or from "
        "random weights; random too where the read-in's width is not the number of factors.",
        choices=("transpose", "pinv", "random"),
    )
    train_read_in: bool = param(True, "Whether the sessions' read-ins are trained.", aliases=("do_train_readin",))
    train_io_only: bool = param(
        False,
        "Whether read-ins and read-outs alone are trained, as for a new session of a trained model.",
        aliases=("do_train_io_only",),
    )
    train_f_encoder_only: bool = param(
        False, "Whether f's encoder and posterior alone are trained.", aliases=("do_train_encoder_only",)
    )
    train_encoders_only: bool = param(
        False, "Whether the encoders and f's posterior alone are trained.", aliases=("encoders_only",)
    )

    @model_validator(mode="after")
    def _one_restriction(self) -> Self:
        chosen = [name for name in _ONLY if getattr(self, name)]
        if len(chosen) > 1:
            raise ValueError(f"{' and '.join(chosen)}: expected at most one of them, got both. Leave one out.")
        return self
