from __future__ import annotations

import h5py
import numpy as np
import pytest

from indl_vae.data.worms import load_worms, write_worms
from indl_vae.data.worms.label_list import labels_with_unknown
from indl_vae.errors import DataError
from tests.data.worms.worm_sets import assert_equal_sets, recording, worm_set


def peer_file(path, transposed=False, labels=("unknown", "x", "y", "z"), n_frames=7, n_neurons=4, **changes):
    """Writes a file as the other package reads it, which holds nothing more."""
    rng = np.random.default_rng(0)
    x, b = rng.normal(size=(n_neurons, n_frames)), rng.normal(size=(2, n_frames))
    m = (rng.random(x.shape) < 0.8).astype(float)
    arrays = {"X": x, "B": b, "I": np.arange(n_neurons) * (np.arange(n_neurons) < 4), "M": m}
    turned = {key: value.T if transposed and value.ndim == 2 else value for key, value in arrays.items()}
    with h5py.File(path, "w") as file:
        file["B_norm_divisor"] = np.array([0.5, 2.0])
        file["label_name"] = list(labels)
        for key, value in (turned | changes).items():
            if value is not None:
                file[f"data/worm/{key}"] = value
    return arrays


@pytest.mark.filterwarnings("ignore:.*never measured")
def test_round_trip(tmp_path):
    x = np.random.default_rng(3).normal(size=(30, 5))
    x[4, 2] = np.nan
    behavior = np.ones((30, 2))
    behavior[5:, 0] = np.nan
    behavior[:, 1] = np.nan
    kept = {"scaler_mean": np.arange(5.0), "time": np.arange(30.0)}
    worms = worm_set(
        recording("2022-06-14-01", x=x, behavior=behavior, segments=[(0, 12), (13, 30)], dt=0.6, extras=kept),
        recording("2022-06-14-07", n_neurons=3, n_frames=20),
        recording("none-left", segments=()),
    )
    path = write_worms(worms, tmp_path / "worms.h5")
    assert_equal_sets(load_worms(path), worms)
    with h5py.File(path) as file:
        assert file["label_name"].asstr()[0] == "unknown" and len(file["label_name"]) == 4
        group = file["data/2022-06-14-01"]
        assert group["X"].shape == (5, 30) and group["B"].shape == (2, 30) and group["M"].shape == (5, 30)
        assert np.isfinite(group["X"]).all() and group["M"][2, 4] == 0 and np.isnan(group["B"][1]).all()


def test_an_identity_that_stands_twice_is_named_and_kept(tmp_path):
    peer_file(tmp_path / "w.h5", I=np.array([0, 2, 0, 2]))
    with pytest.warns(UserWarning, match="w.h5: worm: several neurons are labelled y; they are kept"):
        one = load_worms(tmp_path / "w.h5").recordings["worm"]
    assert one.identity.tolist() == [0, 2, 0, 2]


@pytest.mark.parametrize("transposed", [False, True])
@pytest.mark.parametrize(("n_frames", "n_neurons"), [(7, 4), (4, 7), (6, 6), (2, 4), (4, 2)])
def test_either_way_round(tmp_path, transposed, n_frames, n_neurons):
    arrays = peer_file(tmp_path / "w.h5", transposed, n_frames=n_frames, n_neurons=n_neurons)
    found = load_worms(tmp_path / "w.h5")
    one = found.recordings["worm"]
    np.testing.assert_array_equal(one.mask, arrays["M"].T)
    np.testing.assert_array_equal(one.x, (arrays["X"] * arrays["M"]).T.astype(np.float32))
    np.testing.assert_array_equal(one.behavior, arrays["B"].T.astype(np.float32))
    np.testing.assert_array_equal(found.scaled_behavior("worm"), (one.behavior / np.array([0.5, 2.0], np.float32)))


def test_without_a_mask_all_is_recorded(tmp_path):
    peer_file(tmp_path / "w.h5", M=None, extra=np.arange(3), note="text is not read")
    one = load_worms(tmp_path / "w.h5").recordings["worm"]
    assert one.mask.min() == 1 and one.segments == ((0, 7),) and one.dt is None
    assert set(one.extras) == {"extra"} and one.extras["extra"].tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    ("names", "highest", "expected"),
    [
        (["unknown", "a", "b"], 2, ("unknown", "a", "b")),
        (["unknown", "a", "b"], 1, ("unknown", "a", "b")),
        (["UNKNOWN", "a"], 1, ("unknown", "a")),
        (["?", "a"], 0, ("unknown", "a")),
        (["a", "b"], 2, ("unknown", "a", "b")),
        (["a", "b", "c"], 1, ("unknown", "a", "b", "c")),
    ],
)
@pytest.mark.filterwarnings("error")
def test_labels_with_or_without_unknown(names, highest, expected):
    assert labels_with_unknown(names, highest, "f") == expected


def test_labels_that_do_not_say():
    with pytest.warns(UserWarning, match="f: 'a' comes first and the highest identity is 2 of 3 names; taken to start"):
        assert labels_with_unknown(["a", "b", "c"], 2, "f") == ("unknown", "a", "b", "c")
    for names in (["a", "b"], ["unknown", "a", "b"]):
        with pytest.raises(DataError, match=f"f: has {len(names)} names, but there is an identity 3; expected a name"):
            labels_with_unknown(names, 3, "f")


def test_labels_of_a_file_without_unknown(tmp_path):
    peer_file(tmp_path / "w.h5", labels=("x", "y", "z"))
    assert load_worms(tmp_path / "w.h5").labels == ("unknown", "x", "y", "z")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"X": None}, "w.h5: data/worm: has no X, expected X, B and I of an animal"),
        ({"X": np.ones((3, 7))}, r"w.h5: data/worm/X: has shape \(3, 7\), expected one axis of 4 neurons, the length"),
        ({"B": np.ones((2, 6))}, r"w.h5: data/worm/B: has shape \(2, 6\), expected one axis of 7 frames and one of 2"),
        ({"B": np.ones((3, 7))}, r"w.h5: data/worm/B: has shape \(3, 7\), expected one axis of 7 frames and one of 2"),
        ({"M": np.ones((4, 6))}, r"w.h5: data/worm/M: has shape \(4, 6\), expected one axis of 7 frames and one of 4"),
        ({"M": np.full((4, 7), 2)}, "w.h5: worm: mask of x: expected 1 where there is a value"),
        ({"I": np.full(4, 9)}, "w.h5: label_name: has 4 names, but there is an identity 9"),
        ({"I": np.array([b"a"] * 4)}, "w.h5: data/worm/I: has type .S1, expected numbers"),
        ({"segments": np.array([[0, 8]])}, "w.h5: worm: segments: .* within the 7 frames"),
        ({"segments": np.arange(3)}, r"w.h5: data/worm/segments: has shape \(3,\), expected first frames and ends"),
        (
            {"segments": np.ones((2, 4))},
            r"w.h5: data/worm/segments: has shape \(2, 4\), expected first frames and ends",
        ),
        ({"dt": np.ones(3)}, "w.h5: data/worm/dt: has 3 numbers, expected one, in seconds"),
    ],
)
def test_arrays_that_do_not_fit_together(tmp_path, changes, message):
    peer_file(tmp_path / "w.h5", **changes)
    with pytest.raises(DataError, match=message):
        load_worms(tmp_path / "w.h5")


def test_a_divisor_of_zero(tmp_path):
    peer_file(tmp_path / "w.h5")
    with h5py.File(tmp_path / "w.h5", "r+") as file:
        file["B_norm_divisor"][0] = 0.0
    with pytest.raises(DataError, match=r"w.h5: behavior_divisor: \[0.0, 2.0\], expected 2 numbers above 0"):
        load_worms(tmp_path / "w.h5")


def test_files_of_another_kind(tmp_path):
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["train_data"] = np.ones((2, 3, 4))
    with pytest.raises(
        DataError, match="other.h5: has train_data, expected B_norm_divisor, label_name, data .*load_lab"
    ):
        load_worms(tmp_path / "other.h5")
    (tmp_path / "text.h5").write_text("no HDF5")
    with pytest.raises(DataError, match=r"text.h5: cannot be read \(OSError.*expected a complete HDF5 file"):
        load_worms(tmp_path / "text.h5")
    with pytest.raises(DataError, match="none.h5: no such file"):
        load_worms(tmp_path / "none.h5")
    peer_file(tmp_path / "w.h5")
    with h5py.File(tmp_path / "w.h5", "r+") as file:
        del file["label_name"]
        file["label_name"] = np.arange(4)
    with pytest.raises(DataError, match="w.h5: label_name: expected a list of text"):
        load_worms(tmp_path / "w.h5")


def test_links_to_other_files_are_refused(tmp_path):
    peer_file(tmp_path / "w.h5", X=None)
    peer_file(tmp_path / "other.h5")
    with h5py.File(tmp_path / "w.h5", "r+") as file:
        file["data/worm/X"] = h5py.ExternalLink("other.h5", "data/worm/X")
    with pytest.raises(DataError, match="w.h5: data/worm/X: is a link to another file"):
        load_worms(tmp_path / "w.h5")


def test_a_group_of_another_file_is_refused_before_it_is_looked_for(tmp_path):
    peer_file(tmp_path / "w.h5")
    with h5py.File(tmp_path / "w.h5", "r+") as file:
        del file["data"]
        file["data"] = h5py.ExternalLink("other.h5", "data")
    with pytest.raises(DataError, match="w.h5: data: is a link to another file .other.h5., which is not followed"):
        load_worms(tmp_path / "w.h5")


def test_a_file_cut_short(tmp_path):
    whole = write_worms(worm_set(recording("a"), recording("b")), tmp_path / "w.h5").read_bytes()
    for share in (0.2, 0.5, 0.9, 0.99):
        (tmp_path / "cut.h5").write_bytes(whole[: int(share * len(whole))])
        with pytest.raises(DataError, match=r"cut.h5: .*(cannot be read|damaged)"):
            load_worms(tmp_path / "cut.h5")
