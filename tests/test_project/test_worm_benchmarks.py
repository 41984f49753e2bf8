"""Data and settings of the benchmarks on worms. Nothing is trained here."""

from __future__ import annotations

import numpy as np
import pytest

import indl_vae
from benchmarks.worms import made, recordings
from benchmarks.worms.__main__ import EXPERIMENTS
from indl_vae.data.synthetic.worms import make_worms
from indl_vae.data.worms import worm_dataset


@pytest.mark.parametrize("experiment", EXPERIMENTS)
def test_every_variant_is_a_model_that_can_be_made(experiment):
    for variant in EXPERIMENTS[experiment].variants.values():
        assert indl_vae.make_params(variant.family, dict(variant.settings)).family == "ceneurovae"


def test_animals_are_in_one_split_with_their_hidden_signals():
    data = made.make_data(3, n_animals=6, n_bins=60, n_classes=9, window_T=20, stride=15)
    worms = make_worms(3, 6, 60, 9)
    sets = [set(split.extras["sequence_id"].tolist()) for split in data.splits.values()]
    assert sorted(number for one in sets for number in one) == list(range(6))
    split = data.test
    number, start = int(split.extras["sequence_id"][1]), int(split.extras["start"][1])
    recording = worms.worms.recordings[worms.worms.uids[number]]
    kept = recording.identity > 0
    frames = slice(start, start + 20)
    np.testing.assert_array_equal(split.x[1, :, : kept.sum()], recording.x[frames, kept])
    np.testing.assert_array_equal(split.identity[1, : kept.sum()], recording.identity[kept])
    np.testing.assert_array_equal(split.extras["latent"][1], worms.latents[recording.uid][frames])
    assert split.identity[1, kept.sum() :].sum() == 0
    assert worm_dataset(worms.worms, 20, 20, seed=1).train.n_bins == 20


def test_regions_are_identities_with_unit_variance_while_training(tmp_path, monkeypatch):
    (tmp_path / "fmri_roi").mkdir()
    rng = np.random.default_rng(0)
    names = ['"WM"', '"Vent"', '"Brain"', *(f'"R{i}"' for i in range(4))]
    table = rng.normal(2.0, 3.0, (250, 7))
    rows = [",".join(names), *(",".join(f"{v:.9f}" for v in row) for row in table)]
    (tmp_path / "fmri_roi" / "fmri_timeseries.csv").write_text("\n".join(rows))
    monkeypatch.setenv("INDL_VAE_DATA", str(tmp_path))
    data = recordings.fmri(0)
    held = {int(place) for split in (data.valid, data.test) for place in split.inds}
    assert [split.n_trials for split in (data.valid, data.test)] == [2, 2] and len(held) == 4
    # training windows overlap, and no bin of them is one of the others' windows
    bins = {int(start) + step for start in data.train.inds for step in range(25)}
    assert bins == set(range(250)) - {place * 25 + step for place in held for step in range(25)}
    whole = [data.train.x[list(data.train.inds).index(25 * i)] for i in range(10) if i not in held]
    np.testing.assert_allclose(np.mean(whole, (0, 1)), 0.0, atol=1e-6)
    np.testing.assert_allclose(np.std(whole, (0, 1)), 1.0, atol=1e-6)
    np.testing.assert_array_equal(data.test.identity, [[1, 2, 3, 4]] * 2)
    place = int(data.test.inds[0])
    raw = table.reshape(10, 25, 7)[place, :, 3:]
    assert np.corrcoef(data.test.x[0].ravel(), (raw / raw.std(0)).ravel())[0, 1] > 0.9
    assert (data.test.inds != recordings.fmri(1).test.inds).any()
