"""What a run keeps of itself beside its best model."""

from __future__ import annotations

from pydantic import field_validator

from indl_vae.params.base import Params
from indl_vae.params.field import param


class KeepingGroup(Params):
    """Parameters of checkpoints and of the second log of scores."""

    keep_latest: int = param(
        5,
        "Number of states to go on from that are kept, the latest; 0 for all, and never fewer than two: the one before "
        "stands in for one that is damaged.",
        ge=0,
        aliases=("max_ckpt_to_keep",),
    )
    keep_best: int = param(
        5, "Number of best models that are kept, the last; 0 for all.", ge=0, aliases=("max_ckpt_to_keep_lve",)
    )
    checkpoint_every_s: float = param(
        60.0,
        "Seconds between two states to go on from, written at the end of an epoch; 0 for every epoch. What a killed "
        "run goes through again.",
        ge=0.0,
        unit="s",
    )
    checkpoint_name: str = param("epoch", "What the names of checkpoints begin with.")
    csv_log: str = param(
        "",
        "Name, without .csv, of a log of scores with the columns of LFADS on TF1, beside metrics.csv; empty for none.",
    )

    tensorboard: bool = param(True, "Whether scores and pictures are written for TensorBoard.", aliases=("use_tb",))

    @field_validator("checkpoint_name", "csv_log")
    @classmethod
    def _plain_name(cls, name: str) -> str:
        if name != name.strip() or name.startswith(".") or set(name) & set("/\\\0"):
            raise ValueError("expected a plain name: no folder, no leading dot, no space around it")
        return name

    @field_validator("checkpoint_name")
    @classmethod
    def _some_name(cls, name: str) -> str:
        if not name:
            raise ValueError("expected a name, got none")
        return name
