"""The kinds of run_lfads.py on a tiny set: the files they write, what is in them, and weights there and back."""

from __future__ import annotations

import csv
import runpy
from pathlib import Path
from types import SimpleNamespace

import h5py
import numpy as np
import pytest

from tests.cli.tiny import run, write_data

SCRIPT = runpy.run_path(str(Path(__file__).parents[2] / "examples" / "train_lfads.py"))
SIZES = (
    "--ic_enc_dim=4 --ic_dim=3 --ci_enc_dim=5 --con_dim=6 --gen_dim=7 --factors_dim=2 --co_dim=1 --batch_size=8 "
    "--kl_increase_steps=3 --l2_increase_steps=3 --jit_compile=false --seed=1 --learning_rate_init=0.02"
).split()
SAMPLES, E, T, D, Z, G, U, F = 3, 4, 12, 8, 3, 7, 1, 2
COSTS = ["costs", "nll_bound_iwaes", "nll_bound_vaes", "train_steps"]
SHAPES = {
    "prior_g0_mean": (E, Z), "prior_g0_logvar": (E, Z), "post_g0_mean": (E, Z), "post_g0_logvar": (E, Z),
    "gen_ics": (E, G), "controller_outputs": (E, T, U), "gen_states": (E, T, G), "factors": (E, T, F),
    "output_dist_params": (E, T, D), **{name: (E,) for name in COSTS},
}  # fmt: skip


def read(path):
    with h5py.File(path) as file:
        return {name: file[name][()] for name in file}


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    folder = tmp_path_factory.mktemp("kinds")
    write_data(folder / "stem_day1.h5")
    where = [f"--data_dir={folder}", "--data_filename_stem=stem", f"--lfads_save_dir={folder / 'run'}"]

    def do(*flags):
        result = run(*SCRIPT["translate"]([*where, *SIZES[:7], *flags]))
        assert result.exit_code == 0, result.stderr
        return result

    done = {"train": do("--kind=train", *SIZES[7:], "--n_epochs=3", "--device=gpu:0")}
    for kind in ("posterior_sample_and_average", "posterior_push_mean", "prior_sample"):
        done[kind] = do(f"--kind={kind}", f"--batch_size={SAMPLES}", "--checkpoint_pb_load_name=checkpoint_lve")
    done["capped"] = do(
        f"--kind={'posterior_sample_and_average'}", "--batch_size=1", "--ps_nexamples_to_process=2",
        "--output_filename_stem=few_",
    )  # fmt: skip
    done["write_model_params"] = do("--kind=write_model_params")
    more = ["--n_epochs=4", "--resume", "--do_reset_learning_rate=true", "--learning_rate_init=0.005"]
    done["resume"] = do("--kind=train", *SIZES[7:-1], *more)
    return SimpleNamespace(folder=folder, run=folder / "run", data=folder / "stem", done=done)


def test_a_gpu_that_is_not_there_is_said_once(done):
    assert done.done["train"].stderr.count("TensorFlow finds no GPU; computing on the CPU") == 1


def test_fitlog_follows_the_metrics(done):
    with (done.run / "metrics.csv").open() as file:
        rows = list(csv.DictReader(file))
    lines = [line.split(",") for line in (done.run / "fitlog.csv").read_text().splitlines()]
    labels = "epoch step total recon kl l2 klweight l2weight".split()
    assert [[cell.strip() for cell in line if cell.strip() in labels] for line in lines] == [labels] * 4
    for row, line in zip(rows, lines, strict=True):
        assert int(line[1]) == int(row["epoch"]) and int(line[3]) == int(row["step"])
        np.testing.assert_allclose([float(line[5]), float(line[6])], [float(row["loss"]), float(row["val_loss"])], 1e-4)
        if float(line[16]) == float(line[18]) == 1.0:
            valid = float(line[9]) + float(line[12]) + float(line[14])
            np.testing.assert_allclose(valid, float(line[6]), rtol=1e-4)


def test_checkpoints_have_their_names(done):
    names = {path.name for path in (done.run / "checkpoints").iterdir()}
    assert {"checkpoint", "checkpoint_lve", "lfads_vae-3", "lfads_vae-4"} <= names
    assert any(name.startswith("lfads_vae_lve-") for name in names)


def test_the_learning_rate_was_reset(done):
    with (done.run / "metrics.csv").open() as file:
        rates = [float(row["learning_rate"]) for row in csv.DictReader(file)]
    np.testing.assert_allclose(rates, [0.02, 0.02, 0.02, 0.005], rtol=1e-6)


@pytest.mark.parametrize("kind", ["posterior_sample_and_average", "posterior_push_mean"])
def test_posterior_files(done, kind):
    arrays = read(done.run / f"model_runs_day1_valid_{kind}")
    assert {name: value.shape for name, value in arrays.items()} == SHAPES
    with h5py.File(done.run / f"model_runs_day1_valid_{kind}") as file:
        assert file["factors"].compression == "gzip"
    assert len(read(done.run / f"model_runs_day1_train_{kind}")["costs"]) == 16
    ours = read(done.run / f"{kind}.h5")
    np.testing.assert_array_equal(arrays["output_dist_params"], ours["valid_rates"])
    np.testing.assert_array_equal(arrays["post_g0_mean"], ours["valid_ic_mean"])
    assert set(arrays["train_steps"]) <= {2.0, 4.0, 6.0}
    np.testing.assert_allclose(arrays["prior_g0_logvar"], np.log(0.1), rtol=1e-5)


def test_bounds_of_the_files_are_those_of_the_model(done):
    from indl_vae.training import load_run

    opened = load_run(done.run)
    arrays = read(done.run / "model_runs_day1_valid_posterior_sample_and_average")
    valid = opened.load_dataset(done.folder / "stem_day1.h5").valid
    found = opened.model.bounds(valid, samples=SAMPLES, weights="kl")
    if opened.train_step == arrays["train_steps"][0]:  # the resumed epoch may have a better model
        np.testing.assert_allclose(arrays["nll_bound_vaes"], -found["elbo"], rtol=1e-4)
        np.testing.assert_allclose(arrays["nll_bound_iwaes"], -found["iwae"], rtol=1e-4)
    assert (arrays["nll_bound_iwaes"] <= arrays["nll_bound_vaes"] + 1e-4).all()
    pushed = read(done.run / "model_runs_day1_valid_posterior_push_mean")
    np.testing.assert_allclose(pushed["nll_bound_vaes"], pushed["nll_bound_iwaes"], rtol=1e-6)
    # after the ramps the costs are the bound and the L2 term, which is the same for every trial
    penalty = pushed["costs"] - pushed["nll_bound_vaes"]
    assert np.ptp(penalty) < 1e-3 and penalty[0] > 0


def test_a_cap_on_the_trials_and_a_stem(done):
    for split in ("train", "valid"):
        arrays = read(done.run / f"few_day1_{split}_posterior_sample_and_average")
        assert len(arrays["factors"]) == 2
    assert (done.run / "few_posterior_sample_and_average.h5").exists()


def test_prior_file(done):
    arrays = read(done.run / "model_runs_prior_sample")
    shapes = {"gen_ics": (3, G), "gen_states": (3, T, G), "factors": (3, T, F), "output_dist_params": (3, T, D)}
    shapes |= {"costs": (1,), "prior_g0_mean": (3, Z), "prior_g0_logvar": (3, Z), "prior_zs_ar_con": (3, T, U)}
    assert {name: value.shape for name, value in arrays.items()} == shapes
    np.testing.assert_array_equal(arrays["output_dist_params"], read(done.run / "prior_sample.h5")["rates"])


def test_exported_weights_come_back_as_the_same_model(done, tmp_path):
    from indl_vae.training import load_run

    arrays = read(done.run / "model_params")
    assert arrays["LFADS_global_step:0"] == 6
    assert arrays["LFADS_glm_fac_2_logrates_day1_W:0"].shape == (F, D)
    assert arrays["LFADS_gen_GenGRU_Gates_x_2_ru_W:0"].shape == (U, 2 * G)
    result = run("import-weights", done.run / "model_params", "--out", tmp_path / "back")
    assert result.exit_code == 0, result.stderr
    out = tmp_path / "rates.h5"
    assert run("posterior", tmp_path / "back", "--data", done.data, "--push-mean", "--out", out).exit_code == 0
    first = load_run(done.run).load_dataset(done.folder / "stem_day1.h5").valid
    # lfads_vae-3 is the latest checkpoint before the run went on
    import keras

    latest = keras.models.load_model(done.run / "checkpoints" / "lfads_vae-3" / "model.keras")
    expected = latest.posterior(first, push_mean=True)["rates"]
    np.testing.assert_allclose(read(out)["valid_rates"], expected, rtol=1e-4)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--checkpoint", "last"], "--checkpoint last: expected one of best, latest"),
        (["--tf1-outputs", "x", "--max-trials", "0"], "Invalid value for '--max-trials'"),
    ],
)
def test_wrong_arguments(done, arguments, message):
    result = run("posterior", done.run, "--data", done.data, "--out", done.folder / "o.h5", *arguments)
    assert result.exit_code == 2 and message in result.stderr


def test_a_reset_needs_a_run_to_go_on_with(done):
    result = run("train", "--data", done.data, "--out", done.folder / "new", "--reset-learning-rate")
    assert result.exit_code == 2 and "--reset-learning-rate: expected --resume beside it" in result.stderr
