"""`indl-vae pbt`: what is wrong is said before anything is trained, without TensorFlow and without Ray."""

import sys
from types import SimpleNamespace

import pytest

from indl_vae.errors import RunError
from indl_vae.tuning.pbt.ray_cluster import ray_cluster
from tests.cli.tiny import run
from tests.tuning.pbt.populations import write_config, write_data


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--population", "1"], "size: expected at least 2 members"),
        (["--exploit", "all"], "population.exploit: input should be 'binary_tournament'"),
        (["--set", "select_on=nll"], "select_on: expected 'hidden' or 'heldout_channels'"),
        (["--set", "lr_rule=valid_plateau"], "lr_rule: expected none"),
    ],
)
def test_what_is_not_accepted_is_explained(tmp_path, words, message):
    config = write_config(tmp_path)
    result = run("pbt", "--data", write_data(tmp_path), "--config", config, "--out", tmp_path / "out", *words)
    assert result.exit_code == 2
    assert message in result.stderr
    assert not (tmp_path / "out").exists()


def test_a_folder_of_something_else_is_not_touched(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine")
    words = ["pbt", "--data", write_data(tmp_path), "--config", write_config(tmp_path), "--out", tmp_path / "out"]
    result = run(*words)
    assert result.exit_code == 2 and "something in this folder that is no population" in result.stderr
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["mine.txt"]


def test_ray_is_asked_for_where_it_is_missing(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(Exception, match=r'needs Ray Tune.*pip install "indl_vae\[ray\]"'), ray_cluster(None, 1):
        pass


@pytest.mark.parametrize("address", ["127.0.0.1:1", "127.0.0.1:port"])
def test_nobody_at_the_address_is_found_out_at_once(monkeypatch, address):
    monkeypatch.setitem(sys.modules, "ray", SimpleNamespace(tune=None))
    monkeypatch.setitem(sys.modules, "ray.tune", SimpleNamespace())
    with pytest.raises(RunError, match=f"--address {address}: no Ray cluster can be joined"), ray_cluster(address, 1):
        pass
