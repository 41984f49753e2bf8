"""A trained model applied to new data in one call."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import numpy as np

from indl_vae.analysis.held_out import HeldOut
from indl_vae.analysis.session_views import SessionView, session_views
from indl_vae.data import Dataset, Split, load_for, unpad_trials
from indl_vae.errors import DataError

if TYPE_CHECKING:
    from indl_vae.training.run import Run


def predict(run: Run, data: Any, cut: bool = False, **options: Any) -> dict[str, Any]:
    """Infers rates, factors and inputs of new data; see `Run.predict`."""
    if isinstance(data, (str, os.PathLike)):
        data = load_for(run.params, data, splits="present")
    if isinstance(data, Dataset):
        data = run.fit(data)
        views = session_views(run.model, data)
        if len(run.model.spec.sessions) > 1:
            return {name: _of_session(view, part, cut, options) for name, (view, part) in views.items()}
        return {name: _of_split(run, split, data, cut, options) for name, split in data.splits.items()}
    if isinstance(data, Split):
        return _of_split(run, data, None, cut, options)
    if len(run.model.spec.sessions) > 1:
        names = ", ".join(one.name for one in run.model.spec.sessions)
        raise DataError(
            f"data: expected a dataset or a path, got an array; the model has the sessions {names}, and an array does "
            "not say of which it is. Pass it to `session_views(run.model, dataset)[name][0].posterior(...)`."
        )
    settings = {name: run.params[name] for name in ("likelihood", "missing", "bin_width_s")}
    dataset = Dataset.from_arrays(None, test=data, **settings)
    return _of_split(run, dataset.splits["test"], dataset, cut, options)


def _of_session(view: Any, part: Dataset, cut: bool, options: dict[str, Any]) -> dict[str, Any]:
    return {name: _of_split(view, split, part, cut, options) for name, split in part.splits.items()}


def check_channels(found: int, wanted: int, place: str) -> None:
    """Raises DataError if data have another number of channels than the model."""
    if found != wanted:
        raise DataError(
            f"{place}: has {found} channels, but the model was trained on {wanted}. Give data of the same channels in "
            "the same order."
        )


def _of_split(
    run: Run | SessionView, split: Split, dataset: Dataset | None, cut: bool, options: dict[str, Any]
) -> dict[str, Any]:
    place = "data" if dataset is None else dataset.source
    spec = run.spec if isinstance(run, SessionView) else run.model.spec
    check_channels(split.n_channels, spec.n_channels, place)
    seen = split if dataset is None else HeldOut.from_params(run.params, dataset).hide(split)
    arrays: dict[str, Any] = run.posterior(seen, **options)
    if cut:
        lengths = np.full(split.n_trials, split.n_bins) if split.lengths is None else split.lengths
        arrays |= {name: unpad_trials(arrays[name], lengths) for name in _over_time(run.model, arrays)}
    if split.lengths is not None:
        arrays["lengths"] = split.lengths
    return {**arrays, "inds": split.inds}


def _over_time(model: Any, arrays: dict[str, np.ndarray]) -> list[str]:
    """Returns the names of the outputs that have a time axis: the core leaves its length open."""
    open_ended = {name for name, tensor in model.core.output.items() if len(tensor.shape) > 2 and not tensor.shape[1]}
    return [name for name in arrays if name in open_ended | {"rates"}]
