import warnings

import numpy as np
import pytest

from indl_vae.data.synthetic.worms import make_worms
from indl_vae.data.worms import write_worms
from indl_vae.errors import ConfigError, DataError
from indl_vae.families.ceneurovae.compat import build_loaders, import_h5
from tests.families.ceneurovae.compat_cases import made_datasets


def starts(batches):
    return [(one["uid"], one["t_start"]) for batch in batches for one in batch["meta"]]


def test_a_file_becomes_the_published_dicts(tmp_path):
    worms = make_worms(n_animals=2, n_bins=30, n_classes=6).worms
    datasets, labels = import_h5(write_worms(worms, tmp_path / "worms.h5"))
    assert list(datasets) == ["worm-01", "worm-02"]
    assert labels == ["unknown", *(f"N{k:03d}" for k in range(1, 7))]
    found, recording = datasets["worm-02"], worms.recordings["worm-02"]
    np.testing.assert_array_equal(found["X"], recording.x.T)
    np.testing.assert_array_equal(found["M"], recording.mask.T)
    np.testing.assert_allclose(found["Bx"], (recording.behavior / worms.behavior_divisor).T, rtol=1e-6)
    np.testing.assert_array_equal(found["I"], recording.identity)
    assert found["uid"] == "worm-02" and found["segments"].tolist() == [[0, 15], [15, 30]]
    np.testing.assert_allclose(found["time"], recording.extras["time"])  # what else there is comes along


def test_windows_are_cut_and_filled_up_as_published():
    datasets = made_datasets(n_frames=20)
    train, val, train_uids, val_uids = build_loaders(datasets, window_T=8, stride=5, batch_size=4)
    assert sorted(train_uids + val_uids) == sorted(datasets) and len(val_uids) == 1
    # starts 0, 5 and 10; what is left at the end is lost
    assert sorted(starts(train)) == [(uid, start) for uid in sorted(train_uids) for start in (0, 5, 10)]
    assert len(train) == 3 and len(val) == 1
    for batch in train:
        assert batch["X"].shape == batch["M"].shape == (4, train.n_neurons, 8)
        assert batch["Bx"].shape == (4, 2, 8)
        for row, meta in enumerate(batch["meta"]):
            animal, frames = datasets[meta["uid"]], slice(meta["t_start"], meta["t_start"] + 8)
            kept = np.flatnonzero(animal["I"])  # identity 0 is left out
            np.testing.assert_allclose(batch["X"][row, : len(kept)], animal["X"][kept, frames], rtol=1e-6)
            np.testing.assert_allclose(batch["Bx"][row], animal["Bx"][:, frames], rtol=1e-6)
            assert batch["I"][row].tolist() == [*animal["I"][kept], *[0] * (train.n_neurons - len(kept))]
            assert batch["M"][row].sum() == len(kept) * 8


def test_unlabelled_neurons_stay_if_wanted():
    datasets = made_datasets()
    some, every = (build_loaders(datasets, 8, 5, ignore_unlabeled=ignored)[0].n_neurons for ignored in (True, False))
    assert every == some + 1


def test_loaders_are_gone_through_again_in_an_order_of_their_own():
    datasets = made_datasets(n_frames=60)

    def passes(seed):
        train, val, _, _ = build_loaders(datasets, 8, 4, batch_size=4, seed=seed)
        return [starts(train), starts(train)], [starts(val), starts(val)]

    trained, validated = passes(0)
    np.random.seed(99)  # nothing outside plays a part
    assert passes(0) == (trained, validated)
    assert trained[0] != trained[1] and sorted(trained[0]) == sorted(trained[1])
    assert validated[0] == validated[1] == sorted(validated[0])


def test_windows_stay_within_segments():
    datasets = {uid: {**one, "segments": [(0, 9), (9, 20)]} for uid, one in made_datasets().items()}
    train = build_loaders(datasets, window_T=8, stride=2)[0]
    assert {start for _, start in starts(train)} == {0, 9, 11}


def test_a_mask_may_be_missing():
    datasets = made_datasets()
    del datasets["w0"]["M"], datasets["w1"]["M"], datasets["w2"]["M"]
    train = build_loaders(datasets, 8, 5)[0]
    assert all(np.isin(batch["M"], (0, 1)).all() for batch in train)


def test_options_of_another_framework_are_taken_without_a_word():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        build_loaders(made_datasets(), 8, 5, num_workers=4, pin_memory=True)


def test_a_recording_that_is_too_short_is_named():
    datasets = made_datasets()
    uid = build_loaders(datasets, 8, 5)[2][0]
    datasets[uid] |= {"X": datasets[uid]["X"][:, :6], "M": datasets[uid]["M"][:, :6], "Bx": datasets[uid]["Bx"][:, :6]}
    with pytest.warns(UserWarning, match=rf"{uid}: segments of 6 \(0 to 5\) frames are too short for a window of 8"):
        build_loaders(datasets, 8, 5)


@pytest.mark.filterwarnings("ignore:w")
def test_no_window_at_all():
    with pytest.raises(DataError, match=r"window_T: no animal has a labelled neuron and a segment of 50 frames"):
        build_loaders(made_datasets(), window_T=50)


@pytest.mark.parametrize("size", [0, 2.5, True])
def test_sizes_that_are_none(size):
    with pytest.raises(ConfigError, match=rf"batch_size: expected a number of windows from 1 up, got {size}"):
        build_loaders(made_datasets(), 8, 5, batch_size=size)


def test_one_animal_cannot_be_divided():
    with pytest.raises(DataError, match=r"uids: 1 animals, of which 1 would validate"):
        build_loaders(made_datasets(n_animals=1), 8, 5)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"Bx": None}, r"w0: has no Bx, expected X \(N, T\), Bx \(Tb, T\) and I \(N,\) of an animal"),
        ({"Bx": np.zeros((20, 2))}, r"w0: Bx: has shape \(20, 2\), expected \(rows, frames\) with the frames of X"),
        ({"X": np.zeros(20)}, r"w0: X: has shape \(20,\), expected \(rows, frames\)"),
        ({"I": np.zeros(9)}, r"w0: identity: has shape \(9,\), expected \(3,\)"),
    ],
)
def test_animals_whose_arrays_do_not_fit(change, message):
    datasets = made_datasets()
    datasets["w0"] |= change
    with pytest.raises(DataError, match=message):
        build_loaders(datasets, 8, 5)
