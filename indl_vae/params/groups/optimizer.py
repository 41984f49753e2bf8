"""How the weights are learnt, when the learning rate falls, and which epoch counts as the best."""

from __future__ import annotations

from typing import Self

from pydantic import model_validator

from indl_vae.params.base import Params
from indl_vae.params.field import Alias, param
from indl_vae.params.groups.conversions import gradient_clipping, plateau_rule, reduction


class OptimizerGroup(Params):
    """Parameters of Adam, of the learning-rate schedule, of the loss's scale and of model selection."""

    learning_rate: float = param(
        2e-3,
        "Learning rate at the start.",
        gt=0.0,
        search=(1e-5, 1e-2, "log"),
        tune=True,
        live=True,
        aliases=("learning_rate_init", "lr_init"),
    )
    lr_rule: str = param(
        "none",
        "How the learning rate falls: not at all; by the factor lr_decay when the training or the validation loss of "
        "an epoch is worse than the worst of the last lr_patience ones (the validation loss once the ramps have "
        "ended); or over lr_decay_steps steps along half a cosine or an exponential from learning_rate to lr_stop, or "
        "to a tenth at each of 10, 80 and 90 percent of them ('stairs').",
        choices=("none", "train_plateau", "valid_plateau", "cosine", "exponential", "stairs"),
        aliases=(Alias("lr_scheduler", plateau_rule),),
    )
    lr_decay: float = param(
        0.95, "Factor of the learning rate's decays.", gt=0.0, le=1.0, aliases=("learning_rate_decay_factor",)
    )
    lr_patience: int = param(
        6,
        "Epochs whose loss the present one is compared with.",
        unit="epochs",
        ge=1,
        aliases=("learning_rate_n_to_compare",),
    )
    lr_decay_steps: int = param(
        10_000,
        "Training steps over which 'cosine', 'exponential' or 'stairs' takes the learning rate down.",
        unit="steps",
        ge=1,
    )
    lr_warmup_steps: int = param(
        0,
        "Training steps over which the learning rate rises to learning_rate first; its rule begins after them.",
        unit="steps",
        ge=0,
    )
    lr_warmup_from: float = param(1e-5, "Learning rate that the warm-up begins with.", ge=0.0)
    lr_stop: float = param(
        1e-5, "Learning rate at which training, or its decay, ends.", ge=0.0, aliases=("learning_rate_stop",)
    )
    adam_beta1: float = param(
        0.9, "Adam's decay of the mean gradient.", ge=0.0, lt=1.0, aliases=("lr_adam_beta1", "beta1")
    )
    adam_beta2: float = param(
        0.999, "Adam's decay of the mean square gradient.", ge=0.0, lt=1.0, aliases=("lr_adam_beta2", "beta2")
    )
    adam_epsilon: float = param(1e-7, "Adam's constant in the denominator.", gt=0.0, aliases=("lr_adam_epsilon",))
    weight_decay: float = param(0.0, "AdamW's decoupled weight decay.", ge=0.0)
    max_grad_norm: float = param(
        200.0,
        "Global norm that gradients are clipped to.",
        gt=0.0,
        aliases=(Alias("gradient_clipping", gradient_clipping),),
    )
    max_grad_value: float | None = param(
        None,
        "Largest size of a single entry of the gradients, in place of max_grad_norm, which then does not act; null for "
        "no such limit.",
        gt=0.0,
    )
    max_skipped_steps: int = param(
        10,
        "Training steps in a row whose loss or gradient is not finite, each of them skipped, after which the run goes "
        "back to its last good epoch with half the learning rate; so it does when the validation loss is not finite.",
        unit="steps",
        ge=1,
    )
    max_rollbacks: int = param(
        3, "How often a run (with stages, each of them) goes back like this before it ends with an error.", ge=0
    )
    loss_scale: float = param(
        1.0, "Factor of the loss before gradients are clipped; the logged loss is without it.", gt=0.0
    )
    nll_reduction: str = param(
        "sum",
        "Whether a trial's negative log-likelihood is the sum over bins and channels, which makes the loss an ELBO, "
        "the mean, or ('bin') the sum over channels and mean over bins, KL terms likewise per bin.",
        choices=("sum", "mean", "bin"),
        aliases=(Alias("nll_mean", reduction), Alias("recon_reduce_mean", reduction)),
    )
    patience: int = param(
        200,
        "Epochs without a better selection score, counted from the end of the ramps, after which training ends; 0 "
        "for never.",
        unit="epochs",
        ge=0,
        aliases=("n_epochs_early_stop",),
    )
    select_on: str = param(
        "hidden",
        "Validation score by which the best epoch is chosen: the likelihood of entries hidden from the encoders, of "
        "all entries, the loss, the likelihood of the held-out channels, or, where a family reports it, the evidence "
        "lower bound.",
        choices=("hidden", "nll", "loss", "heldout_channels", "elbo"),
    )
    hidden_rate: float = param(
        0.1, "Share of the validation entries hidden from the encoders when select_on is 'hidden'.", ge=0.0, lt=1.0
    )
    smoothing: float = param(
        0.7, "Weight of the new epoch in the smoothed selection score; 1 for no smoothing.", gt=0.0, le=1.0
    )

    @model_validator(mode="after")
    def _learning_rate_above_stop(self) -> Self:
        if self.lr_rule == "exponential" and self.lr_stop == 0.0:
            raise ValueError("lr_stop: expected more than 0 with lr_rule = 'exponential', got 0. Set it to 1e-6, say.")
        if self.lr_rule != "none" and self.learning_rate <= self.lr_stop:
            raise ValueError(
                f"learning_rate: expected more than lr_stop = {self.lr_stop:g}, at which training ends, got "
                f"{self.learning_rate:g}. Raise learning_rate or lower lr_stop."
            )
        return self

    @model_validator(mode="after")
    def _something_to_select_on(self) -> Self:
        if self.select_on == "hidden" and self.hidden_rate == 0.0:
            raise ValueError(
                "hidden_rate: expected more than 0 with select_on = 'hidden', got 0. Raise it or set select_on = 'nll'."
            )
        held_out = getattr(self, "heldout_channels", ())
        if self.select_on == "heldout_channels" and held_out is None:
            raise ValueError(
                "heldout_channels: expected channels with select_on = 'heldout_channels', got null. Name some or "
                "set select_on = 'nll'."
            )
        return self
