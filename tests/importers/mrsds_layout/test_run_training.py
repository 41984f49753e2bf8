"""A run by the published arguments: interrupted in its second stage, gone on with, and found again from its log."""

from __future__ import annotations

import dataclasses
import re
import shlex
from pathlib import Path

import numpy as np
import pytest

from indl_vae.errors import RunError
from indl_vae.importers.mrsds_layout import LayoutFiles, open_from_log, read_arguments, run_training
from indl_vae.importers.mrsds_layout import outputs as outputs_module
from indl_vae.importers.mrsds_layout.run_config import RunConfig
from indl_vae.importers.mrsds_layout.trial_arrays import arrays_of
from tests.importers.mrsds_layout.tiny import arguments, trials

PAGE = (Path(__file__).parents[3] / "docs" / "mrsds_script.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder in which a run was interrupted in stage two and gone on with."""
    path = tmp_path_factory.mktemp("layout")
    whole = outputs_module.LayoutOutputs.on_epoch_begin

    def interrupted(self, epoch, logs=None):
        if self.model.stage == 1 and epoch == 4:
            raise KeyboardInterrupt
        whole(self, epoch, logs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(outputs_module.LayoutOutputs, "on_epoch_begin", interrupted)
        with pytest.raises(KeyboardInterrupt):
            run_training(arguments(path))
    run_training(arguments(path))
    return path


@pytest.fixture(scope="module")
def files(folder):
    return LayoutFiles(folder / "results", "my-seeds0-1-2")


def test_it_goes_on_in_the_stage_that_it_was_in(files):
    lines = files.log.read_text().splitlines()
    (again,) = [i for i, line in enumerate(lines) if line.startswith("going on with my-seeds0-1-2")]
    assert lines[0].startswith("training my-seeds0-1-2: Dataset(") and lines[-1].startswith("finished; latents")
    assert [line for line in lines[:again] if line.startswith("iteration")][-1].startswith("iteration 8: elbo")
    later = [line for line in lines[again:] if line.startswith("iteration")]
    assert [line.split(":")[0] for line in later] == ["iteration 10"]
    assert sum(line.startswith("stage 2 of the training") for line in lines[again:]) == 1
    stages = [row["stage"] for row in open_from_log(files.log).run.history]
    assert stages == [0, 0, 0, 1, 1]


def test_the_published_files(files):
    assert list(files.logs.glob("events.out.tfevents*"))
    for folder in (files.models, files.models_do):
        assert list(folder.glob("ckpt-*/model.keras")) and (folder / "checkpoint").is_file()
    assert files.run.best.is_file() and not list(files.run.tensorboard.iterdir())


def test_found_again_from_the_log(files, folder):
    opened = open_from_log(folder / "results" / "my-log.txt")  # as the published text names it
    assert opened.run.folder == files.run.path
    assert opened.config["training"]["save_steps"] == 4 and opened.config["data"]["tlim"] == 12
    assert opened.run.params.seed != 1 and opened.run.params.n_states == 2 and opened.run.params.region_latents == 2
    data = opened.run.load_dataset()
    assert data.region_sizes == (4, 3) and data.test.n_trials == 5 and data.source == str(files.data.absolute())
    again = opened.run.model.read_out(opened.latents["xs_test"])
    np.testing.assert_allclose(
        again[0, : opened.latents["test_lengths"][0]],
        opened.latents["ys_recon_test"][0, : int(opened.latents["test_lengths"][0])],
        atol=1e-4,
    )


def test_arrays_are_of_the_trials_that_their_ids_name(files, folder):
    latents, ys = open_from_log(files.log).latents, trials(folder)
    drawn = np.random.RandomState(0).choice(24, 19, replace=False)
    assert latents["train_ids"].tolist() == sorted(drawn) and set(latents["valid_ids"]) <= set(drawn)
    assert latents["test_ids"].tolist() == sorted(set(range(24)) - set(drawn))
    for group in ("train", "test"):
        for row, number in enumerate(latents[f"{group}_ids"]):
            length = int(latents[f"{group}_lengths"][row])
            assert length == len(ys[number])
            np.testing.assert_array_equal(latents[f"ys_{group}"][row, :length], np.float32(ys[number]))
            assert (latents[f"us_{group}"][row, :length] == number % 2).all()
            for name in ("xs", "zs", "ys_recon", "msgs", "norms", "loga", "logb"):
                assert not latents[f"{name}_{group}"][row, length:].any(), name


def test_shapes_and_meaning_of_arrays(files):
    latents = open_from_log(files.log).latents
    assert latents["xs_train"].shape == (19, 12, 4) and latents["zs_test"].shape == (5, 12, 2)
    assert latents["latent_region_sizes"].tolist() == [2, 2] and latents["msgs_train"].shape == (19, 12, 2, 3, 2)
    there = np.arange(12) < latents["train_lengths"][:, None]
    np.testing.assert_allclose(latents["zs_train"].sum(-1)[there], 1.0, atol=1e-5)
    np.testing.assert_allclose(np.exp(latents["zs_logprob"])[there], latents["zs_train"][there], atol=1e-5)
    later = np.exp(latents["loga_train"][:, 1:]).sum(2)[there[:, 1:]]  # over the states that are reached
    np.testing.assert_allclose(later, 1.0, atol=1e-4)
    np.testing.assert_allclose(latents["norms_train"], np.linalg.norm(latents["msgs_train"], axis=-1), atol=1e-5)
    assert not latents["msgs_train"][:, 0].any() and latents["msgs_train"][:, 1].any()


def test_scores_over_training(files):
    latents = open_from_log(files.log).latents
    assert latents["iterations"].tolist() == [2, 4, 6, 8, 10] == latents["log_iterations"].tolist()
    for name in ("elbos", "lrs", "temps", "log_pys", "log_pxs", "log_qxs", "train_mses", "test_gen1_r2s"):
        assert latents[name].shape == (5,) and np.isfinite(latents[name]).all(), name
    np.testing.assert_allclose(latents["elbos"], latents["log_pys"] - latents["kls"], rtol=1e-5)
    assert np.isnan(latents["cosmooth_r2s"]).all()


def test_latents_are_those_of_the_best_model(files):
    opened = open_from_log(files.log)
    expected = arrays_of(opened.run.model, opened.run.load_dataset().test)
    np.testing.assert_allclose(opened.latents["xs_test"], expected["xs"], atol=1e-5)


def test_a_finished_run_is_not_trained_further(folder, files):
    before = files.run.metrics.read_text()
    run_training(dataclasses.replace(arguments(folder), resume=True))
    assert files.run.metrics.read_text() == before and len(open_from_log(files.log).latents["elbos"]) == 5


def test_the_page(files):
    (call,) = re.findall(r"```sh\npython -u examples/run_training\.py (.*?)>", PAGE, re.S)
    assert read_arguments(shlex.split(call.replace("\\\n", " "))).shared["mtype"] == "svae"
    (block,) = re.findall(r"```python\n(.*?)```", PAGE, re.S)
    names: dict = {}
    exec(block.replace("myresults/myrun-log.txt", str(files.log)), names)
    assert names["messages"].shape == (5, 12, 2, 3, 2) and names["states"].shape == (5, 12, 2)
    for name in vars(files).values():
        if isinstance(name, Path) and name != files.resultpath:
            assert f"NAME{name.name.removeprefix(files.name)}" in PAGE


@pytest.mark.parametrize(("changes", "message"), [
    ({"k": 3}, r"begun with other arguments: k = 3 \(there 2\)\. Give the same"),
    ({"trainseed": 0}, r"trainseed = 0 \(there 2\)"),
    ({"settings": ("training.num_steps=9",)}, "begun with other arguments: configuration = "),
    ({"name": "other", "resume": True}, "no run to resume; start without --resume"),
])  # fmt: skip
def test_other_arguments_are_refused(folder, changes, message):
    with pytest.raises(RunError, match=message):
        run_training(arguments(folder, **changes))


def test_files_of_another_code_are_not_touched(tmp_path):
    (tmp_path / "results" / "my-seeds0-1-2-models").mkdir(parents=True)
    with pytest.raises(RunError, match="my-seeds0-1-2-models: is there already, and no run folder .* not touched"):
        run_training(arguments(tmp_path))
    assert [one.name for one in (tmp_path / "results").iterdir()] == ["my-seeds0-1-2-models"]


def test_a_run_without_a_checkpoint_is_put_aside(tmp_path, monkeypatch):
    folder = tmp_path / "results" / "my-seeds0-1-2"
    folder.mkdir(parents=True)
    (folder / "params.yaml").write_text("family: mrsds")
    with pytest.raises(
        RunError, match=r"is a run without my-seeds0-1-2-arguments\.json and my-seeds0-1-2-config\.yaml"
    ):
        run_training(arguments(tmp_path))
    module = "indl_vae.importers.mrsds_layout.whole_run"
    monkeypatch.setattr(f"{module}._check_same", lambda *_: None)
    monkeypatch.setattr(f"{module}.train", lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        run_training(arguments(tmp_path))
    assert (tmp_path / "results" / "my-seeds0-1-2-unfinished-1" / "params.yaml").is_file() and not folder.exists()


@pytest.mark.slow
def test_cosmoothing_is_scored_where_channels_are_dropped(tmp_path, monkeypatch):
    whole = RunConfig.params
    monkeypatch.setattr(RunConfig, "params", lambda self, given: whole(_without_drops(self), given))
    settings = ("training.dropout=true", "training.drop_perc=0.5", "training.num_steps=2", "stages=[]")
    run_training(arguments(tmp_path, settings=settings, mtype="svae", k=1, name="dropping"))
    latents = open_from_log(tmp_path / "results" / "dropping-log.txt").latents
    assert np.isfinite(latents["cosmooth_r2s"]).all() and latents["zs_train"].shape[-1] == 1
    assert (latents["cosmooth_mses"] != latents["test_mses"]).all()


def _without_drops(config):
    kept = {name: value for name, value in config.model["training"].items() if name not in ("dropout", "drop_perc")}
    return dataclasses.replace(config, model={**config.model, "training": kept})
