"""A model that copies its input spikes has the better likelihood of them; the selection score must not believe it."""

import numpy as np
import pytest

from indl_vae.analysis.metrics import poisson_nll, r2
from indl_vae.data import Dataset
from indl_vae.models import build_model
from indl_vae.params import make_params

SIZES = {
    "f_units": [16],
    "f_latent_size": 8,
    "z1_units": 24,
    "con_units": 24,
    "gen_units": 24,
    "n_factors": 12,
    "z1_lag": 0,
    "dropout_rate": 0.0,
    "jit_compile": False,
    "batch_size": 32,
    "n_epochs": 40,
    "learning_rate": 0.02,
    "lr_rule": "none",
    "kl_ramp_length": 0,
    "bin_width_s": 0.01,
}
#: Six inferred inputs that cost nothing, and nothing that keeps the encoder from passing spikes on.
COPIES = {"z_latent_size": 6, "coordinated_dropout_rate": 0.0, "kl_f_weight": 1e-5, "kl_z_weight": 1e-5}
DENOISES = {"z_latent_size": 1, "coordinated_dropout_rate": 0.3}


def oscillations(seed: int = 0) -> Dataset:
    """96 trials of 16 bins of 6 channels whose rates follow one oscillation of random phase."""
    rng = np.random.default_rng(seed)
    phase = rng.uniform(0, 2 * np.pi, (128, 1, 1)) + np.linspace(0, 2 * np.pi, 16)[None, :, None]
    rates = np.exp(1.2 * np.sin(phase + np.linspace(0, 2 * np.pi, 6)) - 0.7).astype("float32")
    counts = rng.poisson(rates).astype("float32")
    parts = {"train": slice(0, 96), "valid": slice(96, 128)}
    return Dataset.from_arrays(
        **{name: {"x": counts[rows], "truth": rates[rows]} for name, rows in parts.items()}, bin_width_s=0.01
    )


@pytest.fixture(scope="module")
def scores():
    """Likelihood of seen spikes, selection score and R2 against the true rates, by model."""
    data = oscillations()
    result = {"truth": {"nll": poisson_nll(data.valid.truth, data.valid.x)}}
    for name, settings in {"copies": COPIES, "denoises": DENOISES}.items():
        model = build_model(make_params("lfads", {**SIZES, **settings}), data)
        model.fit(data.train.batches(32, drop_remainder=True), epochs=SIZES["n_epochs"], verbose=0)
        last = model.evaluate(data.valid.batches(32, hidden_rate=0.1), return_dict=True, verbose=0)
        rates = model.posterior(data.valid, push_mean=True)["rates"]
        result[name] = {"nll": last["nll"], "selection": last["nll_hidden"], "r2": r2(rates, data.valid.truth)}
    return result


def test_the_copying_model_beats_the_true_rates_on_the_spikes_it_saw(scores):
    assert scores["copies"]["nll"] < scores["truth"]["nll"]
    assert scores["denoises"]["nll"] > scores["truth"]["nll"]


def test_the_selection_score_prefers_the_denoising_model(scores):
    assert scores["denoises"]["selection"] < scores["copies"]["selection"]
    assert scores["denoises"]["r2"] > scores["copies"]["r2"]
