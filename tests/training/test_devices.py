"""Several devices for one model: how many there may be, and that a run is the same on two as on one."""

from __future__ import annotations

import csv

import numpy as np
import pytest
import tensorflow as tf

from indl_vae.cores import usable_cores
from indl_vae.errors import ConfigError
from indl_vae.training import devices, load_run
from indl_vae.training.devices import check_divisible, make_devices, strategy_of
from tests.cli.processes import start
from tests.cli.tiny import run as command
from tests.cli.tiny import write_data

LFADS = {
    "f_units": 4, "f_latent_size": 3, "z1_units": 4, "con_units": 4, "gen_units": 6, "n_factors": 3,
    "dropout_rate": 0.2, "coordinated_dropout_rate": 0.3, "max_grad_norm": 5.0,
}  # fmt: skip
FHVAE = {
    "f_units": 5, "f_latent_size": 3, "z1_units": 7, "z2_units": 0, "z_latent_size": 2, "decoder_units": 6,
    "segment_length": 6, "segment_shift": 6, "n_factors": 5, "dropout_rate": 0.2,
}  # fmt: skip
#: Validation batches of 3, 3, ..., 1 trials: one device gets none of the last.
SHARED: dict = {"batch_size": 8, "valid_batch_size": 3, "n_epochs": 3, "kl_ramp_length": 0, "tensorboard": False}

two_cores = pytest.mark.skipif(usable_cores() < 2, reason="needs two cores to make two devices of")


@pytest.fixture
def machine(monkeypatch):
    """A machine with made-up devices; returns a function that says which."""

    def have(gpus: int, cores: int) -> None:
        found = {"GPU": ["gpu"] * gpus, "CPU": ["cpu"]}
        monkeypatch.setattr(tf.config, "get_visible_devices", lambda kind: found[kind])
        monkeypatch.setattr(devices, "usable_cores", lambda: cores)
        monkeypatch.setattr(tf.config, "set_logical_device_configuration", lambda *a: None)

    return have


def test_gpus_come_first(machine):
    machine(gpus=3, cores=8)
    assert make_devices(2) == ["GPU:0", "GPU:1"]
    machine(gpus=0, cores=8)
    assert make_devices(3) == ["CPU:0", "CPU:1", "CPU:2"]


def test_too_many(machine):
    machine(gpus=1, cores=8)
    with pytest.raises(ConfigError, match="devices: expected at most 1, the GPUs of this machine, got 2"):
        make_devices(2)
    machine(gpus=0, cores=4)
    with pytest.raises(ConfigError, match="devices: expected at most 4, the cores .there is no GPU. of this .*, got 5"):
        strategy_of(5)
    with pytest.raises(ConfigError, match="devices: expected at least 1, got 0"):
        strategy_of(0)


def test_a_cpu_that_computes_already_is_not_divided(monkeypatch):
    tf.constant(0) + 1
    monkeypatch.setattr(devices, "usable_cores", lambda: 64)
    with pytest.raises(ConfigError, match=r"computes with \d+ CPU device.* expected 64.* before anything else"):
        make_devices(64)


def test_the_command_says_so_before_it_loads_the_model(tmp_path):
    done = command("train", "--data", write_data(tmp_path / "data.h5"), "--out", tmp_path / "run", "--devices", 4096)
    assert done.exit_code == 2
    assert "devices: expected at most" in done.stderr
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(("size", "n"), [(6, 2), (6, 3), (5, 1)])
def test_batches_that_can_be_shared(size, n):
    check_divisible(batches_of(size), n)


@pytest.mark.parametrize(("size", "got"), [(5, "5 trials in a batch"), (None, "batches of several sizes")])
def test_batches_that_cannot(size, got):
    with pytest.raises(
        ConfigError, match=f"batch_size: expected a multiple of devices = 2.*got {got}. Change batch_size"
    ):
        check_divisible(batches_of(size), 2)


def batches_of(size):
    whole = tf.data.Dataset.from_tensor_slices({"x": np.zeros((12, 4, 3), "f4")})
    return whole.batch(size, drop_remainder=True) if size else whole.batch(5)


def train(data, out, n_devices, family="lfads", resume=False, **settings):
    """Runs `indl-vae train` in a process of its own and returns what it wrote to stderr."""
    given = [] if resume else ["--family", family]
    given += [f"--set={name}={'true' if value is True else 'false' if value is False else value}"
              for name, value in settings.items()]  # fmt: skip
    given += ["--resume"] if resume else []
    process = start("train", "--data", data, "--out", out, "--devices", n_devices, *given)
    _, err = process.communicate(timeout=600)
    assert process.returncode == 0, err[-3000:]
    return err


def difference(one, two):
    """Returns the largest relative difference of the losses of two runs."""
    tables = []
    for folder in (one, two):
        with (folder / "metrics.csv").open() as file:
            tables.append(
                [[float(row[name]) for name in ("loss", "val_loss", "val_nll")] for row in csv.DictReader(file)]
            )
    a, b = map(np.array, tables)
    assert a.shape == b.shape
    return np.abs(a / b - 1.0).max()


@two_cores
@pytest.mark.slow
@pytest.mark.parametrize(("family", "settings"), [("lfads", LFADS), ("fhvae", FHVAE)])
def test_two_devices_train_as_one(tmp_path, family, settings):
    data = write_data(tmp_path / "data.h5", n_conditions=7)
    said = [train(data, tmp_path / str(n), n, family, **SHARED, **settings) for n in (1, 2)]
    assert "XLA is off" in said[1] and "XLA is off" not in said[0]
    assert difference(tmp_path / "1", tmp_path / "2") < 1e-4
    models = [load_run(tmp_path / str(n)).model for n in (1, 2)]
    assert models[1].distribute_strategy.num_replicas_in_sync == 1
    for ours, theirs in zip(*(model.get_weights() for model in models), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-3, atol=1e-5)


@two_cores
@pytest.mark.slow
@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
def test_a_run_goes_on_with_another_number_of_devices(tmp_path, order):
    data = write_data(tmp_path / "data.h5", n_conditions=7)
    train(data, tmp_path / "whole", 1, **{**SHARED, **LFADS, "n_epochs": 4})
    train(data, tmp_path / "parts", order[0], **{**SHARED, **LFADS, "n_epochs": 2})
    train(data, tmp_path / "parts", order[1], resume=True, n_epochs=4)
    assert difference(tmp_path / "whole", tmp_path / "parts") < 1e-4


@two_cores
@pytest.mark.slow
def test_a_batch_that_cannot_be_shared_is_an_error_of_the_command(tmp_path):
    data = write_data(tmp_path / "data.h5")
    process = start("train", "--data", data, "--out", tmp_path / "run", "--devices", 2, "--set=batch_size=7")
    _, err = process.communicate(timeout=600)
    assert process.returncode == 2
    assert "batch_size: expected a multiple of devices = 2" in err
    assert not (tmp_path / "run").exists()
