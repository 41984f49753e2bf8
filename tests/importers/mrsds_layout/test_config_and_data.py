"""Arguments, configuration, sources of data, names of files."""

from __future__ import annotations

import numpy as np
import pytest

from indl_vae.data import register_loader, write_dataset
from indl_vae.data.loaders import LOADERS as REGISTERED
from indl_vae.errors import ConfigError, RunError
from indl_vae.importers.mrsds_layout import LayoutFiles, read_arguments
from indl_vae.importers.mrsds_layout.data_source import load_source
from indl_vae.importers.mrsds_layout.run_config import read_config, seed_of
from tests.data.region_files import WRITERS, ragged
from tests.importers.mrsds_layout.tiny import arguments

WORDS = "-datapath data -resultpath out -configpath c.yaml -name my-seeds0-0-0 -k 1 -d 2"


def test_the_published_command_line():
    given = read_arguments(f"{WORDS} -gpu 1 -mtype s-svae -dataseed 3 -modelseed 4 -trainseed 5".split())
    assert (str(given.datapath), str(given.resultpath), str(given.configpath)) == ("data", "out", "c.yaml")
    assert given.shared == {"k": 1, "d": 2, "mtype": "s-svae", "dataseed": 3, "modelseed": 4, "trainseed": 5}
    assert given.device == "gpu:1" and given.name == "my-seeds0-0-0" and not given.resume and given.settings == ()


def test_defaults_and_what_was_added():
    assert read_arguments(WORDS.split()).shared == {
        "k": 1, "d": 2, "mtype": "mrsds", "dataseed": 0, "modelseed": 0, "trainseed": 0
    }  # fmt: skip
    more = "--device cpu -gpu 0 --resume --set a=1 --set training.num_steps=2 --loaders a.py"
    given = read_arguments(f"{WORDS} {more}".split())
    assert (given.device, given.resume, given.settings) == ("cpu", True, ("a=1", "training.num_steps=2"))
    assert [str(file) for file in given.loaders] == ["a.py"]
    assert read_arguments(f"{WORDS} -gpu -1".split()).device == "cpu"
    assert read_arguments(WORDS.split()).device is None


def test_arguments_that_are_missing_or_wrong(capsys):
    with pytest.raises(SystemExit):
        read_arguments("-name a -k 1".split())
    assert "required" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        read_arguments(f"{WORDS} -gpu zero".split())
    assert "invalid int value: 'zero'" in capsys.readouterr().err


def test_settings_win_over_the_file(tmp_path):
    given = arguments(tmp_path)
    settings = ("training.num_steps=9", "data.tlim=7", "training.log_steps=3", "learning_rate=0.5", "model.xz=false")
    config = read_config(given.configpath, settings)
    assert config.data["tlim"] == 7 and config.training["log_steps"] == 3 and config.settings == {"learning_rate": 0.5}
    assert config.training["save_steps"] == 4 and config.training["test_perc"] == 0.2
    assert config.training["valid_perc"] == 0.1 and not config.training["dropout"]
    params = config.params(given)
    assert (params.n_steps, params.learning_rate, params.latents_to_states) == (9, 0.5, False)
    assert (params.inference, params.n_states, params.region_latents) == ("mean_field", 2, 2)
    assert not params.tensorboard and params.seed == seed_of(1, 2)


def test_one_seed_of_two():
    assert seed_of(7, 0) == 7
    assert len({seed_of(0, 1), seed_of(0, 2), seed_of(1, 1), seed_of(1, 2), 0, 1}) == 6


@pytest.mark.parametrize(("text", "settings", "message"), [
    ("data: {tlim: 3}", (), r"data\.data_source: not there, expected the name of a loader"),
    ("data: mydata", (), "data: 'mydata', expected keys and values below it"),
    ("data: {data_source: a}\ntraining: {log_steps: 0}", (), r"training\.log_steps: 0, expected a number of steps"),
    ("data: {data_source: a}\ntraining: {save_steps: 1.5}", (), r"training\.save_steps: 1\.5, expected a number"),
    ("data: {data_source: a}\ntraining: {drop_perc: 1}", (), r"training\.drop_perc: 1, expected a share above 0"),
    ("data: {data_source: a}", ("k",), "--set k: expected KEY=VALUE"),
])  # fmt: skip
def test_configurations_that_are_refused(tmp_path, text, settings, message):
    (tmp_path / "c.yaml").write_text(text)
    with pytest.raises(ConfigError, match=message):
        read_config(tmp_path / "c.yaml", settings)


def load(folder, source, *settings, **changes):
    given = arguments(folder, **changes)
    config = read_config(given.configpath, (f"data.data_source={source}", *settings))
    return load_source(given, config, config.params(given))


def test_a_loader_gets_what_it_takes(tmp_path, monkeypatch):
    monkeypatch.setattr(REGISTERED, "_objects", dict(REGISTERED._objects))
    monkeypatch.setattr(REGISTERED, "_index", dict(REGISTERED._index))
    got = {}

    @register_loader("mine")
    def load_mine(datapath, n=3, **more):
        got.update(datapath=datapath, n=n, **more)
        ys, us = ragged(n)
        return ys, us, [3, 2], 2

    with pytest.warns(UserWarning, match=r"data\.inputs: 1, but the data have 2 external inputs"):
        dataset = load(tmp_path, "mine", "data.n=20", "data.history=true", "data.tlim=null", dataseed=5)
    assert got == {"datapath": str(tmp_path), "n": 20, "history": True, "dataseed": 5}
    drawn = np.random.RandomState(5).choice(20, 16, replace=False)
    assert set(dataset.test.inds) == set(range(20)) - set(drawn)
    path = tmp_path / "my_loaders.py"
    with pytest.warns(UserWarning, match=r"load_mydata does not take history; without effect"):
        assert load(tmp_path, f"{path}:load_mydata", "data.history=1").spec.n_bins == 12


def test_a_file_registers_loaders(tmp_path, monkeypatch):
    monkeypatch.setattr(REGISTERED, "_objects", dict(REGISTERED._objects))
    monkeypatch.setattr(REGISTERED, "_index", dict(REGISTERED._index))
    more = tmp_path / "more.py"
    more.write_text(
        "import numpy as np\nfrom indl_vae.data import register_loader\n"
        "@register_loader('of-a-file')\ndef load():\n"
        "    x = np.random.default_rng(0).normal(size=(20, 12, 4))\n    return x, x[..., :1], [2, 2], 2\n"
    )
    assert load(tmp_path, "of-a-file", loaders=(more,)).region_sizes == (2, 2)


@pytest.mark.parametrize(
    ("name", "dims"), [("double-well-2smoothnew", 2), ("double-well-2smoothnew2b", 2), ("lv-multiswitch2", 1)]
)
def test_published_simulations(tmp_path, name, dims):
    sizes = ("data.n_train=3", "data.n_valid=2", "data.n_test=2", "data.n_bins=30", f"data.inputs={dims}")
    first, other = (load(tmp_path, name, *sizes, dataseed=seed) for seed in (0, 1))
    assert first.region_sizes == (50, 50) and first.train.n_trials == 3 and first.spec.ext_input_dim == dims
    assert not np.array_equal(first.train.x, other.train.x)


@pytest.mark.parametrize("name", WRITERS)
def test_files_of_trials(tmp_path, name):
    WRITERS[name](tmp_path / name, *ragged())
    dataset = load(tmp_path, name.rsplit(".", 1)[0], "data.tlim=null", "data.inputs=2", dataseed=4)
    drawn = np.random.RandomState(4).choice(20, 16, replace=False)
    assert set(dataset.test.inds) == set(range(20)) - set(drawn) and dataset.region_sizes == (3, 2)


def test_files_with_splits_are_taken_as_they_are(tmp_path):
    arrays = {f"{split}_data": np.random.default_rng(0).normal(size=(3, 5, 2)) for split in ("train", "valid")}
    write_dataset(arrays, tmp_path / "x.h5")
    dataset = load(tmp_path, "x", "data.inputs=0")
    assert list(dataset.splits) == ["train", "valid"] and dataset.train.n_trials == 3
    assert load(tmp_path, "whatever", "data.inputs=0", datapath=tmp_path / "x.h5").train.n_trials == 3
    np.save(tmp_path / "y.npy", np.random.default_rng(0).normal(size=(20, 5, 2)))
    assert load(tmp_path, "y", "data.inputs=0").train.n_trials == 16
    with pytest.raises(ConfigError, match=r"data\.data_source: 'nothing', expected a loader \(.*\), module:function"):
        load(tmp_path, "nothing")


@pytest.mark.parametrize("name", ["", "a/b", "..", "."])
def test_names_that_are_none(tmp_path, name):
    with pytest.raises(ConfigError, match="expected a name without folders"):
        LayoutFiles(tmp_path, name)


def test_the_run_of_a_log(tmp_path):
    for name in ("a-seeds0-0-0", "b-seeds0-0-0", "b-seeds1-0-0", "c"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "params.yaml").touch()
    named = {"a-seeds0-0-0": "a-seeds0-0-0", "a": "a-seeds0-0-0", "b-seeds1-0-0": "b-seeds1-0-0", "c-seeds9-9-9": "c"}
    for log, name in named.items():
        assert LayoutFiles.of_log(tmp_path / f"{log}-log.txt").name == name
    with pytest.raises(RunError, match=r"several runs could be meant \(b-seeds0-0-0, b-seeds1-0-0\)"):
        LayoutFiles.of_log(tmp_path / "b-log.txt")
    with pytest.raises(RunError, match="no run of that name lies beside it"):
        LayoutFiles.of_log(tmp_path / "d-log.txt")
    with pytest.raises(RunError, match="expected the text log of a run, a name that ends in -log.txt"):
        LayoutFiles.of_log(tmp_path / "a.txt")
