"""A damaged or foreign .keras file: an error that names it, or the very model that was saved; nothing else."""

from __future__ import annotations

import io
import json
import os
import zipfile

import h5py
import keras
import numpy as np
import pytest

from indl_vae.errors import RunError
from indl_vae.models.load_saved import load_saved
from tests.damage import FEW, MANY, refusals
from tests.models.helpers import tiny


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    model, path = tiny(), tmp_path_factory.mktemp("saved") / "model.keras"
    model.save(path)
    return model, path.read_bytes()


def changed(content: bytes, path, **members: bytes):
    """Writes the archive with members exchanged or added."""
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            new.writestr(name, members.pop(name, None) or old.read(name))
        for name, value in members.items():
            new.writestr(name, value)
    return path


def config_of(content: bytes) -> dict:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return json.loads(archive.read("config.json"))


@pytest.mark.parametrize("n", [FEW, pytest.param(MANY, marks=pytest.mark.slow)])
def test_a_flipped_byte_is_found_or_does_not_matter(tmp_path, saved, n):
    model, content = saved

    def same(found):
        for ours, theirs in zip(found.weights, model.weights, strict=True):
            np.testing.assert_array_equal(ours.numpy(), theirs.numpy())

    assert refusals(tmp_path / "damaged.keras", content, n, load_saved, same) > n // 2


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"", "cannot be read"), (b"PK\x03\x04", "cannot be read"), (b"not a model", "not a zip file")],
)
def test_no_model(tmp_path, content, message):
    (tmp_path / "a.keras").write_bytes(content)
    with pytest.raises(RunError, match=rf"a\.keras: .*{message}"):
        load_saved(tmp_path / "a.keras")


def test_missing(tmp_path):
    with pytest.raises(RunError, match=r"none\.keras: no such file; expected a saved model"):
        load_saved(tmp_path / "none.keras")


def test_cut_short(tmp_path, saved):
    (tmp_path / "a.keras").write_bytes(saved[1][:-100])
    with pytest.raises(RunError, match=r"a\.keras: cannot be read as a saved model"):
        load_saved(tmp_path / "a.keras")


def test_another_model(tmp_path):
    keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)]).save(tmp_path / "a.keras")
    with pytest.raises(RunError, match="expected a saved model of this library, found None"):
        load_saved(tmp_path / "a.keras")


def test_code_in_a_layer_is_not_run(tmp_path, saved):
    """A Lambda layer where the model should be, and where its parameters should be."""
    marker = tmp_path / "ran"
    lambda_layer = keras.layers.Lambda(lambda x, place=str(marker): x if os.mkdir(place) is None else x)
    keras.Sequential([keras.Input((2,)), lambda_layer]).save(tmp_path / "lambda.keras")
    marker.rmdir()  # of its first call, here
    with pytest.raises(RunError, match="expected a saved model of this library"):
        load_saved(tmp_path / "lambda.keras")
    config = config_of(saved[1])
    config["config"]["spec"] = config_of((tmp_path / "lambda.keras").read_bytes())
    path = changed(saved[1], tmp_path / "inner.keras", **{"config.json": json.dumps(config).encode()})
    with pytest.raises(RunError, match="cannot be read as a saved model"):
        load_saved(path)
    assert not marker.exists()


@pytest.mark.parametrize(("module", "name"), [("os", "system"), ("builtins", "eval"), ("subprocess", "Popen")])
def test_functions_that_a_configuration_names_are_not_called(tmp_path, saved, module, name):
    config = config_of(saved[1])
    config |= {"module": module, "class_name": name, "config": {"command": f"touch {tmp_path / 'ran'}"}}
    path = changed(saved[1], tmp_path / "a.keras", **{"config.json": json.dumps(config).encode()})
    with pytest.raises(RunError, match=r"a\.keras: "):
        load_saved(path)
    assert not (tmp_path / "ran").exists()


def test_nothing_is_written_outside(tmp_path, saved):
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    path = changed(saved[1], inner / "model.keras", **{"../../escaped": b"x", "assets/../../escaped": b"x"})
    try:
        load_saved(path)
    except RunError as error:
        assert "model.keras" in str(error)
    assert sorted(p.name for p in tmp_path.rglob("*")) == ["a", "b", "model.keras"]


@pytest.mark.parametrize(
    ("kind", "message"),
    [("external link", "is a link to another file"), ("external storage", "keeps its bytes in external storage")],
)
def test_weights_from_another_file_are_not_read(tmp_path, saved, kind, message):
    with zipfile.ZipFile(io.BytesIO(saved[1])) as archive:
        content = io.BytesIO(archive.read("model.weights.h5"))
    with h5py.File(content, "a") as file:
        names: list[str] = []
        file.visititems(lambda name, item: names.append(name) if isinstance(item, h5py.Dataset) else None)
        name = next(name for name in names if file[name].shape and "core" in name)
        shape, stored = file[name].shape, file[name][()]
        del file[name]
        if kind == "external link":
            with h5py.File(tmp_path / "secret.h5", "w") as other:
                other["x"] = stored
            file[name] = h5py.ExternalLink(str(tmp_path / "secret.h5"), "x")
        else:
            (tmp_path / "secret").write_bytes(stored.astype("f4").tobytes())
            file.create_dataset(name, shape, "f4", external=[(str(tmp_path / "secret"), 0, stored.nbytes)])
    path = changed(saved[1], tmp_path / "a.keras", **{"model.weights.h5": content.getvalue()})
    with pytest.raises(RunError, match=rf"a\.keras: cannot be read as a saved model .*{message}"):
        load_saved(path)


def test_a_claim_beyond_the_memory(tmp_path, saved, monkeypatch):
    (tmp_path / "a.keras").write_bytes(saved[1])
    monkeypatch.setattr("indl_vae.models.load_saved.memory_bytes", lambda: 1000)
    with pytest.raises(RunError, match="claims to hold .* bytes, this machine has 1,000"):
        load_saved(tmp_path / "a.keras")
