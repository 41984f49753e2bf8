"""What a run that no longer has finite numbers says."""

from types import SimpleNamespace

import pytest

from indl_vae.errors import TrainingDivergedError
from indl_vae.training.divergence_guard import DivergenceGuard


def guard():
    callback = DivergenceGuard()
    callback.set_model(SimpleNamespace(optimizer=SimpleNamespace(learning_rate=0.01)))
    return callback


@pytest.mark.parametrize("name", ["loss", "val_loss"])
@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_names_the_score_the_epoch_and_what_to_try(name, value):
    with pytest.raises(
        TrainingDivergedError, match=rf"{name} not finite in epoch 5\. The best model .*learning_rate=0.0025"
    ):
        guard().on_epoch_end(4, {"loss": 1.0, "val_loss": 1.0, name: value})


def test_promises_no_earlier_model_in_the_first_epoch():
    with pytest.raises(TrainingDivergedError, match=r"not finite in epoch 1\. Try a lower learning rate"):
        guard().on_epoch_end(0, {"loss": float("nan")})


def test_finite_scores_pass():
    guard().on_epoch_end(0, {"loss": 1.0, "val_loss": 2.0})
