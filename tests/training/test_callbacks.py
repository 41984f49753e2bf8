"""What the parameters of a run make of its callbacks."""

from __future__ import annotations

import pytest

from indl_vae.errors import ConfigError
from indl_vae.models import build_model
from indl_vae.run_folder import RunFolder
from indl_vae.training.callbacks import make_callbacks
from indl_vae.training.pictures import PictureMaker
from tests.training.tiny import tiny_dataset, tiny_params


def made(tmp_path, **settings):
    return make_callbacks(tiny_params(**settings), RunFolder(tmp_path), PictureMaker(tiny_dataset()), 0)


def test_checkpoints_are_kept_as_asked_for(tmp_path):
    callbacks = made(tmp_path, max_ckpt_to_keep=2, max_ckpt_to_keep_lve=3, checkpoint_name="mine")
    latest, best = callbacks.state.checkpoints, callbacks.keeper.kept
    assert (latest.index, latest.keep, latest.name) == ("checkpoint", 2, "mine")
    assert (best.index, best.keep, best.name) == ("checkpoint_lve", 3, "mine_lve")
    assert latest.folder == best.folder == tmp_path / "checkpoints"


def test_one_state_always_stands_in_for_another(tmp_path):
    assert [made(tmp_path, keep_latest=n).state.checkpoints.keep for n in (0, 1, 2, 7)] == [0, 2, 2, 7]


def test_states_are_written_as_often_as_asked_for(tmp_path):
    assert made(tmp_path).state.every_s == 60.0
    assert made(tmp_path, checkpoint_every_s=0).state.every_s == 0.0


def test_the_second_log_is_there_when_it_has_a_name(tmp_path):
    assert made(tmp_path).fit_log is None
    callbacks = made(tmp_path, csv_log="fitlog")
    assert callbacks.fit_log.path == tmp_path / "fitlog.csv" and callbacks.fit_log in callbacks.as_list()
    assert callbacks.fit_log.entries == {"": 45.0, "val_": 45.0}


@pytest.mark.parametrize("name", ["a/b", ".hidden", " x"])
def test_names_of_files_are_plain(name):
    for parameter in ("csv_log", "checkpoint_name"):
        with pytest.raises(ConfigError, match=f"{parameter}.*expected a plain name"):
            tiny_params(**{parameter: name})


def test_checkpoints_need_a_name():
    with pytest.raises(ConfigError, match="checkpoint_name.*expected a name, got none"):
        tiny_params(checkpoint_name="")


def test_each_kl_may_have_a_ramp_of_its_own(tmp_path):
    ramps = made(tmp_path, kl_ramp_length=9, kl_z_ramp_start=4, kl_f_ramp_length=0).ramps
    assert [ramps.value("kl", 4, 0, term) for term in ("", "kl_f", "kl_z")] == [0.5, 1.0, 0.1]
    assert not ramps.over(10, 0) and ramps.over(13, 0)
    logs: dict[str, float] = {}
    ramps.set_model(tiny_model())
    ramps.on_epoch_end(4, logs)
    assert logs == {"ramp_kl": 0.5, "ramp_l2": 1.0, "ramp_kl_f": 1.0, "ramp_kl_z": 0.1, "ramps_over": 0.0}
    ramps.on_epoch_begin(4)
    assert {name: float(term.ramp) for name, term in ramps.model.terms.items()} == pytest.approx(
        {"kl_f": 1.0, "kl_z": 0.1}
    )


def tiny_model():
    return build_model(tiny_params(), tiny_dataset())
