"""From a file of worms through training to activity in recorded units."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from indl_vae import load_dataset, load_run, make_params, train
from indl_vae.data import WormChannels, load_for, write_worms
from indl_vae.data.synthetic.worms import make_worms

TINY = {"n_animals": 3, "n_bins": 60, "n_classes": 8}


@pytest.mark.slow
def test_worms_are_trained_on_and_inferred(tmp_path):
    path = write_worms(make_worms(**TINY).worms, tmp_path / "worms.h5")
    how = {"window_T": 20, "stride": 10, "normalise": "zscore"}
    params = make_params("ceneurovae", how, preset="small", n_epochs=1, jit_compile=False, tensorboard=False)
    dataset = load_dataset(path, likelihood="gaussian", worms=how)
    np.testing.assert_array_equal(dataset.train.x, load_for(params, path).train.x)
    train(params, dataset, tmp_path / "run")

    run = load_run(tmp_path / "run")
    assert run.model.spec.n_identities == 9 and run.model.spec.ext_input_dim == 3
    assert np.isfinite(run.history[-1]["loss"])
    again = run.load_dataset()
    np.testing.assert_array_equal(again.valid.x, dataset.valid.x)
    inferred = run.posterior(again.valid, samples=2)
    assert inferred["rates"].shape == dataset.valid.x.shape and np.isfinite(inferred["rates"]).all()
    worms = WormChannels.from_dict(run.data_info["scalers"])
    animal = int(again.valid.extras["sequence_id"][0])
    rates = worms.activity(animal, inferred["rates"])
    uid = worms.uids[animal]
    expected = inferred["rates"][..., : len(worms.mean[uid])] * worms.std[uid] + worms.mean[uid]
    np.testing.assert_allclose(rates, expected, rtol=1e-6)
    assert rates.shape[-1] == len(worms.neurons[uid])
    whole = run.predict(path, samples=1)
    assert set(whole) == {"train", "valid"}

    fewer = make_worms(**TINY).worms.take(["worm-02"])
    new = write_worms(replace(fewer, labels=(*fewer.labels, "new")), tmp_path / "new.h5")
    found = run.predict(new, samples=1)
    assert list(found) == ["test"] and found["test"]["rates"].shape[2] == dataset.train.n_channels
