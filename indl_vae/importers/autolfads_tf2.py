"""Reads models trained with AutoLFADS-TF2: TensorFlow checkpoints and their `model_spec.yaml`."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from indl_vae.errors import DataError
from indl_vae.importers.autolfads_spec import check_spec, read_spec, spec_params
from indl_vae.importers.imported_weights import ImportedWeights
from indl_vae.importers.lfads_tree import LFADSSizes, check_weights
from indl_vae.importers.published_lfads import published_params
from indl_vae.typing import DataSpec

_KEY = re.compile(r"model/(?P<name>.+)/\.ATTRIBUTES/VARIABLE_VALUE")
_SHARD = re.compile(r"\.data-(\d{5})-of-(\d{5})$")
#: Where a model folder keeps its checkpoints, the best first; "." is the flat layout.
_FOLDERS = (".", "least_val_err", "lfads_ckpts/least_val_err", "lfads_ckpts", "most_recent", "lfads_ckpts/most_recent")


def read_autolfads_tf2(path: str | Path) -> ImportedWeights:
    """Reads the weights and settings of an AutoLFADS-TF2 model.

    Args:
        path: A model folder (with `lfads_ckpts/least_val_err` or with the checkpoint files themselves), one of its
            checkpoint folders, or a checkpoint prefix such as `least_val_err/lve-ckpt-128`. `model_spec.yaml` is
            looked for beside the checkpoint and in the two folders above it.

    Returns:
        Weights, parameters and remarks; without `model_spec.yaml`, training settings are left to the preset.

    Raises:
        DataError: If there is no checkpoint, a file of it is missing or damaged, it is not one of an LFADS model, or
            the model has parts that cannot be imported.
    """
    prefix = find_prefix(Path(path))
    arrays = _read_arrays(prefix)
    if any(name.startswith("lowd_readin") for name in arrays):
        raise DataError(
            f"{prefix}: the model has a normalised low-dimensional read-in (READIN_DIM > 0); expected none. "
            "Models with it cannot be imported."
        )
    if "co_prior_mean" in arrays:
        raise DataError(
            f"{prefix}: the controller prior is not autoregressive (CO_AUTOREG_PRIOR: false); expected AR(1). "
            "Models with another prior cannot be imported."
        )
    weights, sizes = check_weights(arrays, str(prefix))
    return _with_spec(prefix, weights, sizes)


def find_prefix(path: Path) -> Path:
    """Returns the checkpoint prefix that a path means, all of whose files are there.

    Raises:
        DataError: If there is none, or a data file of it is missing.
    """
    if path.is_dir():
        for folder in _FOLDERS:
            prefix = _prefix_in(path / folder)
            if prefix is not None:
                return _check_shards(prefix)
    else:
        prefix = path.with_suffix("") if path.suffix == ".index" else path
        if _index(prefix).is_file():
            return _check_shards(prefix)
    raise DataError(
        f"{path}: no TensorFlow checkpoint found; expected a folder with files such as lve-ckpt-128.index (or such a "
        "folder as lfads_ckpts/least_val_err in it), or the prefix .../lve-ckpt-128 itself. Copy .index and .data too."
    )


def _index(prefix: Path) -> Path:
    return prefix.with_name(f"{prefix.name}.index")


def _prefix_in(folder: Path) -> Path | None:
    """Returns the prefix that the folder's `checkpoint` file names, else the best one with the highest number."""
    prefixes = [file.with_suffix("") for file in folder.glob("*.index")]
    state = folder / "checkpoint"
    if state.is_file():
        named = re.search(r'model_checkpoint_path:\s*"([^"]+)"', state.read_text(encoding="utf-8", errors="replace"))
        # The path may be an absolute one of the machine that trained: only its last part counts.
        if named and folder / Path(named[1]).name in prefixes:
            return folder / Path(named[1]).name
    return max(prefixes, key=_preference, default=None)


def _preference(prefix: Path) -> tuple[bool, int]:
    number = re.search(r"(\d+)$", prefix.name)
    return prefix.name.startswith("lve"), int(number[1]) if number else -1


def _check_shards(prefix: Path) -> Path:
    """Returns the prefix if all its data files are there."""
    names = [file.name for file in prefix.parent.iterdir() if file.name.startswith(f"{prefix.name}.data-")]
    found = {(int(shard[1]), int(shard[2])) for shard in map(_SHARD.search, names) if shard}
    total = max((of for _, of in found), default=1)
    missing = [f"{prefix.name}.data-{k:05d}-of-{total:05d}" for k in range(total) if (k, total) not in found]
    if missing:
        raise DataError(
            f"{prefix}: the checkpoint lacks {', '.join(missing)} beside its .index file; expected all {total} data "
            "files. Copy the checkpoint again with every file of it."
        )
    return prefix


def _read_arrays(prefix: Path) -> dict[str, np.ndarray]:
    """Returns the variables of the model by name, without optimiser slots and metrics."""
    import tensorflow as tf

    try:
        reader = tf.train.load_checkpoint(str(prefix))
        keys = {key: _KEY.fullmatch(key) for key in reader.get_variable_to_shape_map()}
        names = {key: match["name"] for key, match in keys.items() if match and "/.OPTIMIZER_SLOT/" not in key}
        return {name: np.asarray(reader.get_tensor(key)) for key, name in names.items()}
    except (tf.errors.OpError, RuntimeError, ValueError, LookupError) as error:
        raise DataError(
            f"{prefix}: cannot be read as a TensorFlow checkpoint ({error}); expected whole .index and .data files. "
            "Copy the checkpoint again."
        ) from error


def _with_spec(prefix: Path, weights: dict[str, np.ndarray], sizes: LFADSSizes) -> ImportedWeights:
    """Returns the import with the settings of `model_spec.yaml`, where there is one."""
    params = published_params("autolfads_tf2", sizes, weights)
    folders = [prefix.parent, *list(prefix.parent.parents)[:2]]
    specs = [folder / "model_spec.yaml" for folder in folders if (folder / "model_spec.yaml").is_file()]
    n_bins, notes = None, [f"Training settings come from {specs[0].name}." if specs else _NO_SPEC]
    if specs:
        spec = read_spec(specs[0])
        check_spec(spec, sizes, specs[0])
        settings, remarks = spec_params(spec, specs[0])
        params |= settings
        notes += remarks
        n_bins = spec.get("MODEL.SEQ_LEN")
    data_spec = DataSpec(n_channels=sizes.n_outputs, n_bins=n_bins, ext_input_dim=sizes.ext_input_dim)
    return ImportedWeights(params, weights, data_spec, str(prefix), tuple(notes))


_NO_SPEC = (
    "No model_spec.yaml found beside the checkpoint: sizes come from the weights; lag, clip value, dropout and all "
    "training settings take the preset's values. Set z1_lag, gru_clip_value and f_min_var if yours differ."
)
