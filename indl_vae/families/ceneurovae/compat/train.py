"""The published training loop."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras

from indl_vae.errors import ConfigError
from indl_vae.families.ceneurovae.compat.best_weights import BestWeights
from indl_vae.families.ceneurovae.compat.config import TAU
from indl_vae.families.ceneurovae.compat.epochs import Loader, run_epoch, widest
from indl_vae.families.ceneurovae.compat.history import History, Row
from indl_vae.families.ceneurovae.compat.kl_schedule import KLSchedule
from indl_vae.families.ceneurovae.compat.learning_rates import LearningRates
from indl_vae.families.ceneurovae.compat.model import NeuroBehaviorVAE, weights_path
from indl_vae.families.ceneurovae.compat.plateau import Plateau

LOGGER = logging.getLogger("indl_vae")


def fit_model(
    model: NeuroBehaviorVAE,
    loader_train: Loader,
    loader_val: Loader,
    n_epoch: int,
    optim: keras.optimizers.Optimizer,
    scheduler_seq: LearningRates,
    scheduler_plateau: Plateau | None,
    cosine_finished_fn: Callable[[int], bool],
    device: Any = None,
    early_stop_patience: int = 20,
    early_stop_min_delta: float = 0.0,
    path_best: str | Path | None = None,
    grad_clip: float = 1.0,
    legacy_schedule: bool = False,
) -> History:
    """Trains a model, with the best weights in it at the end.

    Epochs are scored by val_rec + beta_kl val_kl, whatever weight the divergence has in them.

    Args:
        model: The model.
        loader_train: Of `build_loaders`, or a list of such batches.
        loader_val: Likewise.
        n_epoch: Epochs at most.
        optim: Of `build_optimizer`, for this model alone.
        scheduler_seq: Of `build_scheduler`, like the next two.
        scheduler_plateau: Cuts the rate after the cosine, or None.
        cosine_finished_fn: Says whether an epoch comes after the cosine.
        device: Not looked at.
        early_stop_patience: Epochs without a better score after which training stops.
        early_stop_min_delta: By how much a score has to be better.
        path_best: File for the best weights, which ends in .weights.h5; `model.load_weights` reads it.
        grad_clip: Largest norm of the published loss's gradient; 0 does not clip.
        legacy_schedule: Weigh the divergence as the published code really did; see `KLSchedule`.

    Returns:
        The history, which unpacks into training losses and learning rates.

    Raises:
        ConfigError: A number is out of its range, or the optimizer belongs to other weights.
        DataError: A loader is empty, or a batch does not fit to the model.
        TrainingDivergedError: A loss is not finite; the model has the best weights before.
    """
    _check(n_epoch, early_stop_patience, grad_clip)
    history = History()
    path = None if path_best is None else weights_path(path_best, "path_best")
    keeper = BestWeights(model, history, early_stop_patience, early_stop_min_delta, path)
    schedule = _kl_schedule(model, n_epoch, legacy_schedule)
    _compile(model, max(widest(loader_train, "loader_train"), widest(loader_val, "loader_val")), optim, grad_clip)
    try:
        for epoch in range(1, n_epoch + 1):
            lowered = scheduler_plateau.lowered if scheduler_plateau and cosine_finished_fn(epoch) else float
            optim.learning_rate = lowered(scheduler_seq(epoch))
            row = _epoch(model, loader_train, loader_val, epoch, schedule)
            history.history.append(row)
            score = row["val_rec"] + model.cfg.beta_kl * row["val_kl"]
            if scheduler_plateau and cosine_finished_fn(epoch):
                scheduler_plateau.step(score)
            if keeper.step(epoch, score):
                LOGGER.info("epoch %d: no better for %d epochs, stopped", epoch, early_stop_patience)
                break
    finally:
        keeper.restore()
        model.set_kl(model.cfg.beta_kl, model.cfg.tau_freebits)
    return history


def _check(n_epoch: int, patience: int, grad_clip: float) -> None:
    for name, value, least in (
        ("n_epoch", n_epoch, 1),
        ("early_stop_patience", patience, 1),
        ("grad_clip", grad_clip, 0),
    ):
        if not value >= least:
            raise ConfigError(f"{name}: expected a number from {least} up, got {value!r}.")


def _kl_schedule(model: NeuroBehaviorVAE, n_epoch: int, legacy: bool) -> KLSchedule:
    tau = model.cfg.tau_freebits
    return KLSchedule(n_epoch, model.cfg.beta_kl, tau if legacy else tau or TAU, legacy)


def _compile(model: NeuroBehaviorVAE, n_neurons: int, optim: keras.optimizers.Optimizer, grad_clip: float) -> None:
    wired = model.wired(n_neurons)
    if optim.built and getattr(wired, "optimizer", None) is not optim:
        raise ConfigError(
            "optim: expected an optimizer that has trained nothing else, got one with the moments of other weights. "
            "Make another by build_optimizer; a model gets other weights when it is first given more neurons."
        )
    # Our loss is the published one over the factor, and so is its gradient.
    optim.global_clipnorm = grad_clip / model.cfg.factor if grad_clip else None
    wired.compile(optimizer=optim, jit_compile=model.params.jit_compile)
    if not optim.built:
        optim.build(wired.trainable_variables)  # otherwise the first step makes variables, and is traced twice


def _epoch(model: NeuroBehaviorVAE, train: Loader, val: Loader, epoch: int, schedule: KLSchedule) -> Row:
    """Trains and validates once; returns the row of the epoch."""
    began, beta, tau = time.perf_counter(), schedule.beta(epoch), schedule.free_bits(epoch)
    model.set_kl(beta, tau)
    row: Row = {"epoch": epoch}
    for loader, training in ((train, True), (val, False)):
        row |= run_epoch(model, loader, epoch, beta, training)
    rate = float(model.wired().optimizer.learning_rate)
    row |= {"beta": beta, "free_bits": tau, "lr": rate, "epoch_elapsed": time.perf_counter() - began}
    LOGGER.info(
        "epoch %d: train %.4g, val %.4g (rec %.4g, kl %.4g), lr %.3g",
        *(row[name] for name in ("epoch", "train_sum", "val_sum", "val_rec", "val_kl", "lr")),
    )
    return row
