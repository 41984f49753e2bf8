from __future__ import annotations

import json

import numpy as np
import pytest

from indl_vae.data.worms import load_worm_wide_web
from indl_vae.errors import ConfigError, DataError


def web_file(folder, uid="2022-06-14-01", **changes):
    rng = np.random.default_rng(0)
    content = {
        "uid": uid,
        "max_t": 12,
        "avg_timestep": 0.01,
        "num_neurons": 3,
        "timestamp_confocal": (0.6 * np.arange(12)).tolist(),
        "velocity": rng.normal(size=12).tolist(),
        "head_curvature": rng.normal(size=12).tolist(),
        "pumping": rng.normal(size=12).tolist(),
        "trace_array": rng.normal(size=(3, 12)).tolist(),
        "trace_original": rng.normal(size=(12, 3)).tolist(),
        "labeled": {"1": {"label": "RID", "confidence": 4.0}, "3": {"label": "AVA?", "confidence": 4.0}},
        "ranges": [list(range(1, 6)), list(range(6, 13))],
    } | changes
    path = folder / f"{uid}.json"
    path.write_text(json.dumps({key: value for key, value in content.items() if value is not None}))
    return path, content


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("ranges", [[[1, 5], [6, 12]], [list(range(1, 6)), list(range(6, 13))]])
def test_an_animal_is_read(tmp_path, ranges):
    path, content = web_file(tmp_path, ranges=ranges)
    found = load_worm_wide_web([path])
    one = found.recordings["2022-06-14-01"]
    np.testing.assert_array_equal(one.x, np.array(content["trace_array"], np.float32).T)
    expected = [content[name] for name in ("velocity", "head_curvature", "pumping")]
    np.testing.assert_array_equal(one.behavior, np.array(expected, np.float32).T)
    assert found.labels == ("unknown", "RID") and one.identity.tolist() == [1, 0, 0]
    assert one.dt == pytest.approx(0.6) and one.segments == ((0, 5), (5, 12))
    assert found.behavior_names == ("velocity", "head_angle", "pumping")
    original = load_worm_wide_web([path], trace="trace_original").recordings["2022-06-14-01"]
    np.testing.assert_array_equal(original.x, np.array(content["trace_original"], np.float32))


def test_what_is_not_there_is_masked(tmp_path):
    velocity = [None, *np.ones(11)]
    path, _ = web_file(tmp_path, velocity=velocity, pumping=None, ranges=None, labeled=None, avg_timestep=None)
    with pytest.warns(UserWarning, match="2022-06-14-01: pumping: never measured"):
        one = load_worm_wide_web([path]).recordings["2022-06-14-01"]
    assert one.behavior_mask.sum(0).tolist() == [11, 12, 0] and one.behavior[0, 0] == 0
    assert one.segments == ((0, 12),) and one.dt is None and not one.identity.any()


def test_the_newer_form_holds_the_same_in_parts(tmp_path):
    path, content = web_file(tmp_path)
    older = load_worm_wide_web([path])
    take = lambda *names: {name: content[name] for name in names}  # noqa: E731
    newer = {
        "metadata": take("uid", "num_neurons"),
        "timing": {**take("timestamp_confocal", "ranges", "max_t"), "mean_timestep": 0.6},
        "behavior": take("velocity", "head_curvature", "pumping"),
        "gcamp": take("trace_array", "trace_original"),
        "label": content["labeled"],
        "encoding": {"tau_vals": [1.0]},
    }
    path.write_text(json.dumps(newer))
    found = load_worm_wide_web([path])
    ours, theirs = found.recordings["2022-06-14-01"], older.recordings["2022-06-14-01"]
    for name in ("x", "behavior", "identity", "mask"):
        np.testing.assert_array_equal(getattr(ours, name), getattr(theirs, name))
    assert ours.dt == pytest.approx(0.6) and ours.segments == theirs.segments and found.labels == older.labels
    path.write_text(json.dumps({**newer, "gcamp": {}}))
    with pytest.raises(DataError, match="json: has no trace_array"):
        load_worm_wide_web([path])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"uid": None, "trace_array": None}, "json: has no uid, trace_array, expected a file of WormWideWeb"),
        ({"trace_array": [[1, 2], [3]]}, "json: trace_array: .*expected a regular array of numbers"),
        ({"trace_array": [[1, 2], [3, 4]]}, r"json: trace_array: has shape \(2, 2\), expected one axis of 12 frames"),
        ({"velocity": [1, 2]}, "json: velocity: has 2 values, expected one for each of 12 frames"),
        ({"ranges": [3]}, r"json: ranges: expected a list of lists of frames, got \[3\]"),
        ({"ranges": [[0, 11]]}, "json: ranges: .* counted from 1 to 12"),
        ({"avg_timestep": "fast"}, "json: avg_timestep: .*expected a regular array of numbers"),
        ({"avg_timestep": -1}, "json: 2022-06-14-01: dt: -60.0, expected the seconds"),
        ({"labeled": {"0": {"label": "RID"}}}, "json: labeled: '0' is no trace, expected numbers counted from 1 to 3"),
    ],
)
def test_files_of_another_form(tmp_path, changes, message):
    path, _ = web_file(tmp_path, **changes)
    with pytest.raises(DataError, match=message):
        load_worm_wide_web([path])


def test_options_and_files_that_are_not_there(tmp_path):
    path, _ = web_file(tmp_path)
    with pytest.raises(ConfigError, match="trace: 'x', expected one of trace_array, trace_original"):
        load_worm_wide_web([path], trace="x")
    with pytest.raises(ConfigError, match="behaviors: .'speed'., expected a list of some of velocity"):
        load_worm_wide_web([path], behaviors=["speed"])
    with pytest.raises(DataError, match="none.json: cannot be read as JSON"):
        load_worm_wide_web([tmp_path / "none.json"])
    with pytest.raises(DataError, match="files: none, expected at least one"):
        load_worm_wide_web([])
