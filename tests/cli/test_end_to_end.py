"""From a data file to scores, report, samples and weights, in one process of the user's making."""

from __future__ import annotations

import csv
import dataclasses
import json
from types import SimpleNamespace

import h5py
import numpy as np
import pytest

from indl_vae.analysis import nlb
from indl_vae.data import load_dataset, write_dataset
from tests.cli.processes import start
from tests.cli.tiny import SETTINGS, write_data

#: Runs commands one after the other and writes exit code and stdout of each.
ONE_AFTER_THE_OTHER = """
import contextlib, io, json, sys
from indl_vae.cli import main
results = []
for arguments in json.load(open(sys.argv[1])):
    with contextlib.redirect_stdout(io.StringIO()) as out:
        try:
            main(arguments)
        except SystemExit as stop:
            results.append((stop.code, out.getvalue()))
json.dump(results, open(sys.argv[2], "w"))
"""


def write_held_out(data, path):
    """Writes the same trials to a file that keeps the last two channels and the last three bins from the encoder."""
    return write_dataset(dataclasses.replace(load_dataset(data), heldout_channels=2, heldout_bins=3), path)


def write_new(data, path):
    """Writes the validation trials as new ones: a file with test_data alone, which does not say how wide a bin is."""
    split = load_dataset(data).valid
    return write_dataset({"test_data": split.x, "test_inds": split.inds}, path)


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """Every command on a tiny set: exit codes and stdout by step, what went to stderr, and the folder."""
    folder = tmp_path_factory.mktemp("end_to_end")
    data, run = write_data(folder / "x.h5"), folder / "run"
    train = ["train", "--family", "lfads", "--data", data, "--out", run, "--set", "epochs=2", *SETTINGS]
    steps = {
        "train": train,
        "again": train,
        "posterior": ["posterior", run, "--data", data, "--samples", 3, "--out", folder / "samples.h5"],
        "push-mean": ["posterior", run, "--data", data, "--push-mean", "--out", folder / "mean.h5"],
        "other data": [
            "posterior",
            run,
            "--data",
            write_data(folder / "y.h5", n_channels=5),
            "--out",
            folder / "y.out",
        ],
        "prior": ["prior", run, "--samples", 4, "--n-bins", 7, "--out", folder / "prior.h5"],
        "export": ["export", run, "--out", folder / "weights.h5"],
        "evaluate": [
            *("evaluate", run, "--data", data, "--samples", 2, "--out", folder / "metrics.json"),
            *("--per-trial", folder / "trials.csv"),
        ],
        "nlb": [
            *("nlb", run, "--data", write_held_out(data, folder / "held_out.h5"), "--name", "mc_maze"),
            *("--samples", 2, "--out", folder / "submission.h5"),
        ],
        "new trials": [
            *("posterior", run, "--data", write_new(data, folder / "new.h5"), "--push-mean", "--hz"),
            *("--out", folder / "hz.h5"),
        ],
        "fixed-points": ["fixed-points", run, "--starts", 9, "--max-speed", 1e-3, "--out", folder / "fixed.h5"],
        "bad input": ["fixed-points", run, "--inputs", "0.1;2", "--out", folder / "fixed.h5"],
        "report": ["report", run, "--samples", 2],
    }
    (folder / "steps.json").write_text(json.dumps([list(map(str, step)) for step in steps.values()]))
    process = start(folder / "steps.json", folder / "results.json", code=ONE_AFTER_THE_OTHER)
    _, stderr = process.communicate()
    assert process.returncode == 0, stderr
    results = dict(zip(steps, json.loads((folder / "results.json").read_text()), strict=True))
    codes, outputs = ({step: result[i] for step, result in results.items()} for i in (0, 1))
    return SimpleNamespace(folder=folder, run=run, data=data, codes=codes, outputs=outputs, stderr=stderr)


def test_exit_codes(done):
    refused = {"again": 2, "other data": 2, "bad input": 2}
    assert done.codes == {step: refused.get(step, 0) for step in done.codes}, done.stderr


def test_stderr_says_what_a_user_can_use(done):
    assert done.stderr.count("Loading TensorFlow ...") == 1
    assert "something in this folder already; it was not touched" in done.stderr
    assert "y.h5: has 5 channels, but the model of" in done.stderr and "was trained on 8" in done.stderr
    noise = ("absl", "cuda", "oneDNN", "Traceback", "UserWarning", "shuffle", "retracing")
    assert not [word for word in noise if word in done.stderr], done.stderr


def test_train_says_where_things_are_and_what_to_type_next(done):
    text = done.outputs["train"]
    assert f"best model                {done.run / 'best.keras'}" in text
    assert f"  indl-vae report {done.run}\n" in text and f"  tensorboard --logdir {done.run}\n" in text
    assert f"  indl-vae evaluate {done.run} --data {done.data} --out {done.run / 'metrics.json'}\n" in text


def test_run_folder(done):
    names = {path.name for path in done.run.iterdir()}
    wanted = "params.yaml data.json metrics.csv tensorboard checkpoints best.keras report.html run.log"
    assert set(wanted.split()) <= names
    assert json.loads((done.run / "data.json").read_text())["source"] == str(done.data.absolute())


@pytest.mark.parametrize(("name", "samples"), [("samples", 3), ("mean", 0)])
def test_posterior_file(done, name, samples):
    with h5py.File(done.folder / f"{name}.h5") as file, h5py.File(done.data) as data:
        assert dict(file.attrs) == {"bin_width_s": 0.01, "samples": samples}
        for split in ("train", "valid"):
            assert file[f"{split}_rates"].shape == data[f"{split}_data"].shape
            np.testing.assert_array_equal(file[f"{split}_inds"], data[f"{split}_inds"])
        names = {key.removeprefix("valid_") for key in file if key.startswith("valid_")}
    wanted = "rates factors gen_states gen_init controller_outputs f_loc f_scale z_loc z_scale inds ic_mean ic_logvar"
    assert set(wanted.split()) <= names


def test_new_trials_need_no_other_split_and_come_in_hz(done):
    with h5py.File(done.folder / "hz.h5") as file, h5py.File(done.data) as data:
        assert not [key for key in file if not key.startswith("test_")]
        np.testing.assert_array_equal(file["test_inds"], data["valid_inds"])
        np.testing.assert_allclose(file["test_rates_hz"], file["test_rates"][()] / 0.01, rtol=1e-6)


def test_fixed_points_file_and_picture(done):
    assert (done.folder / "fixed.png").read_bytes().startswith(b"\x89PNG")
    assert f"Wrote {done.folder / 'fixed.h5'}" in done.outputs["fixed-points"]
    assert "--inputs 0.1;2: expected numbers with commas" in done.stderr
    with h5py.File(done.folder / "fixed.h5") as file:
        assert file.attrs["bin_width_s"] == 0.01
        n_points = len(file["points"])
        assert n_points >= 1 and file["jacobians"].shape == (n_points, 6, 6) and (file["speed"][()] <= 1e-3).all()


def test_posterior_is_that_of_the_model(done):
    from indl_vae.training import load_run

    run = load_run(done.run)
    expected = run.posterior(run.load_dataset().valid, samples=3)
    with h5py.File(done.folder / "samples.h5") as file:
        np.testing.assert_allclose(file["valid_rates"], expected["rates"], rtol=1e-5)


def test_prior_file(done):
    with h5py.File(done.folder / "prior.h5") as file:
        assert file["rates"].shape == (4, 7, 8)
        assert dict(file.attrs) == {"bin_width_s": 0.01, "samples": 4, "seed": 0}


def test_every_weight_is_exported(done):
    from indl_vae.training import load_run

    model = load_run(done.run).model
    with h5py.File(done.folder / "weights.h5") as file:
        for weight in model.weights:
            np.testing.assert_array_equal(file[weight.path], weight.numpy())
    assert f"Wrote {len(model.weights)} weights to" in done.outputs["export"]


def test_evaluate_writes_json_and_prints_a_table(done):
    metrics = json.loads((done.folder / "metrics.json").read_text())
    assert {"nll", "nll_stirling", "bits_per_spike", "co_bps", "fp_bps", "r2_rates"} <= set(metrics["valid"])
    text = done.outputs["evaluate"]
    for name, scores in {"model": metrics["valid"], **metrics["baselines"]}.items():
        row = next(line for line in text.splitlines() if name in line)
        assert f"{scores['nll']:.4f}" in row and f"{scores['r2_rates']:.4f}" in row


def test_evaluate_writes_a_row_for_each_trial(done):
    rows = list(csv.DictReader((done.folder / "trials.csv").open()))
    with h5py.File(done.data) as data:
        inds = [*data["train_inds"], *data["valid_inds"]]
    assert [int(row["ind"]) for row in rows] == inds and float(rows[0]["nll"]) > 0
    assert f"Wrote {done.folder / 'trials.csv'}" in done.outputs["evaluate"]


def test_nlb_writes_a_submission_and_prints_its_scores(done):
    from indl_vae.analysis.held_out import HeldOut
    from indl_vae.training import load_run

    run = load_run(done.run, done.folder / "held_out.h5")
    dataset, held_out = run.load_dataset(), HeldOut((6, 7), 3)
    arrays = nlb.read_submission(done.folder / "submission.h5", "mc_maze_10")
    assert {key: array.shape for key, array in arrays.items()} == {
        f"{role}_rates_{part}{after}": (n, bins, channels)
        for role, n in (("train", 16), ("eval", 4))
        for part, channels in (("heldin", 6), ("heldout", 2))
        for after, bins in (("", 9), ("_forward", 3))
    }
    expected = run.posterior(held_out.hide(dataset.valid), samples=2)["rates"][np.argsort(dataset.valid.inds)]
    np.testing.assert_allclose(arrays["eval_rates_heldout"], expected[:, :9, 6:], rtol=1e-5)
    scores = nlb.score_submission(arrays, nlb.target_of(dataset, held_out), "mc_maze_10")
    lines = dict(line.rsplit(maxsplit=1) for line in done.outputs["nlb"].splitlines()[1:])
    assert {name: float(value) for name, value in lines.items()} == {
        name: pytest.approx(value, abs=1e-3) for name, value in scores.items() if value is not None
    }
    assert {"co-bps", "fp-bps"} <= set(lines)
    assert done.outputs["nlb"].startswith(f"Wrote mc_maze_10 to {done.folder / 'submission.h5'}\n")


def test_report_names_its_file(done):
    assert done.outputs["report"] == f"Wrote {done.run / 'report.html'}\n"
