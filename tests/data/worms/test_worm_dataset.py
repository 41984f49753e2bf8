from __future__ import annotations

import json

import numpy as np
import pytest

from indl_vae.data import load_dataset, load_for, load_worms, worm_dataset, write_worms
from indl_vae.data.synthetic.worm_lab_files import write_lab_files
from indl_vae.data.synthetic.worms import make_worms
from indl_vae.data.worms import WormChannels, WormOptions, WormSet, load_lab_worms
from indl_vae.errors import ConfigError, DataError
from indl_vae.params import make_params
from tests.data.worms.worm_sets import recording, worm_set

SHORT = {"window_T": 10, "stride": 4}


def animals(n=5, n_frames=60, **fields):
    return worm_set(*(recording(f"w{i}", n_frames, 4 + i, seed=i, dt=0.5 + 0.1 * i, **fields) for i in range(n)))


def frames_of(split):
    """Returns the set of (animal, frame) that a split's windows hold."""
    pairs = zip(split.extras["sequence_id"], split.extras["start"], strict=True)
    return {(int(animal), int(start) + t) for animal, start in pairs for t in range(split.n_bins)}


def test_windows_are_those_of_the_recordings():
    worms = animals()
    data = worm_dataset(worms, 10, 4, ignore_unlabeled=False, val_frac=0.2, test_frac=0.2)
    assert list(data.splits) == ["train", "valid", "test"] and data.bin_width_s == pytest.approx(0.7)
    for split in data.splits.values():
        assert split.n_channels == 8 and split.n_trials == len(set(split.extras["sequence_id"])) * 14
        for i, (animal, start) in enumerate(zip(split.extras["sequence_id"], split.extras["start"], strict=True)):
            one, n = worms.recordings[f"w{animal}"], 4 + animal
            np.testing.assert_array_equal(split.x[i, :, :n], one.x[start : start + 10])
            np.testing.assert_array_equal(split.identity[i], np.r_[one.identity, np.zeros(8 - n)])
            np.testing.assert_array_equal(
                split.ext_input[i], (one.behavior / [0.5, 2.0]).astype("f4")[start : start + 10]
            )
            assert split.mask[i, :, :n].all() and not split.mask[i, :, n:].any() and not split.x[i, :, n:].any()
    inds = np.concatenate([split.inds for split in data.splits.values()])
    np.testing.assert_array_equal(inds, np.arange(5 * 14))
    assert data.region_sizes is None and data.spec.ext_input_dim == 2


def test_animals_are_whole_and_those_that_validate_do_not_depend_on_the_test():
    whole = [set(split.extras["sequence_id"]) for split in worm_dataset(animals(), **SHORT).splits.values()]
    tested = worm_dataset(animals(), **SHORT, test_frac=0.4)
    parts = [set(split.extras["sequence_id"]) for split in tested.splits.values()]
    assert whole[1] == parts[1] and [len(part) for part in parts] == [2, 1, 2] and len(set.union(*parts)) == 5


def test_splits_of_time_share_no_frame_and_keep_their_gap():
    data = worm_dataset(animals(), **SHORT, split="time", val_frac=0.4, test_frac=0.2, gap=5)
    train, valid, test = (frames_of(split) for split in data.splits.values())
    assert not train & valid and not valid & test and not train & test
    ends = [max(frame for _, frame in part) for part in (train, valid, test)]
    starts = [min(frame for _, frame in part) for part in (train, valid, test)]
    assert starts == [0, 24, 48] and ends == [18, 42, 59]


def test_scales_know_nothing_of_the_frames_that_are_held_out():
    worms = animals()
    other = WormSet.of(
        [
            recording(uid, 60, one.n_neurons, x=np.r_[one.x[:40], 100 + one.x[40:]], behavior=one.behavior)
            for uid, one in worms.recordings.items()
        ],
        worms.labels,
        worms.behavior_names,
        worms.behavior_divisor,
    )
    how = {**SHORT, "split": "time", "val_frac": 1 / 3, "gap": 0, "normalise": "zscore", "ignore_unlabeled": False}
    first, second = worm_dataset(worms, **how), worm_dataset(other, **how)
    np.testing.assert_array_equal(first.train.x, second.train.x)
    one = worms.recordings["w0"].x[:40]
    np.testing.assert_allclose(first.worms.mean["w0"], one.mean(0), rtol=1e-5)
    np.testing.assert_allclose(first.worms.std["w0"], one.std(0), rtol=1e-5)


def test_scales_are_undone_from_what_a_run_keeps_of_its_data():
    worms = animals()
    data = worm_dataset(worms, **SHORT, normalise="zscore")
    kept = WormChannels.from_dict(json.loads(json.dumps(data.info()))["scalers"])
    for split in data.splits.values():
        animal, start = (int(split.extras[name][-1]) for name in ("sequence_id", "start"))
        one = worms.recordings[f"w{animal}"]
        found = kept.activity(animal, split.x[-1])
        np.testing.assert_allclose(found, one.x[start : start + 10, one.identity > 0], atol=1e-5)
        np.testing.assert_array_equal(kept.activity(f"w{animal}", split.x[-1]), found)
        np.testing.assert_array_equal(kept.neurons[f"w{animal}"], np.flatnonzero(one.identity > 0))
    assert kept.labels == worms.labels and kept.behavior_names == worms.behavior_names
    with pytest.raises(DataError, match=r"animal: 7, expected one with windows in the data: .*0 or 'w0'"):
        kept.activity(7, data.train.x)
    with pytest.raises(DataError, match=r"w4: x: has shape \(2,\), expected \(\.\.\., N\) with the 6 channels"):
        kept.activity("w4", np.zeros(2))
    with pytest.raises(DataError, match="scalers: no uids, labels.*those of a run on recordings of worms"):
        WormChannels.from_dict({})


def test_scales_that_the_recordings_were_read_with_are_kept():
    scaled = worm_dataset(animals(), **SHORT, normalise="zscore")
    from indl_vae.data.worms import WormScalers

    again = worm_dataset(WormScalers.fit(animals()).apply(animals()), **SHORT)
    np.testing.assert_array_equal(again.worms.mean["w3"], scaled.worms.mean["w3"])
    np.testing.assert_array_equal(again.train.x, scaled.train.x)


def test_labels_that_do_not_occur_count():
    data = worm_dataset(worm_set(*(recording(f"w{i}", identity=[0, 1, 1, 0, 1]) for i in range(3))), **SHORT)
    assert data.spec.n_identities == 4 and data.n_identities == 4 and data.train.identity.max() == 1


def test_behavior_that_is_missing_is_zero():
    behavior = np.ones((60, 2))
    behavior[3:6, 1] = np.nan
    data = worm_dataset(worm_set(*(recording(f"w{i}", 60, behavior=behavior) for i in range(3))), 60)
    np.testing.assert_array_equal(data.train.ext_input[0, :8, 1], [0.5] * 3 + [0] * 3 + [0.5] * 2)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"window_T": 0}, "window_T: 0, expected a whole number from 1 up"),
        ({"stride": 1.5}, "stride: 1.5, expected a whole number from 1 up"),
        ({"seed": -1}, "seed: -1, expected a whole number from 0 up"),
        ({"gap": True}, "gap: True, expected a whole number from 0 up"),
        ({"split": "trials"}, "split: 'trials', expected one of animals, time"),
        ({"normalise": "max"}, "normalise: 'max', expected one of zscore, none"),
        ({"ignore_unlabeled": 1}, "ignore_unlabeled: 1, expected True or False"),
        ({"val_frac": 0}, "val_frac: 0, expected a share between 0 and 1"),
        ({"test_frac": 0.8}, "test_frac: 0.8, expected a share from 0 up that leaves something to train on"),
        ({"windw_T": 3}, "worms: unknown option 'windw_T', expected some of window_T.* Did you mean 'window_T'"),
    ],
)
def test_impossible_options(options, message):
    with pytest.raises(ConfigError, match=message):
        WormOptions.of(options)


def test_too_few_animals():
    with pytest.raises(DataError, match=r"worms: 2 animals, too few for 1 to validate and 1 to test.*split='time'"):
        worm_dataset(animals(2), **SHORT, test_frac=0.1)


def test_a_file_is_read_like_the_animals(tmp_path):
    worms = animals()
    write_worms(worms, tmp_path / "a.h5")
    expected = worm_dataset(worms, **SHORT, normalise="zscore", seed=3)
    found = load_dataset(tmp_path / "a", likelihood="gaussian", worms={**SHORT, "normalise": "zscore", "seed": 3})
    assert found.sha256 and found.source == str(tmp_path / "a.h5")
    for name, split in expected.splits.items():
        for field in ("x", "mask", "ext_input", "identity", "inds", "sequence"):
            np.testing.assert_array_equal(getattr(found.splits[name], field), getattr(split, field))


def test_settings_of_a_family_say_how(tmp_path):
    path = write_worms(animals(), tmp_path / "a.h5")
    settings = {**SHORT, "split": "time", "val_frac": 0.3, "test_frac": 0.2, "gap": 2, "split_seed": 5}
    params = make_params("ceneurovae", settings, normalise="zscore", ignore_unlabeled=False)
    found = load_for(params, path)
    how = {name: value for name, value in settings.items() if name != "split_seed"}
    expected = worm_dataset(load_worms(path), **how, seed=5, normalise="zscore", ignore_unlabeled=False)
    for name, split in expected.splits.items():
        np.testing.assert_array_equal(found.splits[name].x, split.x)
    assert load_for(make_params("ceneurovae", SHORT, split_seed=1), path).train.n_bins == 10
    assert load_for(make_params("lfads", likelihood="gaussian"), write_worms(animals(5, 300), path)).train.n_bins == 200


def test_new_animals_are_for_the_test(tmp_path):
    path = write_worms(animals(1), tmp_path / "a.h5")
    for splits in ("test", "present"):
        found = load_dataset(path, likelihood="gaussian", splits=splits, worms=SHORT)
        assert list(found.splits) == ["test"] and found.test.n_trials == 14
    with pytest.raises(DataError, match="worms: 1 animals, too few"):
        load_dataset(path, likelihood="gaussian", worms=SHORT)


def test_a_folder_of_the_lab(tmp_path):
    made = make_worms(n_animals=3, n_bins=60, n_classes=8)
    labels = write_lab_files(made, tmp_path)
    found = load_dataset(tmp_path, likelihood="gaussian", worms=SHORT)
    expected = worm_dataset(load_lab_worms(tmp_path, labels), **SHORT)
    np.testing.assert_array_equal(found.train.x, expected.train.x)
    np.testing.assert_array_equal(found.train.identity, expected.train.identity)
    (tmp_path / "other.json").write_text("{}")
    again = load_dataset(tmp_path, likelihood="gaussian", worms=SHORT)
    assert again.sha256 == found.sha256
    (tmp_path / "labels_old.json").write_text("{}")
    with pytest.raises(DataError, match=r"which JSON file holds the labels\? Got labels_old.json, neuropal_label.json"):
        load_dataset(tmp_path, likelihood="gaussian", worms=SHORT)


def test_what_does_not_go_together(tmp_path):
    path = write_worms(animals(), tmp_path / "a.h5")
    with pytest.raises(ConfigError, match="worms: goes with recordings of worms, got arrays; leave it out"):
        load_dataset({"train_data": np.zeros((1, 2, 3))}, worms=SHORT)
    with pytest.raises(ConfigError, match=r"dataseed: goes with trials.*recordings of worms, which the options"):
        load_dataset(path, likelihood="gaussian", dataseed=3)
    with pytest.raises(DataError, match="negative value .* under likelihood 'poisson'"):
        load_dataset(path, worms=SHORT)
    other = write_worms(animals(), tmp_path / "b.h5")
    with pytest.raises(DataError, match="holds worms, expected sessions .*put all animals into one file"):
        load_dataset([path, other], likelihood="gaussian", worms=SHORT)
