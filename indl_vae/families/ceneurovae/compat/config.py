"""The published configuration, and what its fields are called here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from indl_vae.errors import ConfigError
from indl_vae.params import Params, make_params

#: Free bits from the tenth part of training on, where the configuration does not say how many.
TAU = 0.01
#: What the mean negative log-likelihood is multiplied by to be the published loss, but for a constant: the
#: exponent of a normal density has half the squared error.
FACTORS = {"mse": 2.0, "huber": 1.0}
#: Our parameters for the published fields that are only called otherwise.
_NAMES = {
    "n_identities": "n_identities",
    "neuron_embed_dim": "identity_size",
    "latent_dim": "z_latent_size",
    "model_dim": "model_size",
    "n_heads": "n_heads",
    "n_layers": "n_layers",
    "neuron_token_dim": "neuron_units",
    "decoder_hidden": "decoder_hidden",
    "dropout": "layer_dropout",
}


@dataclass(frozen=True)
class VAEConfig:
    """The published fields and defaults. It does not change: schedules are made from it, not written into it.

    Attributes:
        n_identities: Labels and one more; identity 0 is unknown.
        behavior_dim: Behaviours Tb.
        neuron_embed_dim: Width of an identity's vector.
        latent_dim: Latents L in each frame.
        model_dim: Width D of the encoder.
        n_heads: Heads of its attention.
        n_layers: Its layers.
        neuron_token_dim: Width of the layers that read a neuron's value.
        decoder_hidden: Width of the decoder.
        dropout: Rate of dropout in the encoder.
        beta_kl: Weight of the divergence at the end of its warm-up.
        loss_rec_type: "mse" or "huber".
        tau_freebits: Free bits, in nats a latent; 0 lets training take 0.01 from its tenth part on, as was meant.

    Raises:
        ConfigError: There is no such loss, or a number is out of its range.
    """

    n_identities: int
    behavior_dim: int
    neuron_embed_dim: int = 32
    latent_dim: int = 24
    model_dim: int = 256
    n_heads: int = 4
    n_layers: int = 4
    neuron_token_dim: int = 64
    decoder_hidden: int = 256
    dropout: float = 0.1
    beta_kl: float = 0.2
    loss_rec_type: str = "mse"
    tau_freebits: float = 0.0

    def __post_init__(self) -> None:
        if self.loss_rec_type not in FACTORS:
            raise ConfigError(f"loss_rec_type: expected 'mse' or 'huber', got {self.loss_rec_type!r}.")
        for name, least in (("n_identities", 2), ("behavior_dim", 1)):
            if getattr(self, name) < least:
                raise ConfigError(f"{name}: expected a number from {least} up, got {getattr(self, name)!r}.")
        for name in ("beta_kl", "tau_freebits"):
            if not getattr(self, name) >= 0:
                raise ConfigError(f"{name}: expected a number from 0 up, got {getattr(self, name)!r}.")

    @property
    def factor(self) -> float:
        """What our mean negative log-likelihood is multiplied by to be the published loss, but for a constant."""
        return FACTORS[self.loss_rec_type]

    def to_params(self, **settings: Any) -> Params:
        """Returns the parameters of the family, preset "parity", that these fields stand for.

        The weight of the divergence is `beta_kl` over `factor`: the whole loss is the published one over `factor`.

        Args:
            **settings: Further parameters, such as `seed` or `neuron_dropout_rate`.

        Raises:
            ConfigError: A setting is one that this configuration makes, or is not usable.
        """
        made = {ours: getattr(self, theirs) for theirs, ours in _NAMES.items()} | self._losses()
        twice = sorted(set(made) & set(settings))
        if twice:
            raise ConfigError(f"{', '.join(twice)}: follows from VAEConfig, got a setting besides; set it there alone.")
        return make_params("ceneurovae", preset="parity", **made, **settings)

    def _losses(self) -> dict[str, Any]:
        return {
            "likelihood": "gaussian" if self.loss_rec_type == "mse" else "huber",
            "kl_z_weight": self.beta_kl / self.factor,
            # Never 0, so that the model has the term that training switches on.
            "free_bits": self.tau_freebits or TAU,
        }
