from __future__ import annotations

import json

import h5py
import numpy as np
import pytest

from indl_vae.data.worms import load_lab_worms
from indl_vae.data.worms.lab_file import TRACES
from indl_vae.errors import ConfigError, DataError

N, T = 6, 40
UID = "2022-06-14-01"


def lab_file(folder, uid=UID, n_neurons=N, n_frames=T, julia=True, **changes):
    """Writes an animal as Julia does (time first from here), or the other way round."""
    rng = np.random.default_rng(int(uid[-2:]))
    arrays = {f"gcamp/{name}": rng.normal(size=(n_frames, n_neurons)) for name in TRACES}
    arrays |= {f"behavior/{name}": rng.normal(size=n_frames) for name in ("velocity", "head_angle", "pumping")}
    arrays["behavior/angular_velocity"] = rng.normal(size=n_frames)
    arrays["timing/timestamp_confocal"] = 0.6 * np.arange(n_frames) + 30.0 * (np.arange(n_frames) >= 25)
    arrays["gcamp/idx_splits"] = np.array([[1, 26], [25, n_frames]])
    with h5py.File(folder / f"{uid}-data.h5", "w") as file:
        for key, value in (arrays | changes).items():
            if value is not None:
                file[key] = value if julia else value.T
    return arrays


def label_file(folder, **animals):
    path = folder / "labels.json"
    data = {uid.replace("_", "-"): {"roi_to_neuron": entries, "neuron_to_roi": {}} for uid, entries in animals.items()}
    path.write_text(json.dumps({"data": data}))
    return path


def entry(label, confidence=4.0):
    return {"label": label, "neuron_class": label[:3], "roi_id": [3], "confidence": confidence}


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(("julia", "n_neurons"), [(True, N), (False, N), (True, T)])
def test_an_animal_is_read_either_way_round(tmp_path, julia, n_neurons):
    arrays = lab_file(tmp_path, julia=julia, n_neurons=n_neurons)
    one = load_lab_worms(tmp_path).recordings[UID]
    np.testing.assert_array_equal(one.x, arrays["gcamp/trace_array"].astype(np.float32))
    for column, name in enumerate(("velocity", "head_angle", "pumping")):
        np.testing.assert_array_equal(one.behavior[:, column], arrays[f"behavior/{name}"].astype(np.float32))
    assert one.segments == ((0, 25), (25, T)) and one.dt == pytest.approx(0.6)
    assert not one.identity.any() and one.mask.min() == one.behavior_mask.min() == 1
    np.testing.assert_array_equal(one.extras["time"], arrays["timing/timestamp_confocal"])


def test_traces_and_frames_count_from_1(tmp_path):
    lab_file(tmp_path)
    lab_file(tmp_path, "2022-06-14-07", n_neurons=4)
    lab_file(tmp_path, "2022-06-14-09")
    labels = label_file(
        tmp_path,
        **{
            UID: {"1": entry("RID"), "6": [entry("AVAL")], "2": entry("AVA?"), "3": entry("SMDVL", 2.0)},
            "2022-06-14-07": {"4": entry("AVAL", 3.5), "2": entry("AVAL", 5.0), "1": entry("ADEL", 3.0)},
            "not-there": {"999": entry("X")},
        },
    )
    found = load_lab_worms(tmp_path, labels)
    assert found.labels == ("unknown", "ADEL", "AVAL", "RID")
    assert [one.identity.tolist() for one in found.recordings.values()] == [[3, 0, 0, 0, 0, 2], [1, 2, 0, 0], [0] * 6]
    strict = load_lab_worms(tmp_path, labels, min_confidence=4.0, labels=["RID", "AVAL"])
    assert strict.labels == ("unknown", "RID", "AVAL")
    assert [one.identity.tolist() for one in strict.recordings.values()] == [[1, 0, 0, 0, 0, 2], [0, 2, 0, 0], [0] * 6]


def test_behaviours_are_divided_by_the_published_deviations(tmp_path):
    arrays = [lab_file(tmp_path), lab_file(tmp_path, "2022-06-14-02")]
    found = load_lab_worms(tmp_path, behaviors=["pumping", "velocity", "head_curvature", "angular_velocity"])
    assert found.behavior_names == ("pumping", "velocity", "head_angle", "angular_velocity")
    turns = np.concatenate([some["behavior/angular_velocity"] for some in arrays])
    np.testing.assert_allclose(found.behavior_divisor, [1.2772001, 0.06030961, 0.49429039, turns.std()], rtol=1e-6)


def test_the_sign_of_the_head(tmp_path):
    arrays = {uid: lab_file(tmp_path, uid) for uid in ("a-01", "a-02")}
    names = ["velocity", "head_angle", "angular_velocity"]
    found = load_lab_worms(tmp_path, behaviors=names, theta_h_pos_is_ventral={"a-01": True, "a-02": False})
    for uid, signs in (("a-01", [1, -1, -1]), ("a-02", [1, 1, 1])):
        expected = np.stack([sign * arrays[uid][f"behavior/{n}"] for sign, n in zip(signs, names, strict=True)], 1)
        np.testing.assert_array_equal(found.recordings[uid].behavior, expected.astype(np.float32))


def test_missing_pumping_is_masked(tmp_path):
    lab_file(tmp_path, **{"behavior/pumping": None})
    lab_file(tmp_path, "2022-06-14-02")
    with pytest.warns(UserWarning, match=f"^{UID}: pumping: never measured, masked throughout") as told:
        found = load_lab_worms(tmp_path)
    assert len(told) == 1
    assert found.recordings[UID].behavior_mask.mean(0).tolist() == [1, 1, 0]
    assert not found.recordings[UID].behavior[:, 2].any() and found.recordings["2022-06-14-02"].behavior_mask.all()


def test_other_arrays_of_activity_and_no_segments(tmp_path):
    arrays = lab_file(tmp_path, **{"gcamp/idx_splits": None})
    for name in TRACES:
        one = load_lab_worms(tmp_path, trace=name).recordings[UID]
        np.testing.assert_array_equal(one.x, arrays[f"gcamp/{name}"].astype(np.float32))
    assert one.segments == ((0, T),)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"gcamp/trace_array": None},
            r"01-data.h5: has no gcamp/trace_array \(gcamp: idx_splits, trace_array_original,",
        ),
        ({"timing/timestamp_confocal": None}, r"data.h5: has no timing/timestamp_confocal \(timing: no such group\)"),
        (
            {"gcamp/trace_array": np.ones((39, 6))},
            r"data.h5: gcamp/trace_array: has shape \(39, 6\), expected one axis of 40 frames and one of any number",
        ),
        ({"behavior/velocity": np.ones(39)}, "data.h5: behavior/velocity: has 39 values, expected one for each of 40"),
        ({"gcamp/idx_splits": np.array([[0, 40]])}, "data.h5: gcamp/idx_splits: .* counted from 1 to 40"),
        ({"timing/timestamp_confocal": np.zeros(T)}, "data.h5: timing/timestamp_confocal: does not rise, expected"),
        ({"behavior/velocity": np.full(T, np.inf)}, f"data.h5: {UID}: behavior: is infinite in frame 0, column 0"),
    ],
)
def test_files_that_do_not_fit_together(tmp_path, changes, message):
    lab_file(tmp_path, **changes)
    with pytest.raises(DataError, match=message):
        load_lab_worms(tmp_path)


def test_options_and_files_that_are_not_there(tmp_path):
    with pytest.raises(DataError, match=r"no file \*-data.h5, expected a folder with one for each animal"):
        load_lab_worms(tmp_path)
    lab_file(tmp_path)
    with pytest.raises(ConfigError, match="trace: 'traces', expected one of trace_array, trace_array_original"):
        load_lab_worms(tmp_path, trace="traces")
    for names in (["speed"], [], "velocity"):
        with pytest.raises(ConfigError, match="behaviors: .*, expected a list of some of velocity, head_angle"):
            load_lab_worms(tmp_path, behaviors=names)


def test_a_file_cut_short(tmp_path):
    lab_file(tmp_path)
    file = tmp_path / f"{UID}-data.h5"
    whole = file.read_bytes()
    for share in (0.0, 0.3, 0.9):
        file.write_bytes(whole[: int(share * len(whole))])
        with pytest.raises(DataError, match=r"01-data.h5: .*(cannot be read|is empty)"):
            load_lab_worms(tmp_path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "labels.json: cannot be read as JSON .*copy the file again"),
        ('{"data": {"2022', "labels.json: cannot be read as JSON"),
        ("[" * 100_000, "labels.json: cannot be read as JSON"),
        ("[1]", "labels.json: holds a list, expected a JSON object"),
        ('{"labels": {}}', "labels.json: expected {'data': {<uid>: {'roi_to_neuron': ...}}}; is it the file of labels"),
        ('{"data": {"2022-06-14-01": 3}}', "labels.json: expected {'data'"),
        (
            '{"data": {"2022-06-14-01": {"roi_to_neuron": {"7": {"label": "A", "confidence": 4}}}}}',
            "labels.json: 2022-06-14-01: '7' is no trace, expected numbers counted from 1 to 6",
        ),
    ],
)
def test_labels_of_another_form(tmp_path, text, message):
    lab_file(tmp_path)
    (tmp_path / "labels.json").write_text(text)
    with pytest.raises(DataError, match=message):
        load_lab_worms(tmp_path, tmp_path / "labels.json")
    with pytest.raises(DataError, match="none.json: cannot be read as JSON"):
        load_lab_worms(tmp_path, tmp_path / "none.json")
