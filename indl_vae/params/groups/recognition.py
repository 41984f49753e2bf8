"""The recognition models of dynamical systems: from observations to q(z_t | x)."""

from __future__ import annotations

from indl_vae.params.field import When, param
from indl_vae.params.groups.shared import SamplingGroup, SeedGroup, ZSizeGroup
from indl_vae.params.widths import Widths


class RecognitionGroup(SeedGroup, SamplingGroup, ZSizeGroup):
    """Parameters of the recognition model."""

    rec_model: str = param(
        "dc",
        "Recognition model: 'dc', linear in the smoothed bin; 'cnn', convolutions over time; 'encoder', the recurrent "
        "z encoder with its heads.",
        choices=("dc", "cnn", "encoder"),
    )
    rec_kernels: Widths = param(
        (3, 3, 3), "Widths of the convolutions to the mean; that to the deviation has the first.", unit="bins"
    )
    rec_activation: str = param(
        "linear",
        "Activation between the convolutions; 'linear' as published.",
        choices=("linear", "relu", "leaky_relu", "gelu", "tanh"),
    )
    latent_noise: float = param(
        0.05,
        "Initial deviation of the process noise and, with 'dc' and 'cnn', of q(z_t | x). From 1, as published, most "
        "latents may be given up.",
        gt=1e-4,
        search=(0.02, 1.0, "log"),
        tune=True,
        when=When("training", ("svae", "svae_forced")),
    )
