"""Loaders of users: found by name or by place, and what they return."""

from __future__ import annotations

import numpy as np
import pytest

from indl_vae.data import Dataset, dataset_of_regions, load_by_name, register_loader
from indl_vae.data.loaders import LOADERS, import_file
from indl_vae.errors import ConfigError, DataError
from tests.data.region_files import ragged

SOURCE = """
import numpy as np
from indl_vae.data import register_loader

@register_loader("{name}")
def load_mydata(n=4):
    return [np.ones((3 + i, 5)) for i in range(n)], None, [3, 2], 2
"""


@pytest.fixture
def registered(monkeypatch):
    """A registry whose entries are gone after the test."""
    monkeypatch.setattr(LOADERS, "_objects", dict(LOADERS._objects))
    monkeypatch.setattr(LOADERS, "_index", dict(LOADERS._index))
    return register_loader


def test_a_registered_loader(registered):
    ys, us = ragged()

    @registered("mydata")
    def load_mydata(scale=1.0):
        return [scale * y for y in ys], us, [3, 2], 2

    made = load_by_name("MyData", scale=2.0)
    assert made.num_regions == 2 and made.region_sizes == (3, 2)
    dataset = dataset_of_regions(made.ys, made.us, made.region_sizes, seed=1)
    assert isinstance(dataset, Dataset) and dataset.region_sizes == (3, 2)
    np.testing.assert_array_equal(dataset.train.x[0, :4], np.float32(2.0 * ys[dataset.train.inds[0]][:4]))
    with pytest.raises(ConfigError, match="data loader 'mydata' is registered twice"):
        registered("mydata")(load_mydata)
    with pytest.raises(ConfigError, match="unknown data loader 'mydta': .*Did you mean 'mydata'"):
        load_by_name("mydta")
    with pytest.raises(ConfigError, match=r"loader mydata: does not take these options .*'size'.* got size; its arg"):
        load_by_name("mydata", size=3)
    with pytest.raises(ConfigError, match="loader 'a:b': expected a name without a colon"):
        registered("a:b")


def test_a_loader_in_a_file_is_imported_once(tmp_path, registered):
    path = tmp_path / "mine.py"
    path.write_text(SOURCE.format(name="from-a-file"))
    assert len(load_by_name(f"{path}:load_mydata").ys) == 4
    assert len(load_by_name(f"{path}:load_mydata", n=6).ys) == 6
    assert len(load_by_name("from-a-file").ys) == 4
    assert import_file(path) is import_file(path)
    with pytest.raises(ConfigError, match=r"mine\.py has no function 'load_mydta'\. Did you mean 'load_mydata'"):
        load_by_name(f"{path}:load_mydta")
    with pytest.raises(ConfigError, match=r"other\.py: no such file; expected a \.py file with a loader"):
        load_by_name(f"{tmp_path}/other.py:load")


def test_a_file_that_fails_is_tried_again(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text("raise KeyError('mine')")
    with pytest.raises(KeyError, match="mine"):
        import_file(path)
    path.write_text("def load(): return [[[1.0]]], None, [1], 1")
    assert load_by_name(f"{path}:load").num_regions == 1


def test_a_loader_in_a_module(tmp_path, monkeypatch):
    (tmp_path / "loaders_of_a_test.py").write_text(SOURCE.format(name="in-a-module").replace("@", "# @"))
    (tmp_path / "needs_what_is_not_there.py").write_text("import nowhere_to_be_found")
    monkeypatch.syspath_prepend(tmp_path)
    assert len(load_by_name("loaders_of_a_test:load_mydata", n=3).ys) == 3
    with pytest.raises(ConfigError, match="no module 'no_such_module'; expected module:function"):
        load_by_name("no_such_module:load")
    with pytest.raises(ModuleNotFoundError, match="nowhere_to_be_found"):
        load_by_name("needs_what_is_not_there:load")


YS, US = ragged(3)


@pytest.mark.parametrize(("made", "message"), [
    ((YS, US, [3, 2]), r"loader bad: returned 3 values, expected the four of \(ys, us, region_sizes, num_regions\)"),
    (YS, "loader bad: returned list, expected the four"),
    ((YS, US, None, 1), "returned no region_sizes or num_regions; a single region is"),
    ((YS, US, [3, 2], 3), r"num_regions: 3, expected 2, the number of region_sizes \[3, 2\]"),
    ((YS, US, [3, 3], 2), "region_sizes: .*add up to the 5 channels"),
    ((YS, US, [5, 0], 2), "region_sizes: .*expected whole numbers from 1 up"),
    ((YS, US, ["a"], 1), r"region_sizes: \['a'\], expected a list of numbers of channels"),
    ((YS, US, [], 0), r"region_sizes: \[\], expected whole numbers"),
    ((YS, US[:2], [3, 2], 2), "us: has 2 trials, ys has 3"),
    ((YS, [u[1:] for u in US], [3, 2], 2), "us: trial 0 has .* give an input for every bin"),
    (([], None, [3, 2], 2), "ys: no trials; expected at least one"),
    (([np.ones(4)], None, [1], 1), r"ys: trial 0: has shape \(4,\) and type float64, expected numbers"),
    (([np.ones((0, 5))], None, [5], 1), r"ys: trial 0: has shape \(0, 5\), expected at least one bin"),
    (([[[1.0], [1.0, 2.0]]], None, [1], 1), "ys: trial 0: is no regular array"),
    (([np.array([["a"]])], None, [1], 1), "ys: trial 0: has shape .* expected numbers"),
    ((3.0, None, [1], 1), "ys: is a float, expected a list of trials"),
])  # fmt: skip
def test_what_a_loader_may_not_return(registered, made, message):
    registered("bad")(lambda: made)
    with pytest.raises(DataError, match=message):
        load_by_name("bad")


def test_arrays_and_counts():
    counts = np.random.default_rng(0).poisson(2.0, (12, 6, 4))
    dataset = dataset_of_regions(counts, None, [2, 1], 0.25, 0.25, seed=5, likelihood="poisson", bin_width_s=0.02)
    drawn = np.random.RandomState(5).choice(12, 9, replace=False)
    assert set(dataset.train.inds) == set(drawn[:6]) and set(dataset.valid.inds) == set(drawn[6:])
    np.testing.assert_array_equal(dataset.train.x, counts[dataset.train.inds][..., :3])
    assert dataset.train.mask is None and dataset.bin_width_s == 0.02 and dataset.spec.region_sizes == (2, 1)


def test_bad_options_and_values():
    ys, us = ragged()
    with pytest.raises(ConfigError, match="test_perc: 2, expected a share"):
        dataset_of_regions(ys, us, [3, 2], test_perc=2)
    with pytest.raises(DataError, match="train_data: non-integer value|negative value"):
        dataset_of_regions(ys, us, [3, 2], likelihood="poisson")


def test_from_arrays_takes_region_sizes():
    x = np.random.default_rng(0).normal(size=(4, 5, 3))
    made = Dataset.from_arrays(x, x[:2], likelihood="gaussian", region_sizes=[1, 2])
    assert made.region_sizes == (1, 2)
    with pytest.raises(DataError, match=r"memory: region_sizes: \[1, 1\], expected positive sizes that sum to 3"):
        Dataset.from_arrays(x, likelihood="gaussian", region_sizes=[1, 1])
