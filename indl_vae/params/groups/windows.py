"""What is drawn from long recordings, and what is scored of free runs, while a dynamical system trains."""

from __future__ import annotations

from typing import Any

from pydantic import field_validator

from indl_vae.params.base import Params
from indl_vae.params.field import param

#: Figures of free runs; those of `indl_vae.analysis.dynamics`.
DYNAMICS_METRICS = ("mse", "klx", "klx_gmm", "klz", "pse", "lyapunov")


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


class DynamicsScoresGroup(Params):
    """What is scored of the network's free runs while it trains."""

    metrics: tuple[str, ...] = param(
        (),
        "Figures of free runs to be logged on the validation trials: mse (forecasts), klx, klx_gmm, klz, pse "
        "(spectra), lyapunov.",
    )
    metrics_every: int | None = param(
        None, "Epochs from one such scoring to the next; null for five in all.", unit="epochs", ge=1
    )

    @field_validator("metrics", mode="before")
    @classmethod
    def _known(cls, value: Any) -> Any:
        names = tuple(part.strip() for part in value.split(",")) if isinstance(value, str) else tuple(value or ())
        unknown = [name for name in names if name not in DYNAMICS_METRICS]
        if unknown:
            raise ValueError(f"metrics: expected some of {', '.join(DYNAMICS_METRICS)}, got {unknown[0]!r}.")
        return names
