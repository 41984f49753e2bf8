"""The parameters of dendPLRNN."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from pydantic import model_validator

from indl_vae.families.dendplrnn.presets import PRESETS
from indl_vae.params.groups import (
    AnnealingGroup,
    AttractorGroup,
    DynamicsScoresGroup,
    ForcingGroup,
    InputsGroup,
    LatentStepGroup,
    ObservationGroup,
    OptimizerGroup,
    RampGroup,
    RecognitionGroup,
    RunGroup,
    TermsGroup,
    WindowsGroup,
    ZEncoderGroup,
    ZPosteriorGroup,
)

DEFAULTS: dict[str, Any] = {
    "family": "dendplrnn",
    "likelihood": "gaussian",
    "gaussian_scale": "per_channel",
    "n_epochs": 300,
    "batch_size": 16,
    "learning_rate": 1e-3,
    "max_grad_norm": 10.0,
    "nll_reduction": "bin",
    "select_on": "loss",
    "patience": 0,
    "z_latent_size": 20,
    "z1_units": 64,
    "z2_units": 0,
    "dropout_rate": 0.0,
    "coordinated_dropout_rate": 0.0,
}
#: Likelihoods whose data may stand for states themselves.
_REAL = ("gaussian",)


class DendPLRNNParams(
    RunGroup,
    ForcingGroup,
    WindowsGroup,
    DynamicsScoresGroup,
    OptimizerGroup,
    AnnealingGroup,
    RampGroup,
    TermsGroup,
    AttractorGroup,
    InputsGroup,
    LatentStepGroup,
    RecognitionGroup,
    ZEncoderGroup,
    ZPosteriorGroup,
    ObservationGroup,
    defaults=DEFAULTS,
):
    """What can be set of dendPLRNN; see the groups for the fields.

    Presets: "default"; "published" and "published_forcing", the settings of the code published with the paper, for the
    variational fit and for teacher forcing.

    Reference: Brenner, Hess, Mikhaeil, Bereska, Monfared, Kuo & Durstewitz, "Tractable dendritic RNNs for
    reconstructing nonlinear dynamical systems", ICML 2022.
    """

    presets: ClassVar = PRESETS

    @model_validator(mode="after")
    def _observations_that_force(self) -> Self:
        if self.training not in ("teacher_forcing", "generalized_teacher_forcing"):
            return self
        if self.likelihood not in _REAL:
            raise ValueError(
                f"training: {self.training!r} sets states to the observations, which expects likelihood = 'gaussian', "
                f"got {self.likelihood!r}. Choose training = 'svae_forced', in which an encoder reads the data."
            )
        if self.forcing_signal == "identity" and self.readout not in ("auto", "identity"):
            raise ValueError(
                f"readout: expected 'identity' with forcing_signal = 'identity', got {self.readout!r}. Set "
                "forcing_signal = 'inverse', or leave readout out."
            )
        if self.forcing_signal == "inverse" and self.readout not in ("auto", "linear"):
            raise ValueError(
                f"readout: expected 'linear' with forcing_signal = 'inverse', got {self.readout!r}. Leave it out."
            )
        return self

    @model_validator(mode="after")
    def _encoder_of_forced_states(self) -> Self:
        if self.forced_states is not None and self.forced_states > self.z_latent_size:
            raise ValueError(
                f"forced_states: expected at most z_latent_size = {self.z_latent_size}, got {self.forced_states}."
            )
        if self.training == "svae_forced" and self.readout == "identity":
            raise ValueError("readout: expected 'linear' or 'relu' with training = 'svae_forced', got 'identity'.")
        return self

    @model_validator(mode="after")
    def _some_state(self) -> Self:
        if self.z_latent_size == 0:
            raise ValueError("z_latent_size: expected at least 1, got 0; the dynamics need a state. Set it (dim_z).")
        return self

    @model_validator(mode="after")
    def _rectified_units(self) -> Self:
        if self.latent_step == "almost_linear" and self.n_rectified > self.z_latent_size:
            raise ValueError(
                f"n_rectified: expected at most z_latent_size = {self.z_latent_size}, got {self.n_rectified}."
            )
        if self.latent_step in ("dendritic", "clipped_dendritic") and not self.n_bases:
            raise ValueError(
                f"n_bases: expected at least 1 with latent_step = {self.latent_step!r}, got {self.n_bases}. Set it, or "
                "latent_step = 'plain'."
            )
        return self

    @model_validator(mode="after")
    def _bounds_to_select_on(self) -> Self:
        if self.select_on == "elbo" and self.training != "svae":
            raise ValueError(
                f"select_on: 'elbo' expects training = 'svae', got {self.training!r}, which has no bound. Set 'loss'."
            )
        return self


PARAMS = DendPLRNNParams
