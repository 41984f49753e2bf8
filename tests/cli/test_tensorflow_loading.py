"""What TensorFlow says while it loads is held back; what matters is passed on."""

from __future__ import annotations

import os
import sys

import pytest

from indl_vae.cli.tensorflow_loading import load_tensorflow, without_chatter

CHATTER = [
    "WARNING: All log messages before absl::InitializeLog() is called are written to STDERR",
    "I0000 00:00:1795301805.466083   23462 port.cc:153] oneDNN custom operations are on.",
    "W0000 00:00:1795301805.468984   23462 gpu_device.cc:23] Cannot dlopen some GPU libraries.",
    "To enable the following instructions: AVX2 FMA, in other operations, rebuild TensorFlow.",
    "E0000 00:00:1795301809.956556   23462 cuda_platform.cc:52] failed call to cuInit: INTERNAL: CUDA error",
]


def test_lines_that_matter_pass(capfd):
    with without_chatter():
        os.write(2, ("\n".join([*CHATTER, "E0000 file.cc:1] out of memory"]) + "\n").encode())
        print("a traceback", file=sys.stderr)
    err = capfd.readouterr().err
    assert "out of memory" in err
    assert not [line for line in CHATTER if line in err]


def test_lines_are_passed_on_when_loading_fails(capfd):
    with pytest.raises(ImportError), without_chatter():
        os.write(2, b"libtensorflow.so: cannot open\n")
        raise ImportError
    assert capfd.readouterr().err == "libtensorflow.so: cannot open\n"


def test_what_is_loaded_is_not_announced(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "tensorflow", sys)
    load_tensorflow()
    assert capsys.readouterr().err == ""
