"""Saved models: the same to the last bit, here and in a fresh process, without custom objects."""

from __future__ import annotations

import json
import subprocess
import sys

import keras
import numpy as np
import pytest

from tests.models.helpers import B, T, U, counts, tiny

FRESH = """
import json, sys
import keras, numpy as np
import indl_vae.models
folder = sys.argv[1]
batch = dict(np.load(folder + "/batch.npz"))
model = keras.models.load_model(folder + "/model.keras")
np.savez(folder + "/fresh.npz", **{name: np.asarray(value) for name, value in model(batch).items()})
np.savez(folder + "/posterior.npz", **model.posterior(batch, samples=2, seed=3))
finite = all(np.isfinite(np.asarray(weight)).all() for weight in model.weights)
ramps = {name: float(term.ramp) for name, term in model.terms.items()}
print(json.dumps({"finite": finite, "params": model.params.model_dump(mode="json"), "ramps": ramps,
                  "rate": float(model.optimizer.learning_rate)}))
"""
OPTIONS = {
    "ext_input_dim": U, "heldout_channels": "1::3", "heldout_bins": 1, "likelihood": "negative_binomial",
    "dropout_rate": 0.2, "coordinated_dropout_rate": 0.3, "l2_gen_scale": 1.0, "f_latent_off_diag": True,
    "learning_rate": 1e-3,
}  # fmt: skip


@pytest.fixture
def batch():
    ext = np.random.default_rng(1).normal(size=(B, T, U)).astype("f4")
    return {"x": counts(), "ext_input": ext, "mask": np.ones((B, T), "f4")}


def test_a_fresh_process_gets_the_same_numbers(tmp_path, batch):
    model = tiny(**OPTIONS)
    model.optimizer.learning_rate.assign(5e-4)
    model.terms["kl_f"].ramp.assign(0.25)
    model.save(tmp_path / "model.keras")
    np.savez(tmp_path / "batch.npz", **batch)
    done = subprocess.run([sys.executable, "-c", FRESH, str(tmp_path)], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-2000:]
    said = json.loads(done.stdout.splitlines()[-1])
    assert said["finite"]
    assert said["params"] == model.params.model_dump(mode="json")
    assert said["ramps"] == {"kl_f": 0.25, "kl_z": 1.0, "l2_gen": 1.0}
    assert said["rate"] == pytest.approx(5e-4)
    for file, ours in (("fresh", model(batch)), ("posterior", model.posterior(batch, samples=2, seed=3))):
        theirs = np.load(tmp_path / f"{file}.npz")
        assert set(theirs) == set(ours)
        for name in ours:
            np.testing.assert_array_equal(np.asarray(ours[name]), theirs[name], err_msg=f"{file} {name}")


@pytest.mark.parametrize(
    "options",
    [
        {"z1_rnn_type": "", "z1_lag": 0, "f_rnn_type": "LSTM", "input_factors": 3, "z_prior_process": "LSTM"},
        {"mixed_precision": True, "f_enc_input_samps": 2},
    ],
    ids=["other cells", "half precision"],
)
@pytest.mark.filterwarnings("error::UserWarning")
def test_every_kind_of_model_loads_exactly(tmp_path, options):
    model = tiny(**options)
    x = counts()
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    for name, value in model(x).items():
        np.testing.assert_array_equal(np.asarray(value, "f4"), np.asarray(loaded(x)[name], "f4"), err_msg=name)
    assert loaded.params == model.params and loaded.spec == model.spec
    assert [w.shape for w in loaded.trainable_weights] == [w.shape for w in model.trainable_weights]


def test_random_numbers_go_on_where_they_were(tmp_path):
    """A loaded model draws next what the saved one would have drawn."""
    model = tiny(dropout_rate=0.3, coordinated_dropout_rate=0.3)
    x = counts()
    model(x, training=True)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    ours, theirs = (m(x, training=True) for m in (model, loaded))
    for name in ("rates", "controller_outputs", "_learn"):
        np.testing.assert_array_equal(ours[name], theirs[name], err_msg=name)
