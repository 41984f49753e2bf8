"""What a run is: family, preset, length, batches, data conventions and how it is compiled."""

from __future__ import annotations

from typing import Self

from pydantic import model_validator

from indl_vae.params.field import Alias, param
from indl_vae.params.groups.conversions import seconds_from_ms
from indl_vae.params.groups.keeping import KeepingGroup
from indl_vae.params.groups.shared import HeldOutGroup, SeedGroup
from indl_vae.params.groups.stages import StagesGroup


class RunGroup(KeepingGroup, StagesGroup, HeldOutGroup, SeedGroup):
    """Parameters of the run as a whole."""

    family: str = param("", "Name of the model family; set by the family itself.")
    preset: str = param("default", "Name of the set of values that the others started from.")
    n_epochs: int = param(
        100, "Number of epochs after which training ends.", unit="epochs", ge=1, aliases=("epochs", "max_epochs")
    )
    batch_size: int = param(16, "Number of trials in a training batch.", unit="trials", ge=1)
    valid_batch_size: int | None = param(
        None, "Number of trials in a validation batch; null for batch_size.", unit="trials", ge=1
    )
    bin_width_s: float | None = param(
        None,
        "Width of a time bin; null to take the data file's. Decides what Hz means, not what is learnt.",
        unit="s",
        gt=0.0,
        aliases=(Alias("resample_X", seconds_from_ms),),
    )
    missing: str = param(
        "error", "What a NaN in the data means: a fault, or an entry to leave out.", choices=("error", "mask")
    )
    q_samples: int = param(
        1, "Posterior samples drawn for each trial in a training step.", ge=1, aliases=("q_f_samples",)
    )
    jit_compile: bool = param(True, "Whether training steps are compiled by XLA.")
    cpu_lanes: int = param(
        0,
        "Parts of a batch that compiled steps on a CPU work on side by side, a core each; 0 for one per core. Changes "
        "results by rounding alone.",
        ge=0,
    )
    mixed_precision: bool = param(False, "Whether layers compute in half precision, for GPUs that are fast at it.")

    @model_validator(mode="after")
    def _own_family(self) -> Self:
        own = type(self).model_fields["family"].default
        if own and self.family != own:
            raise ValueError(f"family: expected {own!r}, got {self.family!r}. Call make_params with the family wanted.")
        return self
