"""A whole run: its files, its best model, its interruption and its continuation."""

import csv
import json

import keras
import numpy as np
import pytest

from indl_vae.errors import ConfigError, RunError, TrainingDivergedError
from indl_vae.training import load_run, train
from indl_vae.training.train import even_batch_size
from tests.training.tiny import tiny_dataset, tiny_params


@pytest.fixture(autouse=True)
def no_pictures(monkeypatch):
    """Pictures take longer than these runs; the run of `finished` has them, made before this acts."""
    monkeypatch.setattr("indl_vae.training.pictures.PictureMaker.__call__", lambda self, model: [])


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    return train(tiny_params(tensorboard=True), tiny_dataset(), tmp_path_factory.mktemp("runs") / "run")


def test_the_folder_holds_what_the_contract_names(finished):
    names = {path.name for path in finished.folder.iterdir()}
    assert {"params.yaml", "data.json", "metrics.csv", "best.keras", "run.log", "tensorboard", "checkpoints"} <= names
    assert finished.params == tiny_params(tensorboard=True)
    info = json.loads((finished.folder / "data.json").read_text())
    assert {"source", "sha256", "splits"} <= set(info)


def test_metrics_csv_has_a_row_an_epoch(finished):
    with (finished.folder / "metrics.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [int(row["epoch"]) for row in rows] == [1, 2, 3]
    assert [int(row["step"]) for row in rows] == [2, 4, 6]
    wanted = [
        "learning_rate",
        "loss",
        "nll",
        "kl_f",
        "kl_z",
        "ramp_kl",
        "val_nll",
        "val_nll_smoothed",
        "val_nll_stirling",
    ]
    assert set(wanted) <= set(rows[0])
    assert [float(row["ramp_kl"]) for row in rows] == [0.5, 1.0, 1.0]
    nll = [float(row["val_nll"]) for row in rows]
    assert float(rows[1]["val_nll_smoothed"]) == pytest.approx(0.7 * nll[1] + 0.3 * nll[0])


def test_tensorboard_reads_the_events(finished):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(str(finished.folder / "tensorboard"))
    events.Reload()
    tags = events.Tags()
    assert "val_nll" in tags["tensors"] and "loss" in tags["tensors"]
    assert len(events.Tensors("loss")) == 3
    assert any("rate" in tag.lower() or "spike" in tag.lower() for tag in tags["tensors"]), "pictures are written too"


def test_same_seed_same_run(finished, tmp_path):
    again = train(tiny_params(), tiny_dataset(), tmp_path / "again")
    other = train(tiny_params(seed=1), tiny_dataset(), tmp_path / "other")
    losses = [[row["loss"] for row in run.history] for run in (finished, again, other)]
    assert losses[0] == losses[1]
    assert losses[0] != losses[2]
    for a, b in zip(finished.model.get_weights(), again.model.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_an_interrupted_run_goes_on_to_the_same_numbers(finished, tmp_path, monkeypatch):
    from indl_vae.training.callbacks import MetricsCSV

    write = MetricsCSV.on_epoch_end

    def interrupt(self, epoch, logs=None):
        if epoch == 1:
            raise KeyboardInterrupt
        write(self, epoch, logs)

    monkeypatch.setattr(MetricsCSV, "on_epoch_end", interrupt)
    with pytest.raises(KeyboardInterrupt):
        train(tiny_params(), tiny_dataset(), tmp_path / "run")
    monkeypatch.undo()
    assert load_run(tmp_path / "run").posterior(tiny_dataset().valid, samples=2)["rates"].shape == (6, 9, 5)
    resumed = train(tiny_params(), tiny_dataset(), tmp_path / "run", resume=True)
    assert [row["epoch"] for row in resumed.history] == [1.0, 2.0, 3.0]
    assert [row["val_nll"] for row in resumed.history] == [row["val_nll"] for row in finished.history]


@pytest.mark.slow
def test_a_killed_run_goes_on_to_the_same_numbers(finished, tmp_path, monkeypatch):
    """What SIGKILL leaves is the folder as it is: here a copy of it, with more in it than the last checkpoint knows."""
    import shutil

    from indl_vae.training.callbacks import MetricsCSV, TrainState

    write, remember = MetricsCSV.on_epoch_end, TrainState.on_epoch_end

    def copy(self, epoch, logs=None):
        write(self, epoch, logs)
        if epoch == 2:
            shutil.copytree(tmp_path / "run", tmp_path / "killed")

    def save_every_epoch(self, epoch, logs=None):
        remember(self, epoch, logs)
        self.write()

    monkeypatch.setattr(MetricsCSV, "on_epoch_end", copy)
    monkeypatch.setattr(TrainState, "on_epoch_end", save_every_epoch)
    train(tiny_params(), tiny_dataset(), tmp_path / "run")
    monkeypatch.setattr(MetricsCSV, "on_epoch_end", write)
    assert len(load_run(tmp_path / "killed").history) == 3
    assert (tmp_path / "killed" / "checkpoints" / "epoch-2").is_dir()
    assert not (tmp_path / "killed" / "checkpoints" / "epoch-3").exists()
    resumed = train(tiny_params(), tiny_dataset(), tmp_path / "killed", resume=True)
    assert [row["val_nll"] for row in resumed.history] == [row["val_nll"] for row in finished.history]
    for ours, theirs in zip(resumed.model.get_weights(), finished.model.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.slow
def test_a_failing_picture_does_not_end_the_run(tmp_path, monkeypatch, caplog):
    import indl_vae.training.pictures as pictures

    def fail(self, model):
        raise RuntimeError("no ink")

    monkeypatch.setattr(pictures.PictureMaker, "__call__", fail)
    run = train(tiny_params(n_epochs=2), tiny_dataset(), tmp_path / "run")
    assert len(run.history) == 2
    assert "no ink" in caplog.text


def test_divergence_says_what_to_try_and_keeps_the_model_before(tmp_path):
    with pytest.raises(TrainingDivergedError, match=r"not finite in epoch \d+.*lower learning rate"):
        train(
            tiny_params(learning_rate=1e6, clip_log_rate=False, n_epochs=20, max_grad_norm=1e9),
            tiny_dataset(),
            tmp_path / "run",
        )
    assert (tmp_path / "run" / "best.keras").exists()


def test_a_folder_with_something_in_it_is_left_alone(finished):
    before = (finished.folder / "metrics.csv").read_text()
    with pytest.raises(RunError, match="something in this folder already; it was not touched"):
        train(tiny_params(), tiny_dataset(), finished.folder)
    assert (finished.folder / "metrics.csv").read_text() == before


def test_nothing_to_resume(tmp_path):
    with pytest.raises(RunError, match="no run to resume here"):
        train(tiny_params(), tiny_dataset(), tmp_path / "none", resume=True)


def test_no_run_there(tmp_path):
    with pytest.raises(RunError, match="expected the folder of a run; params.yaml and best.keras not found"):
        load_run(tmp_path)


def test_damaged_model(finished, tmp_path):
    import shutil

    copy = tmp_path / "copy"
    shutil.copytree(finished.folder, copy)
    (copy / "best.keras").write_bytes(b"not a model")
    with pytest.raises(RunError, match="cannot be read as a saved model"):
        load_run(copy).model  # noqa: B018


def test_weights_that_are_not_finite_are_refused(finished, tmp_path):
    import shutil

    copy = tmp_path / "copy"
    shutil.copytree(finished.folder, copy)
    model = keras.models.load_model(copy / "best.keras")
    model.trainable_weights[0].assign(np.full(model.trainable_weights[0].shape, np.nan))
    model.save(copy / "best.keras")
    with pytest.raises(RunError, match="weights that are not finite"):
        load_run(copy).model  # noqa: B018


def test_selection_on_held_out_channels_needs_some():
    with pytest.raises(ConfigError, match="heldout_channels: expected channels with select_on = 'heldout_channels'"):
        tiny_params(select_on="heldout_channels")


def test_more_held_out_bins_than_bins(tmp_path):
    with pytest.raises(ConfigError, match="heldout_bins: 9 of 9 bins leave the encoders nothing"):
        train(tiny_params(heldout_bins=9), tiny_dataset(), tmp_path / "run")


@pytest.mark.parametrize(("n", "largest", "expected"), [(160, 500, 160), (160, 128, 80), (161, 128, 81), (5, 1, 1)])
def test_even_batches(n, largest, expected):
    assert even_batch_size(n, largest) == expected
