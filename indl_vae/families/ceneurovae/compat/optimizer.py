"""The published optimizer and its learning rates."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import keras

from indl_vae.errors import ConfigError
from indl_vae.families.ceneurovae.compat.learning_rates import LearningRates
from indl_vae.families.ceneurovae.compat.plateau import Plateau

#: Share of the first rate below which a plateau cuts no more.
_MIN_LR = 0.02


def build_optimizer(
    model: Any,
    lr: float = 1e-3,
    weight_decay: float = 1e-4,
    betas: Sequence[float] = (0.9, 0.95),
    eps: float = 1e-8,
) -> keras.optimizers.Optimizer:
    """Returns AdamW; all weights decay, as published.

    Args:
        model: Not looked at: Keras tells the optimizer its weights in training.
        lr: Learning rate.
        weight_decay: Of each step, times the rate.
        betas: Decays of the means of gradients and of their squares.
        eps: Added to the root of the latter.

    Raises:
        ConfigError: A number is out of its range.
    """
    if not lr > 0 or not weight_decay >= 0 or not eps > 0:
        raise ConfigError(
            f"lr, weight_decay, eps: expected a rate above 0, a decay from 0 up and an epsilon above 0, got {lr!r}, "
            f"{weight_decay!r} and {eps!r}."
        )
    if len(betas) != 2 or not all(0 <= beta < 1 for beta in betas):
        raise ConfigError(f"betas: expected two numbers from 0 up and below 1, got {betas!r}.")
    return keras.optimizers.AdamW(lr, weight_decay=weight_decay, beta_1=betas[0], beta_2=betas[1], epsilon=eps)


def build_scheduler(
    optimizer: keras.optimizers.Optimizer,
    total_epochs: int,
    warmup_epochs: int = 10,
    min_lr_ratio: float = 0.1,
    use_plateau: bool = True,
    cosine_portion: float = 1.0,
) -> tuple[LearningRates, Plateau | None, Callable[[int], bool]]:
    """Returns learning rates, what cuts them after the cosine, and whether an epoch comes after it.

    Args:
        optimizer: Whose present rate is the peak.
        total_epochs: Epochs of the training.
        warmup_epochs: Epochs of linear warm-up, 0 for none.
        min_lr_ratio: Share of the peak at which the cosine ends.
        use_plateau: Whether the rate is halved in the tail when validation no longer gains.
        cosine_portion: Share of the epochs after warm-up that the cosine takes; the rest is the tail.

    Raises:
        ConfigError: A number is out of its range.
    """
    if not 0 <= warmup_epochs < total_epochs:
        raise ConfigError(
            f"warmup_epochs: expected 0 to {total_epochs - 1}, less than total_epochs = {total_epochs}, got "
            f"{warmup_epochs!r}. Lower it or train for longer."
        )
    for name, share, above in (("cosine_portion", cosine_portion, True), ("min_lr_ratio", min_lr_ratio, False)):
        if not 0 <= share <= 1 or (above and share == 0):
            raise ConfigError(f"{name}: expected a share {'above' if above else 'from'} 0 and up to 1, got {share!r}.")
    peak = float(optimizer.learning_rate)
    cosine = max(1, round((total_epochs - warmup_epochs) * cosine_portion))
    rates = LearningRates(optimizer, peak, int(warmup_epochs), cosine, float(min_lr_ratio))
    tail = total_epochs - warmup_epochs - cosine
    return rates, Plateau(_MIN_LR * peak) if use_plateau and tail > 0 else None, rates.finished
