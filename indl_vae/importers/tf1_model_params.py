"""The file `model_params` of run_lfads.py (LFADS on TF1): read into a run, and written from one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from indl_vae.data import write_hdf5
from indl_vae.data.hdf5_safety import link_names, open_hdf5, safe_dataset, translated
from indl_vae.errors import DataError
from indl_vae.importers.imported_weights import ImportedWeights
from indl_vae.importers.lfads_tree import CELL, READIN, check_weights
from indl_vae.importers.published_lfads import published_params
from indl_vae.importers.tf1_names import READ_IN, READ_OUT, from_tf1, to_tf1
from indl_vae.registry import family_weight_reader
from indl_vae.typing import DataSpec

#: How a dataset's name begins and ends: the scope of the whole model, and TensorFlow's number of an output.
PREFIX, SUFFIX = "LFADS_", ":0"
_SESSION = re.compile(r"(?:glm_fac_2_logrates|x_2_infac)_(.+)_[Wb]")
_GAUSSIAN = re.compile(r"glm_fac_2_(?:means|logvars)_")
_OURS = {"gate_bias": "forget", "poisson_full": "exact", "z1_lag": 1, "gru_clip_value": 5.0, "f_min_var": 1e-4}
_SETTINGS = (
    "Sizes come from the weights; the file holds neither controller_input_lag, cell_clip_value and ic_post_var_min "
    "(taken as 1, 5 and 1e-4: z1_lag, gru_clip_value, f_min_var) nor training settings, which take the preset's values."
)


def tf1_params_file(folder: str | Path, stem: str = "") -> Path:
    """Returns the file: `model_params`, or `<stem>_model_params`."""
    return Path(folder) / (f"{stem}_model_params" if stem else "model_params")


def write_tf1_model_params(run: Any, path: str | Path, session: str) -> Path:
    """Writes a run's weights under the names that run_lfads.py gives them, and global_step.

    Under a Gaussian likelihood the weights of the deviations stand under `glm/fac_2_rawscales_<session>`: there a
    log-variance is predicted, here the input of a softplus.

    Args:
        run: Its model is LFADS.
        path: The file.
        session: Name of the session, for a model of one without a name.

    Raises:
        ConfigError: The model has parts that LFADS on TF1 does not have.
        DataError: The file cannot be written.
    """
    weights, sessions = family_weight_reader(run.params.family)(run.model)
    found = {}
    for name, own in (sessions or {session: {}}).items():
        found |= to_tf1({**weights, **own}, name)
        if run.params.likelihood == "gaussian":
            _split_gaussian(found, name)
    arrays = {PREFIX + name.replace("/", "_") + SUFFIX: array for name, array in found.items()}
    arrays[f"{PREFIX}global_step{SUFFIX}"] = np.asarray(run.train_step, np.int64)
    arrays[f"{PREFIX}learning_rate{SUFFIX}"] = np.asarray(float(run.model.optimizer.learning_rate), np.float32)
    return write_hdf5(arrays, path, {})


def _split_gaussian(found: dict[str, np.ndarray], session: str) -> None:
    name = READ_OUT.format(session)
    for part in ("W", "b"):
        halves = np.split(found.pop(f"{name}/{part}"), 2, axis=-1)
        for what, half in zip(("means", "rawscales"), halves, strict=True):
            found[f"{name.replace('logrates', what)}/{part}"] = half


def read_tf1_model_params(path: str | Path, session: int = 0) -> ImportedWeights:
    """Reads the weights that run_lfads.py wrote with `--kind=write_model_params`.

    Args:
        path: The HDF5 file.
        session: Which session's read-in and read-out to take from a model of several, in the order of their names.

    Raises:
        DataError: If it is no such file of a whole LFADS model with Poisson output and acausal controller.
    """
    path = Path(path)
    arrays = _read(path)
    if any(_GAUSSIAN.match(name) for name in arrays):
        raise DataError(f"{path}: the model has Gaussian output; expected Poisson. Such a model cannot be imported.")
    names = sorted({match[1] for name in arrays if (match := _SESSION.fullmatch(name))})
    if session >= max(len(names), 1):
        raise DataError(f"{path}: session is {session}, expected one of 0 to {len(names) - 1}: {', '.join(names)}.")
    name = names[session] if names else ""
    found = {known: arrays[flat] for known in _known(name) if (flat := known.replace("/", "_")) in arrays}
    if "ci_enc_fwd/GRU/Gates/xh_2_ru/W" in found and "ci_enc_rev/GRU/Gates/xh_2_ru/W" not in found:
        raise DataError(f"{path}: the model has a causal controller; expected none. Such a model cannot be imported.")
    weights, shown = from_tf1(found, name)
    extra = _feed_factors(weights)
    ext = _encoder_ext(weights)
    checked, sizes = check_weights(weights, str(path), shown, ext)
    params = published_params("tf1", sizes, checked) | _OURS | extra | {"inject_ext_input_to_gen": not ext}
    notes = [_SETTINGS]
    if len(names) > 1:
        notes.append(f"The model has {len(names)} sessions; read-in and read-out of {name} were taken.")
    spec = DataSpec(n_channels=sizes.n_outputs, ext_input_dim=sizes.ext_input_dim or ext)
    return ImportedWeights(params, checked, spec, str(path), tuple(notes))


def is_tf1_model_params(path: Path) -> bool:
    """Returns whether a path means a file of this kind."""
    try:
        with open_hdf5(path) as handle, translated(path):
            return any(name.startswith(PREFIX) for name in link_names(handle))
    except DataError:
        return False


def _read(path: Path) -> dict[str, np.ndarray]:
    if not path.is_file():
        raise DataError(f"{path}: no such file; expected the model_params that run_lfads.py wrote.")
    arrays = {}
    with open_hdf5(path) as handle:
        with translated(path):
            names = [name for name in link_names(handle) if name.startswith(PREFIX) and "Adam" not in name]
        for name in names:
            item = safe_dataset(handle, name, path)
            with translated(path, name):
                arrays[name.removesuffix(SUFFIX).removeprefix(PREFIX)] = np.asarray(item[()])
    return arrays


def _known(session: str) -> Iterator[str]:
    """Yields the names that a model of TF1 may hold."""
    for which in ("ic", "ci"):
        for way in ("fwd", "rev"):
            yield f"{which}_enc_{way}/{which}_enc_t0_{way}"
            for part in ("W", "b"):
                yield f"{which}_enc_{way}/GRU/Gates/xh_2_ru/{part}"
                yield f"{which}_enc_{way}/GRU/Candidate/xrh_2_c/{part}"
    for scope in ("con", "gen"):
        for name in ("Gates/x_2_ru", "Gates/h_2_ru", "Candidate/x_2_c", "Candidate/rh_2_c"):
            yield from (f"{scope}/GenGRU/{name}/{part}" for part in ("W", "b"))
    heads = ("z/ic_enc_2_post_g0/mean", "z/ic_enc_2_post_g0/logvar", "con/con_to_post_co/mean")
    heads += ("con/con_to_post_co/logvar", "gen/g0_2_gen_ic", READ_IN.format(session), READ_OUT.format(session))
    for name in heads:
        yield from (f"{name}/{part}" for part in ("W", "b"))
    yield from ("gen/gen_2_fac/W", "con/c0", "z/prior_g0/mean", "z/prior_g0/logvar")
    yield from ("z/u_prior_ar1/logatau", "z/u_prior_ar1/logevars")


def _encoder_ext(weights: Mapping[str, np.ndarray]) -> int:
    """Returns how many of the encoders' inputs are a measured input beside the channels or read-in factors."""
    kernel, readout = "encoder/ic_enc_bigru/forward_layer/cell/kernel", "decoder/rate_linear/kernel"
    if kernel not in weights or readout not in weights:
        return 0
    own = weights[READIN[0]] if READIN[0] in weights else weights[readout]
    return max(len(weights[kernel]) - own.shape[1], 0)


def _feed_factors(weights: dict[str, np.ndarray]) -> dict[str, Any]:
    """Adds rows of zeros for factors that the controller is not fed, and returns the setting."""
    kernel, code = f"{CELL}/con_gru_cell/kernel", "encoder/ci_enc_bigru/forward_layer/cell/recurrent_kernel"
    factors = f"{CELL}/fac_linear/kernel"
    if not all(name in weights for name in (kernel, code, factors)):
        return {}
    fed = len(weights[kernel]) > 2 * len(weights[code])
    if not fed:
        zeros = np.zeros((weights[factors].shape[1], weights[kernel].shape[1]))
        weights[kernel] = np.concatenate([weights[kernel], zeros])
    return {"feed_factors_to_controller": fed}
