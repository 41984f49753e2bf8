"""Published LFADS checkpoints in our model: outputs, losses, and which of two the scores prefer.

The numbers are those of lfads_lorenz (Lorenz attractor, 60 channels) as the published code prints them. Needs the
folder that $INDL_VAE_DATA names.
"""

from __future__ import annotations

import h5py
import numpy as np
import pytest

from indl_vae import make_params
from indl_vae.data import visible_mask
from indl_vae.families.lfads.foreign_weights import assign_weights
from indl_vae.importers import read_autolfads_tf2
from indl_vae.models import build_model
from indl_vae.typing import DataSpec

#: Stirling likelihood of the validation set, weighted KL of the initial conditions, L2.
PUBLISHED = {
    "lfads_model": (0.077943, 4.3292e-5, 1.00135e-6),
    "lfads_overfit": (0.048087, 6.4854e-5, 1.21998e-6),
}
HIDDEN_RATE = 0.1


@pytest.fixture(scope="module")
def counts(data_folder):
    path = data_folder / "lfads_lorenz" / "lfads_lorenz.h5"
    if not path.is_file():
        pytest.skip("lfads_lorenz is not in the folder that INDL_VAE_DATA names")
    with h5py.File(path) as file:
        return file["valid_data"][()].astype("f4")


@pytest.fixture(scope="module")
def models(data_folder, counts):
    made = {}
    for name in PUBLISHED:
        imported = read_autolfads_tf2(data_folder / "lfads_lorenz" / "checkpoints" / name)
        settings = {**imported.params_mapping, "preset": "autolfads_tf2", "jit_compile": False}
        made[name] = build_model(make_params("lfads", settings), DataSpec(counts.shape[2], counts.shape[1]))
        assign_weights(made[name], imported.weights)
    return made


@pytest.fixture(scope="module")
def visible(counts):
    return visible_mask(np.arange(len(counts)), *counts.shape[1:], HIDDEN_RATE, 0).astype("f4")


@pytest.fixture(scope="module")
def scores(models, counts, visible):
    """One pass over the validation set for each model, with a tenth of the entries hidden in the second look."""
    return {
        name: model.evaluate({"x": counts, "visible": visible}, batch_size=len(counts), return_dict=True, verbose=0)
        for name, model in models.items()
    }


def test_probes_of_one_trial(models, counts):
    outputs = {name: np.asarray(value) for name, value in models["lfads_model"](counts[:1]).items()}
    log_rates = outputs["raw"][0]
    np.testing.assert_allclose(log_rates[0, :3], [-4.329403, -4.3848495, -4.9948587], rtol=1e-5)
    np.testing.assert_allclose(log_rates[99, :3], [-4.2011495, -4.8263245, -4.554783], rtol=1e-5)
    np.testing.assert_allclose(outputs["ic_mean"][0, :3], [0.10982075, -0.06051502, 0.16899553], atol=2e-6)
    np.testing.assert_allclose(outputs["z_loc"][0, :3, 0], [-0.03538043, -0.03451538, -0.02439702], atol=2e-6)
    np.testing.assert_allclose(outputs["rates"][0], np.exp(log_rates), rtol=1e-5)


def test_learned_prior(models):
    prior = models["lfads_model"].core.get_layer("z_prior")
    np.testing.assert_allclose(np.exp(prior.logtaus), [0.33050612], rtol=1e-6)
    np.testing.assert_allclose(np.exp(prior.lognvars), [0.10762037], rtol=1e-6)


@pytest.mark.parametrize("name", PUBLISHED)
def test_losses_of_the_validation_set(models, scores, name):
    params, (nll, weighted_kl, l2) = models[name].params, PUBLISHED[name]
    got = scores[name]
    assert got["nll_stirling"] == pytest.approx(nll, abs=5e-7)
    assert got["kl_f"] * params.kl_f_weight == pytest.approx(weighted_kl, rel=2e-5)
    ours = got["l2_gen"] * params.l2_gen_scale + got["l2_con"] * params.l2_con_scale
    assert ours == pytest.approx(l2, rel=1e-5)


def test_the_score_of_hidden_entries_is_not_fooled_by_copied_spikes(scores):
    """With six inferred inputs and no coordinated dropout a model copies spikes: what it sees it fits, no more."""
    good, copier = scores["lfads_model"], scores["lfads_overfit"]
    assert copier["nll"] < good["nll"] - 0.02
    assert copier["nll_hidden"] > good["nll_hidden"] + 0.005
