"""Which device a command computes on; GPUs are made up."""

from __future__ import annotations

import pytest
import tensorflow as tf

from indl_vae.cli.devices import Device, chosen_device, parse_device, use_device
from indl_vae.errors import ConfigError
from tests.cli.tiny import run


@pytest.mark.parametrize(
    ("text", "device"),
    [
        (None, Device()),
        ("cpu", Device("cpu")),
        ("cpu:0", Device("cpu")),
        ("gpu:1", Device("gpu", 1)),
        ("/device:GPU:2", Device("gpu", 2)),
    ],
)
def test_spellings(text, device):
    assert parse_device(text) == device
    assert parse_device(text, allow_growth=True) == device._replace(allow_growth=True)


@pytest.fixture
def gpus(monkeypatch):
    """A machine with two GPUs; returns what is set."""
    done = {}
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: ["first", "second"])
    monkeypatch.setattr(tf.config, "set_visible_devices", lambda devices, kind: done.update(seen=devices))
    grow = lambda gpu, on: done.setdefault("growing", []).append(gpu)  # noqa: E731
    monkeypatch.setattr(tf.config.experimental, "set_memory_growth", grow)
    return done


@pytest.mark.parametrize(
    ("device", "done"),
    [
        (Device(), {}),
        (Device("cpu"), {"seen": []}),
        (Device("gpu", 1), {"seen": ["second"]}),
        (Device("gpu", 1, True), {"seen": ["second"], "growing": ["second"]}),
        (Device(allow_growth=True), {"growing": ["first", "second"]}),
    ],
)
def test_what_tensorflow_sees(gpus, device, done):
    use_device(device)
    assert gpus == done


def test_a_gpu_that_is_not_there(gpus, monkeypatch, capsys):
    with pytest.raises(ConfigError, match="--device gpu:2: expected one of gpu:0 to gpu:1"):
        use_device(Device("gpu", 2))
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: [])
    use_device(Device("gpu", 2))
    err = capsys.readouterr().err
    assert err == "Warning: --device gpu:2: TensorFlow finds no GPU; computing on the CPU.\n"
    use_device(Device("cpu"))
    assert capsys.readouterr().err == "" and gpus == {}


def test_too_late(gpus, monkeypatch):
    def refuse(*arguments):
        raise RuntimeError("initialized")

    monkeypatch.setattr(tf.config, "set_visible_devices", refuse)
    with pytest.raises(ConfigError, match=r"--device: cannot be chosen any more in this process \(initialized\)"):
        use_device(Device("cpu"))


def test_the_command_line_chooses():
    assert run("--device", "cpu:0", "--allow-gpu-growth", "families").exit_code == 0
    assert chosen_device() == Device("cpu", 0, True)
    assert run("families").exit_code == 0
    assert chosen_device() == Device()
    result = run("--device", "tpu", "families")
    assert result.exit_code == 2 and "--device tpu: expected cpu, gpu or one of them with a number" in result.stderr
