"""fitlog.csv: the numbers of an epoch in the columns of run_lfads.py."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from indl_vae.data import Dataset
from indl_vae.training.fit_log import FitLog, entries_per_trial

TERMS = {"kl_f": ("kl", 0.5), "kl_z": ("kl", 2.0), "l2_gen": ("l2", 100.0)}
LOGS = {"loss": 10.0, "val_loss": 11.0, "nll": 0.25, "val_nll": 0.5, "kl_f": 2.0, "val_kl_f": 4.0, "kl_z": 3.0}
LOGS |= {"val_kl_z": 1.0, "val_l2_gen": 0.01, "ramp_kl": 0.5, "ramp_l2": 1.0, "step": 7}


def log(path) -> FitLog:
    made = FitLog(path, entries=(8.0, 4.0))
    terms = {name: SimpleNamespace(kind=kind, weight_value=weight) for name, (kind, weight) in TERMS.items()}
    made.set_model(SimpleNamespace(terms=terms))
    return made


def test_a_line(tmp_path):
    log(tmp_path / "fitlog.csv").on_epoch_end(0, LOGS)
    expected = "epoch,1, step,7, total,10,11, recon,2,2, kl,7,4, l2,1, klweight,0.5, l2weight,1\n"
    assert (tmp_path / "fitlog.csv").read_text() == expected


def test_a_resumed_run_forgets_what_it_does_again(tmp_path):
    made = log(tmp_path / "fitlog.csv")
    made.forget_after(3)
    for epoch in range(4):
        made.on_epoch_end(epoch, LOGS)
    with made.path.open("a") as file:
        file.write("epoch,5, st")
    made.forget_after(2)
    assert [line.split(",")[1] for line in made.path.read_text().splitlines()] == ["1", "2"]


def test_entries_of_a_trial():
    x = np.random.default_rng(0).poisson(2.0, (4, 3, 5)).astype(np.float32)
    mask = np.ones((4, 3), np.float32)
    mask[0, 0] = 0.0
    whole = Dataset.from_arrays(train=x, valid=x).train
    masked = Dataset.from_arrays(train={"x": x, "mask": mask}, valid=x).train
    assert entries_per_trial(whole, "sum") == 15.0
    assert entries_per_trial(masked, "sum") == pytest.approx((4 * 15 - 5) / 4)
    assert entries_per_trial(masked, "mean") == 1.0
