"""Data at the edges of what there can be: they train to finite numbers, or an error states the least that is needed."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from indl_vae import make_params
from indl_vae.data import Dataset
from indl_vae.errors import ConfigError, DataError
from indl_vae.training import train
from tests.models.family_cases import CASES

#: A case of each way of training, and LFADS.
NAMES = ["dsae full", "dsae factorized", "fhvae lstm", "fhvae simple", "dendplrnn", "dendplrnn teacher forcing",
         "dendplrnn forced by an encoder", "mrsds svae", "mrsds s_svae", "mrsds mean field", "mrsds slds"]  # fmt: skip
LFADS = {"f_units": [4], "f_latent_size": 3, "z1_units": 4, "con_units": 4, "gen_units": 5, "n_factors": 3}
QUICK = {"jit_compile": False, "tensorboard": False, "n_epochs": 2}
#: Trials, bins, channels.
SHAPES = {"one trial": (1, 6, 8), "one bin": (5, 1, 8), "one channel": (5, 6, 1), "one of each": (1, 1, 1)}


def dataset(n_trials: int, n_bins: int, n_channels: int, likelihood: str = "poisson", inputs: int = 0) -> Dataset:
    rng = np.random.default_rng(0)
    x = rng.poisson(1.0, (n_trials, n_bins, n_channels)).astype("f4") + 1.0 * (n_trials * n_bins == 1)
    split = {"x": x} | ({"ext_input": rng.normal(size=(n_trials, n_bins, inputs)).astype("f4")} if inputs else {})
    return Dataset.from_arrays(split, split, bin_width_s=0.01, likelihood=likelihood)


def losses(folder, family, options, data):
    run = train(make_params(family, {**options, **QUICK}), data, folder)
    found = [row[name] for row in run.history for name in ("loss", "val_loss", "val_selection")]
    assert len(found) == 6 and np.isfinite(found).all()
    assert np.isfinite(run.posterior(data.valid, samples=1)["rates"]).all()
    return run


@pytest.mark.filterwarnings("ignore:.*(constant|silent) channel")
@pytest.mark.parametrize(
    ("shape", "batch_size"),
    [("one of each", 8), *(pytest.param(shape, 8, marks=pytest.mark.slow) for shape in SHAPES if shape != "one of each"),
     pytest.param("last batch", 3, marks=pytest.mark.slow)],
)  # fmt: skip
def test_lfads_of_little_data(tmp_path, shape, batch_size):
    """A batch may also be larger than the data, or not go into them a whole number of times."""
    data = dataset(*SHAPES.get(shape, (7, 6, 8)))
    run = losses(tmp_path / "run", "lfads", {**LFADS, "batch_size": batch_size}, data)
    assert run.history[-1]["step"] == 2 * max(1, data.train.n_trials // batch_size)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.*(constant|silent) channel")
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", NAMES)
def test_every_family_of_little_data(tmp_path, name, shape):
    """Trains, or says in a word of what there is too little."""
    case, sizes = CASES[name], SHAPES[shape]
    options = {**case.options, **({"region_sizes": [1]} if sizes[2] == 1 and case.family == "mrsds" else {})}
    likelihood = make_params(case.family, options).likelihood
    try:
        losses(tmp_path / "run", case.family, options, dataset(*sizes, likelihood, case.ext_input_dim))
    except (ConfigError, DataError) as error:
        assert "expected" in str(error) or "at least" in str(error), error
        assert not (tmp_path / "run" / "metrics.csv").exists(), "said before training starts"


@pytest.mark.slow
def test_silent_channels_warn_and_train(tmp_path):
    x = np.random.default_rng(0).poisson(1.0, (8, 6, 4)).astype("f4")
    x[..., 1] = 0.0
    with pytest.warns(UserWarning, match="silent channels: 1"):
        data = Dataset.from_arrays(x, x, bin_width_s=0.01)
    run = losses(tmp_path / "run", "lfads", LFADS, data)
    assert run.posterior(data.valid, samples=1)["rates"][..., 1].max() < 1.5


MANY_NEURONS = """
import numpy as np
from benchmarks.fresh import peak_mb
from indl_vae import build_model, make_params
from indl_vae.typing import DataSpec
before = peak_mb()
params = make_params("lfads", {"f_units": [16], "f_latent_size": 4, "z1_units": 16, "con_units": 16, "gen_units": 32, "n_factors": 8})
model = build_model(params, DataSpec(10_000, 50, 0, 0.01))
x = np.random.default_rng(0).poisson(0.1, (16, 50, 10_000)).astype("f4")
loss = model.train_on_batch({"x": x}, return_dict=True)["loss"]
print(np.isfinite(loss), peak_mb() - before, x.nbytes / 2**20)
"""


@pytest.mark.slow
def test_ten_thousand_neurons(tmp_path):
    """A step of 16 trials of 50 bins, 30 MB of counts, stays below 2 GB beyond what the libraries take."""
    done = subprocess.run([sys.executable, "-c", MANY_NEURONS], capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr[-2000:]
    finite, peak, counts = done.stdout.split()[-3:]
    assert finite == "True" and float(counts) > 30 and float(peak) < 2048, done.stdout
