"""Trains a model into a run folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras

from indl_vae.data import Dataset
from indl_vae.data.sessions import add_sessions, arrange_sessions, name_like
from indl_vae.errors import ConfigError, TrainingDivergedError
from indl_vae.models import build_model
from indl_vae.models.inherit import inherit
from indl_vae.models.parts import Feed
from indl_vae.params import Params
from indl_vae.run_folder import RunFolder
from indl_vae.training.callbacks import RunCallbacks, make_callbacks
from indl_vae.training.check_resumed import check_resumed
from indl_vae.training.devices import check_divisible, strategy_of
from indl_vae.training.legs import Leg, enter, legs_of, steps_as_epochs
from indl_vae.training.metrics_csv import drop_rows_after
from indl_vae.training.pictures import PictureMaker
from indl_vae.training.restarts import best_of_restarts
from indl_vae.training.run import Run
from indl_vae.training.run_log import LOGGER, close_log, open_log
from indl_vae.training.setbacks import Setbacks
from indl_vae.training.train_state import read_state


def train(
    params: Params,
    dataset: Dataset,
    out_dir: str | Path,
    resume: bool = False,
    reset_learning_rate: bool = False,
    start_from: Run | None = None,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    devices: int = 1,
) -> Run:
    """Trains the model that `params` describe and writes everything about it into a folder.

    An interruption (Ctrl-C, SIGTERM in the command) leaves a folder from which `posterior`, `evaluate` and `resume`
    work.

    Args:
        params: From `make_params`.
        dataset: From `load_dataset`; its validation trials choose the best model.
        out_dir: The run folder; must be new or empty unless `resume`.
        resume: Go on with the run in `out_dir`.
        reset_learning_rate: When resuming, set the learning rate back to `params.learning_rate` and let its rule start
            anew.
        start_from: A run whose best model's weights are the first ones. Sessions of the data that it does not know are
            added to it; with `train_io_only` their read-ins and read-outs alone are trained.
        callbacks: Act after those of the run, in every stage of the training. After going back to an earlier epoch
            they are told once more that training begins.
        devices: Devices of this machine that share every batch: GPUs if there are any, else parts of the CPU. Results
            are those of one up to rounding; XLA is off with several. A run may go on with another number of them.

    Returns:
        The run; its model is the best one.

    Raises:
        ConfigError: If parameters and data do not go together, or there are not so many devices, or batches cannot be
            shared by them.
        RunError: If the folder holds a run already, or none to resume, or one of other parameters.
        TrainingDivergedError: If the loss is no longer finite, and going back to the last good epoch with half the
            learning rate did not help; the best model before it is kept, and `divergence.json` says what was wrong.
    """
    trained = None if start_from is None else start_from.model
    if trained is not None and trained.spec.sessions:
        known = {name: one["source"] for name, one in start_from.data_info.get("sessions", {}).items()}
        dataset = add_sessions(dataset, trained.spec.sessions, name_like(dataset.source, known))
    params = hold_out_as(params, dataset)
    _check(params, dataset)
    files = RunFolder(out_dir)
    if resume:
        files.check_resumable()
    else:
        files.check_free()
    strategy = strategy_of(devices)
    with strategy.scope():
        model, state = read_state(files.checkpoints) if resume else (None, None)
    if model is not None:
        check_resumed(model, params, reset_learning_rate)
    if model is not None and len(model.spec.sessions) > 1:
        dataset = arrange_sessions(dataset, model.spec.sessions)
    if model is None:
        with strategy.scope():
            model = build_model(params, dataset)
        if trained is not None:
            inherit(model, trained, _differing(params, start_from.params))
    if devices > 1:
        check_divisible(batches(params, dataset, model.feed)[0], devices)
    per_epoch = _steps_per_epoch(params, dataset, model)
    params = steps_as_epochs(params, per_epoch)
    files.create(resume)
    params.to_yaml(files.params)
    files.write_data_info(dataset.info())
    handler = open_log(files.log)
    try:
        if params.restarts and not resume and trained is None:
            best_of_restarts(model, params, dataset, files, batches)
        _go_through(legs_of(params, per_epoch), model, dataset, files, state, reset_learning_rate, callbacks)
    finally:
        close_log(handler)
    return Run(files.path)


def _go_through(
    legs: list[Leg],
    model: keras.Model,
    dataset: Dataset,
    files: RunFolder,
    state: dict[str, Any] | None,
    reset_learning_rate: bool,
    further: Sequence[keras.callbacks.Callback],
) -> None:
    """Trains through the stages that are still to come; `state` is that of a run that is resumed."""
    first_epoch = 0
    for leg in legs[model.stage :]:
        entering = leg.number > model.stage
        began = state.get("stage_began", 0) if state is not None else first_epoch
        leg = leg.after(began)
        if entering:
            with model.distribute_strategy.scope():
                enter(model, leg, files)
        if state is not None:
            first_epoch = state["epochs_done"]
            drop_rows_after(files.metrics, first_epoch)
        callbacks = make_callbacks(leg.params, files, PictureMaker(dataset), first_epoch, began)
        if state is not None:
            _recall(callbacks, state, first_epoch)
            if reset_learning_rate:
                model.optimizer.learning_rate = leg.params.learning_rate
                callbacks.plateau.forget()
                callbacks.keeper.ended = False
                callbacks.guard.forget()
        first_epoch, state = _fit(model, leg.params, dataset, files, callbacks, first_epoch, entering, further), None


def _recall(callbacks: RunCallbacks, state: dict[str, Any], first_epoch: int) -> None:
    callbacks.recall(state["memory"])
    if callbacks.fit_log is not None:
        callbacks.fit_log.forget_after(first_epoch)


def _steps_per_epoch(params: Params, dataset: Dataset, model: keras.Model) -> int:
    """Returns the training steps of an epoch; 1 where no length is told in steps, and nothing depends on them."""
    if not (params.stages or params.get("n_steps")):
        return 1
    return max(1, int(batches(params, dataset, model.feed)[0].cardinality()))


def _differing(params: Params, trained: Params) -> str:
    """Returns the parameters in which a new run differs from the one it starts from, as messages list them."""
    ours = {**params}
    changed = [name for name, value in ours.items() if value != trained[name]]
    return ", ".join(f"{name} = {ours[name]!r} (there {trained[name]!r})" for name in changed)


def hold_out_as(params: Params, dataset: Dataset) -> Params:
    """Returns the parameters with the channels and bins held out that the data file itself keeps from the encoders.

    Files of lfads-torch do (`*_encod_data` is smaller than `*_recon_data`); parameters that hold something out win.
    """
    changes: dict[str, Any] = {}
    if params.heldout_channels is None and dataset.heldout_channels:
        changes["heldout_channels"] = dataset.heldout_channels
    if not params.heldout_bins and dataset.heldout_bins:
        changes["heldout_bins"] = dataset.heldout_bins
    return params.replace(**changes) if changes else params


def _check(params: Params, dataset: Dataset) -> None:
    if dataset.valid is None or dataset.valid.n_trials == 0:
        raise ConfigError("dataset: expected validation trials (valid_data) to choose the best model by, found none.")
    if dataset.train.n_bins <= params.heldout_bins:
        raise ConfigError(
            f"heldout_bins: {params.heldout_bins} of {dataset.train.n_bins} bins leave the encoders nothing."
        )


def _fit(
    model: keras.Model,
    params: Params,
    dataset: Dataset,
    files: RunFolder,
    callbacks: RunCallbacks,
    first_epoch: int,
    entering: bool,
    further: Sequence[keras.callbacks.Callback],
) -> int:
    """Trains through a stage and returns the number of epochs that are done then."""
    if callbacks.keeper.ended or callbacks.plateau.ended:
        LOGGER.info("the training had come to its end after epoch %d", first_epoch)
        return first_epoch
    LOGGER.info(
        "training %s on %s: %d weights, epochs %d to %d",
        params.family,
        dataset.source,
        model.count_params(),
        first_epoch + 1,
        params.n_epochs,
    )
    for callback in callbacks.as_list():
        callback.set_model(model)  # fit does it too, but an interruption may come before
    if entering:
        callbacks.state.write()  # an interruption does not go back into the stage before
    try:
        train_batches, valid_batches = batches(params, dataset, model.feed)
        feeding = [] if model.feed is None else model.feed.callbacks(dataset.train)
        fit = lambda first: model.fit(  # noqa: E731
            train_batches,
            validation_data=valid_batches,
            epochs=params.n_epochs,
            initial_epoch=first,
            callbacks=[*feeding, *callbacks.as_list(), *further],
            verbose=0,
        )
        done = Setbacks(model, params, dataset, files, callbacks, batches).fit(fit, first_epoch)
        LOGGER.info("finished: best epoch %d", callbacks.keeper.best_epoch + 1)
        return done
    except BaseException as error:
        LOGGER.error("ended early by %s: %s", type(error).__name__, error)
        callbacks.keeper.flush()
        if not isinstance(error, TrainingDivergedError):
            callbacks.state.write()
        raise
    finally:
        callbacks.progress.close()


def batches(params: Params, dataset: Dataset, feed: Feed | None = None) -> tuple[Any, Any]:
    """Returns training and validation batches; a smaller last training batch is left out, to be compiled once only.

    Every trial is seen all the same, since the order is drawn anew in each epoch.
    """
    size = params.batch_size
    if feed is not None:
        train_batches = feed.training_batches(dataset.train, params)
    else:
        train_batches = dataset.train.batches(
            size,
            seed=params.seed,
            drop_remainder=dataset.train.n_trials >= size,
            hidden_rate=params.sv_rate,
            hidden_seed=params.sv_seed,
        )
    hidden = params.hidden_rate if params.select_on == "hidden" else params.sv_rate
    valid_size = even_batch_size(dataset.valid.n_trials, params.valid_batch_size or size)
    return train_batches, dataset.valid.batches(
        valid_size, shuffle=False, hidden_rate=hidden, hidden_seed=params.sv_seed
    )


def even_batch_size(n_trials: int, largest: int) -> int:
    """Returns the size of the fewest batches of nearly equal size, none above `largest`."""
    n_batches = -(-n_trials // largest)
    return -(-n_trials // n_batches)
