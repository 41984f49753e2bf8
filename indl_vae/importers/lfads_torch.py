"""Reads models trained with lfads-torch from an .npz or .safetensors export of their state dict; needs no PyTorch."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path

import numpy as np

from indl_vae.errors import DataError
from indl_vae.importers.imported_weights import ImportedWeights
from indl_vae.importers.lfads_tree import CELL, check_weights
from indl_vae.importers.published_lfads import published_params
from indl_vae.importers.safetensors_file import read_safetensors
from indl_vae.typing import DataSpec

_CELLS = {
    "encoder.ic_enc.fwd_gru.cell": "encoder/ic_enc_bigru/forward_layer/cell",
    "encoder.ic_enc.bwd_gru.cell": "encoder/ic_enc_bigru/backward_layer/cell",
    "encoder.ci_enc.fwd_gru.cell": "encoder/ci_enc_bigru/forward_layer/cell",
    "encoder.ci_enc.bwd_gru.cell": "encoder/ci_enc_bigru/backward_layer/cell",
    "decoder.rnn.cell.con_cell": f"{CELL}/con_gru_cell",
    "decoder.rnn.cell.gen_cell": f"{CELL}/gen_gru_cell",
}
#: One PyTorch layer for mean (first half of its rows) and log-variance (second half).
_HALVES = {
    "encoder.ic_linear": ("encoder/ic_mean_linear", "encoder/ic_logvar_linear"),
    "decoder.rnn.cell.co_linear": (f"{CELL}/co_mean_linear", f"{CELL}/co_logvar_linear"),
}
_SAME = {
    "decoder.con_h0": f"{CELL}/con_gru_cell/h0",
    "ic_prior.mean": "ic_prior_mean",
    "ic_prior.logvar": "ic_prior_logvar",
    "co_prior.logtaus": "logtaus",
    "co_prior.lognvars": "lognvars",
}
_SETTINGS = (
    "Sizes come from the weights; a state dict holds neither ci_lag, cell_clip and ic_post_var_min (taken as 1, 5 and "
    "1e-4: z1_lag, gru_clip_value, f_min_var) nor training settings, which take the preset's values."
)
Rule = tuple[str, str, Callable[[np.ndarray], np.ndarray]]


def read_lfads_torch(path: str | Path, session: int = 0) -> ImportedWeights:
    """Reads the weights of an lfads-torch model.

    Args:
        path: `.npz` or `.safetensors` file with the arrays of `state_dict` under their PyTorch names.
        session: Which session's read-in and read-out to take from a model of several.

    Returns:
        Weights and parameters; GRU gates keep their order, and the frozen second bias is added to the first.

    Raises:
        DataError: If the file is not an export of a whole lfads-torch model with Poisson output and AR(1) prior.
    """
    path = Path(path)
    tensors = _strip_prefix(_read_file(path))
    sessions = sorted({int(match[1]) for name in tensors if (match := re.match(r"readout\.(\d+)\.", name))})
    if sessions and session not in sessions:
        raise DataError(f"{path}: session is {session}, expected one of {sessions}. Name a session that the model has.")
    arrays, display = _rename(_join_biases(tensors, path), session)
    weights, sizes = check_weights(arrays, str(path), display)
    params = published_params("lfads_torch", sizes, weights) | {"z1_lag": 1, "gru_clip_value": 5.0, "f_min_var": 1e-4}
    spec = DataSpec(n_channels=sizes.n_outputs, ext_input_dim=sizes.ext_input_dim)
    notes = [_SETTINGS]
    if len(sessions) > 1:
        notes.append(f"The model has {len(sessions)} sessions; read-in and read-out of session {session} were taken.")
    if sizes.n_heldout:
        notes.append(f"The read-out has {sizes.n_heldout} channels that the encoders do not see: taken as held out.")
    return ImportedWeights(params, weights, spec, str(path), tuple(notes))


def _read_file(path: Path) -> dict[str, np.ndarray]:
    if not path.is_file():
        raise DataError(f"{path}: no such file; expected an .npz or .safetensors export of a state dict.")
    if path.suffix == ".safetensors":
        return read_safetensors(path)
    if path.suffix == ".npz":
        return _read_npz(path)
    raise DataError(
        f"{path}: expected a file ending in .npz or .safetensors. PyTorch checkpoints are pickles, which can run code "
        "and are not opened; export the state dict from Python with the snippet of docs/importing_weights.md."
    )


def _read_npz(path: Path) -> dict[str, np.ndarray]:
    try:
        archive = np.load(path, allow_pickle=False)
        if isinstance(archive, np.ndarray):
            raise ValueError("it holds one array without a name")
        with archive:
            arrays = {name: archive[name] for name in archive.files}
    except (OSError, ValueError, EOFError, AttributeError, zipfile.BadZipFile, zlib.error) as error:
        raise DataError(
            f"{path}: not an .npz file of plain arrays ({error}). Write it with numpy.savez and `.numpy()` tensors."
        ) from error
    strange = [f"{name} ({array.dtype})" for name, array in arrays.items() if array.dtype.kind not in "fiub"]
    if strange:
        raise DataError(f"{path}: expected numeric arrays, got {', '.join(strange)}. Export the state dict only.")
    return arrays


def _strip_prefix(tensors: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Returns the tensors without a wrapper's prefix such as `model.`, found before `encoder.ic_enc_h0`."""
    marker = "encoder.ic_enc_h0"
    prefix = next((name.removesuffix(marker) for name in tensors if name.endswith(f".{marker}")), "")
    return {name.removeprefix(prefix): array for name, array in tensors.items()}


def _join_biases(tensors: Mapping[str, np.ndarray], path: Path) -> dict[str, np.ndarray]:
    """Returns the tensors with each cell's frozen `bias_hh` added to its `bias_ih`; both act outside the reset gate."""
    joined = dict(tensors)
    for cell in _CELLS:
        first, second = tensors.get(f"{cell}.bias_ih"), tensors.get(f"{cell}.bias_hh")
        if first is None or second is None:
            continue
        if first.shape != second.shape:
            raise DataError(f"{path}: {cell}.bias_hh is {second.shape}, expected {first.shape} as {cell}.bias_ih is.")
        joined[f"{cell}.bias_ih"] = first + second
    return joined


def _rename(tensors: Mapping[str, np.ndarray], session: int) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """Returns the arrays that are there under canonical names, and the PyTorch name of each canonical one."""
    rules = list(_rules(session))
    arrays = {canonical: convert(tensors[name]) for canonical, name, convert in rules if name in tensors}
    return arrays, {canonical: name for canonical, name, _ in rules}


def _rules(session: int) -> Iterator[Rule]:
    """Yields canonical name, PyTorch name and conversion of every weight."""
    for torch_name, canonical in _CELLS.items():
        yield f"{canonical}/kernel", f"{torch_name}.weight_ih", np.transpose
        yield f"{canonical}/recurrent_kernel", f"{torch_name}.weight_hh", np.transpose
        yield f"{canonical}/bias", f"{torch_name}.bias_ih", np.asarray
    for torch_name, heads in _HALVES.items():
        for half, canonical in enumerate(heads):
            yield f"{canonical}/kernel", f"{torch_name}.weight", partial(_half, half)
            yield f"{canonical}/bias", f"{torch_name}.bias", partial(_half, half)
    linears = {"decoder.ic_to_g0": "decoder/ic_to_g0", f"readout.{session}": "decoder/rate_linear"}
    for torch_name, canonical in (linears | {f"readin.{session}": "readin"}).items():
        yield f"{canonical}/kernel", f"{torch_name}.weight", np.transpose
        yield f"{canonical}/bias", f"{torch_name}.bias", np.asarray
    yield f"{CELL}/fac_linear/kernel", "decoder.rnn.cell.fac_linear.weight", np.transpose
    for which in ("ic", "ci"):
        yield f"encoder/{which}_enc_h0", f"encoder.{which}_enc_h0", _directions_second
    for torch_name, canonical in _SAME.items():
        yield canonical, torch_name, np.asarray


def _half(half: int, array: np.ndarray) -> np.ndarray:
    """Returns the first or second half of the rows, transposed; an odd row more shows in the shape check."""
    middle = len(array) // 2 if array.ndim else 0
    return np.transpose(array[middle:] if half else array[:middle]) if array.ndim else array


def _directions_second(h0: np.ndarray) -> np.ndarray:
    """Returns initial states (2, 1, E) as (1, 2, E); anything else is left to the shape check."""
    return np.swapaxes(h0, 0, 1) if h0.ndim == 3 else h0
