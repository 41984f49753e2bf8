from __future__ import annotations

import subprocess
import sys

import pytest

import indl_vae

CODE = """
import sys
import indl_vae
indl_vae.families()
params = indl_vae.make_params("lfads", ic_enc_dim=32)
params.to_yaml()
type(params).describe()
import indl_vae.params
indl_vae.params.narrow(indl_vae.params.FEncoderGroup, params)
loaded = [name for name in ("tensorflow", "keras", "tensorflow_probability") if name in sys.modules]
sys.exit(f"loaded: {loaded}" if loaded else 0)
"""


def test_parameters_load_no_tensorflow():
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_public_names_are_listed():
    assert {"make_params", "build_model", "load_dataset", "train", "load_run", "families", "layers"} <= set(
        dir(indl_vae)
    )
    assert indl_vae.__version__ == "0.1.0"


def test_unknown_name():
    with pytest.raises(AttributeError, match="module 'indl_vae' has no attribute 'nothing'"):
        indl_vae.nothing  # noqa: B018


def test_functions_come_from_their_rooms(monkeypatch):
    loaded = []

    class Room:
        load_dataset = "the function"

    monkeypatch.setattr(indl_vae.importlib, "import_module", lambda name: loaded.append(name) or Room)
    assert indl_vae.__getattr__("load_dataset") == "the function"
    assert indl_vae.__getattr__("layers") is Room
    assert loaded == ["indl_vae.data", "indl_vae.layers"]
