"""A run does not go on under parameters that are not its own, wherever they were changed."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import yaml

from indl_vae.errors import RunError
from indl_vae.params import Params
from indl_vae.training import train
from indl_vae.training.check_resumed import check_resumed
from tests.training.tiny import tiny_dataset, tiny_params


def test_what_differs_is_listed():
    model = SimpleNamespace(params=tiny_params())
    check_resumed(model, tiny_params(n_epochs=99))
    check_resumed(model, tiny_params(learning_rate=0.5), reset_learning_rate=True)
    with pytest.raises(
        RunError, match=r"got seed = 3 .the checkpoint has 0., gen_units = 7 .the checkpoint has 6..*start"
    ):
        check_resumed(model, tiny_params(gen_units=7, seed=3, n_epochs=9))
    with pytest.raises(RunError, match=r"except n_epochs; got learning_rate = 0\.5"):
        check_resumed(model, tiny_params(learning_rate=0.5))


@pytest.mark.slow
def test_an_edited_params_yaml_is_noticed_and_nothing_is_touched(tmp_path):
    run = train(tiny_params(n_epochs=1), tiny_dataset(), tmp_path / "run")
    settings = yaml.safe_load(run.files.params.read_text())
    run.files.params.write_text(yaml.safe_dump(settings | {"gen_units": 7, "n_epochs": 2}))
    before = {path: path.stat().st_mtime_ns for path in run.folder.rglob("*") if path.is_file()}
    with pytest.raises(RunError, match=r"gen_units = 7 .the checkpoint has 6.*Take those back, also in params\.yaml"):
        train(Params.from_yaml(run.files.params), tiny_dataset(), run.folder, resume=True)
    assert {path: path.stat().st_mtime_ns for path in run.folder.rglob("*") if path.is_file()} == before
