"""Flags of what is trained and of the learning rate."""

from __future__ import annotations

from types import SimpleNamespace

from indl_vae.params import OptimizerGroup, narrow
from indl_vae.training.plateau_decay import PlateauDecay
from tests.families.lfads.flags.tiny import layer, model, parsed, trained


def test_do_train_io_only():
    made = model(do_train_io_only="true")
    assert trained(made) == {weight.path for weight in layer(made, "readout").weights}


def test_do_train_encoder_only():
    paths = trained(model(do_train_encoder_only="true"))
    assert {path.split("/")[0] for path in paths} == {"f_rnn_0", "f_loc", "f_scale"}


def test_do_train_readin():
    left = trained(model(in_factors_dim=4)) - trained(model(in_factors_dim=4, do_train_readin="false"))
    assert left == {"read_in/kernel", "read_in/bias"}


def rates(losses: list[float], **flags) -> tuple[list[float], bool]:
    """Returns the learning rate after each training loss, and whether training ends."""
    params = parsed(**flags)
    rule = PlateauDecay(params.lr_rule, narrow(OptimizerGroup, params))
    trainee = SimpleNamespace(optimizer=SimpleNamespace(learning_rate=params.learning_rate), stop_training=False)
    rule.set_model(trainee)
    seen = []
    for epoch, loss in enumerate(losses):
        rule.on_epoch_end(epoch, {"loss": loss, "ramps_over": 1.0})
        seen.append(round(float(trainee.optimizer.learning_rate), 6))
    return seen, trainee.stop_training


RISING = [float(epoch) for epoch in range(8)]


def test_learning_rate_decay_factor():
    assert rates(RISING, learning_rate_decay_factor=0.5)[0] == [0.01] * 7 + [0.005]


def test_learning_rate_n_to_compare():
    assert rates(RISING[:5], learning_rate_n_to_compare=3)[0] == [0.01] * 4 + [0.0095]


def test_learning_rate_stop():
    assert rates(RISING, learning_rate_stop=0.0098)[1] is True
    assert rates(RISING)[1] is False


def test_n_epochs_early_stop():
    assert parsed("lite", n_epochs_early_stop=90).patience == 90


def test_valid_batch_size():
    assert parsed("lite", valid_batch_size=5).valid_batch_size == 5
