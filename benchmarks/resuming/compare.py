"""What a run has left, as bytes by name, and where two runs differ."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from pathlib import Path

import h5py
import numpy as np

from indl_vae.run_folder import RunFolder
from indl_vae.training.checkpoints import MODEL_FILE, STATE_FILE, Checkpoints

#: Of a saved model, where the optimizer's variables lie: `best.keras` has those of the moment in which it was written.
OPTIMIZER = "optimizer/"


def arrays_of(model: Path) -> dict[str, np.ndarray]:
    """Returns all arrays that a .keras file holds: weights, random states, optimizer, metrics."""
    with zipfile.ZipFile(model) as archive:
        content = io.BytesIO(archive.read("model.weights.h5"))
    found: dict[str, np.ndarray] = {}
    with h5py.File(content) as file:
        file.visititems(lambda name, item: found.update({name: item[()]} if isinstance(item, h5py.Dataset) else {}))
    return found


def left_by(folder: Path) -> dict[str, bytes]:
    """Returns what a run has left, by name: all but times, logs and TensorBoard's files."""
    files = RunFolder(folder)
    newest = Checkpoints(files.checkpoints).newest()
    if newest is None:
        raise FileNotFoundError(f"{files.checkpoints}: no checkpoint that is whole")
    found = {f"state {name}": _bytes(array) for name, array in arrays_of(newest / MODEL_FILE).items()}
    found["memory"] = json.dumps(json.loads((newest / STATE_FILE).read_text()), sort_keys=True).encode()
    for model in sorted(folder.glob("*.keras")):
        arrays = {name: array for name, array in arrays_of(model).items() if not name.startswith(OPTIMIZER)}
        found |= {f"{model.name} {name}": _bytes(array) for name, array in arrays.items()}
    for path in (*sorted(folder.glob("*.csv")), files.restarts):
        found |= {path.name: path.read_bytes()} if path.exists() else {}
    return found


def _bytes(array: np.ndarray) -> bytes:
    array = np.asarray(array)
    return f"{array.dtype} {array.shape} ".encode() + array.tobytes()


def differences(found: dict[str, bytes], expected: dict[str, bytes]) -> list[str]:
    """Returns the names of what is not the same to the last bit in two runs, or not there in one of them."""
    return sorted(name for name in found.keys() | expected.keys() if found.get(name) != expected.get(name))


def n_epochs(folder: Path) -> int:
    """Returns the rows of metrics.csv."""
    path = RunFolder(folder).metrics
    with path.open(newline="") as file:
        return sum(1 for _ in csv.DictReader(file))
