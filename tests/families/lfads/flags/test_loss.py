"""Flags of the loss: each term's weight, its ramp, and what is drawn."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from indl_vae.distributions.priors import AR1Prior, NullPrior, TiledNormalPrior
from indl_vae.layers import sampling_scope
from indl_vae.params import RampGroup, narrow
from indl_vae.training.ramps import Ramps
from tests.families.lfads.flags.tiny import T, cell, counts, layer, model, parsed, scored


def assert_weighs(flag: str, term: str, low: float, high: float, preset: str = "tf1") -> dict[str, float]:
    """Between two values of a flag the loss differs by as much times the term; returns the terms."""
    (first, terms), (second, again) = (scored(model(preset, **{flag: value})) for value in (low, high))
    assert terms[term] != 0  # a KL that is evaluated at a single sample may be negative
    assert again[term] == pytest.approx(terms[term], rel=1e-6)
    assert second - first == pytest.approx((high - low) * terms[term], rel=1e-2, abs=1e-4)
    return terms


def test_kl_ic_weight():
    assert_weighs("kl_ic_weight", "kl_f", 1.0, 40.0)


def test_kl_co_weight():
    assert_weighs("kl_co_weight", "kl_z", 1.0, 40.0)


def half_mean_square(weights, n: int | None = None) -> float:
    values = np.concatenate([np.ravel(weight) for weight in weights])
    return 0.5 * float(values @ values) / (n or len(values))


#: Recurrent weights and biases of generator and controller, by which run_lfads.py divides.
N_PENALISED = 9 * 27 + 27 + 8 * 24 + 24


def test_l2_gen_scale():
    terms = assert_weighs("l2_gen_scale", "l2_gen", 1000.0, 3000.0)
    generator = cell(model(l2_gen_scale=1000.0)).generator
    expected = half_mean_square([generator.recurrent_kernel, generator.bias], N_PENALISED)
    assert terms["l2_gen"] == pytest.approx(expected, rel=1e-5)


def test_l2_con_scale():
    terms = assert_weighs("l2_con_scale", "l2_con", 1000.0, 3000.0)
    controller = cell(model(l2_con_scale=1000.0)).controller
    expected = half_mean_square([controller.recurrent_kernel, controller.bias], N_PENALISED)
    assert terms["l2_con"] == pytest.approx(expected, rel=1e-5)
    assert "l2_con" not in model().terms


def assert_penalises(flag: str, term: str, name: str) -> None:
    made = model("lite", **{flag: 1000.0, "l2_gen_scale": 0.0})
    kernels = [getattr(layer(made, name), f"{way}_layer").cell.recurrent_kernel for way in ("forward", "backward")]
    assert scored(made)[1][term] == pytest.approx(half_mean_square(kernels), rel=1e-5)
    assert float(made.terms[term].weight_value) == 1000.0


def test_l2_ic_enc_scale():
    assert_penalises("l2_ic_enc_scale", "l2_f", "f_rnn_0")


def test_l2_ci_enc_scale():
    assert_penalises("l2_ci_enc_scale", "l2_z", "z_rnn_1")


def test_co_mean_corr_scale():
    terms = assert_weighs("co_mean_corr_scale", "co_mean_corr", 500.0, 2000.0)
    means = model(co_mean_corr_scale=500.0)(counts())["z_loc"].numpy()
    expected = np.mean(0.5 * np.sum(means[..., 0] * means[..., 1], 1) ** 2)
    assert terms["co_mean_corr"] == pytest.approx(expected, rel=1e-4)
    assert "co_mean_corr" not in model().terms


def ramp(kind: str, step: int, **flags) -> float:
    return Ramps(narrow(RampGroup, parsed(**flags))).value(kind, 0, step)


def test_kl_start_step():
    assert [ramp("kl", step, kl_start_step=100) for step in (100, 1100)] == [0.0, 0.5]


def test_kl_increase_steps():
    assert [ramp("kl", step, kl_increase_steps=100) for step in (25, 100)] == [0.25, 1.0]


def test_l2_start_step():
    assert [ramp("l2", step, l2_start_step=100) for step in (100, 1100)] == [0.0, 0.5]


def test_l2_increase_steps():
    assert [ramp("l2", step, l2_increase_steps=100) for step in (25, 100)] == [0.25, 1.0]


def by_epoch(kind: str, epoch: int, **flags) -> float:
    return Ramps(narrow(RampGroup, parsed("lite", **flags))).value(kind, epoch, 0)


def test_kl_start_epoch():
    assert by_epoch("kl", 250, kl_start_epoch=200) == pytest.approx(51 / 501)


def test_kl_increase_epochs():
    assert by_epoch("kl", 9, kl_increase_epochs=19) == 0.5


def test_l2_start_epoch():
    assert by_epoch("l2", 250, l2_start_epoch=200) == pytest.approx(51 / 501)


def test_l2_increase_epochs():
    assert by_epoch("l2", 9, l2_increase_epochs=19) == 0.5


def test_nll_mean():
    summed, averaged = (scored(model("autolfads_tf2", NLL_MEAN=mean, **UNWEIGHTED))[0] for mean in (False, True))
    assert summed == pytest.approx(averaged * T * 6, rel=1e-5)


UNWEIGHTED = {"kl_ic_weight": 0.0, "kl_co_weight": 0.0, "l2_gen_scale": 0.0, "l2_con_scale": 0.0}


def test_co_autoreg_prior():
    tiled, process = (layer(model("autolfads_tf2", CO_AUTOREG_PRIOR=flag), "z_prior") for flag in (False, True))
    assert isinstance(process, AR1Prior) and isinstance(tiled, TiledNormalPrior)
    assert tiled.mean_over_bins and tiled.train_mean and not tiled.train_var


def test_sample_posteriors():
    drawn, pushed = (model("autolfads_tf2", SAMPLE_POSTERIORS=flag, DROPOUT_RATE=0.0) for flag in (True, False))
    for made, same in ((drawn, False), (pushed, True)):
        with sampling_scope():
            outputs = made(counts())
        assert np.array_equal(outputs["controller_outputs"], outputs["z_loc"]) == same
    training = pushed.all_outputs(counts(), training=True)
    np.testing.assert_array_equal(training["controller_outputs"], training["z_loc"])
    np.testing.assert_array_equal(training["gen_init"], layer(pushed, "gen_init")(training["f_loc"]))
    assert scored(pushed)[1]["kl_f"] > 0


def test_variational():
    made = model("lfads_torch", variational=False, kl_ic_scale=1.0, kl_co_scale=1.0)
    assert isinstance(layer(made, "f_prior"), NullPrior) and isinstance(layer(made, "z_prior"), NullPrior)
    loss, terms = scored(made)
    assert terms == {"kl_f": 0.0, "kl_z": 0.0}
    assert loss == pytest.approx(scored(model("lfads_torch", kl_ic_scale=0.0, kl_co_scale=0.0))[0], rel=1e-5)
    assert not cell(made).sampled and not layer(made, "q_f").sampled


def test_loss_scale():
    optimizer = model("lite", loss_scale=100.0).optimizer
    assert optimizer.epsilon == pytest.approx(1e-8 / 100) and optimizer.global_clipnorm == pytest.approx(2.0)


def test_max_grad_norm():
    assert model(max_grad_norm=3.0).optimizer.global_clipnorm == 3.0


def test_learning_rate_init():
    assert float(model(learning_rate_init=0.02).optimizer.learning_rate) == pytest.approx(0.02)


def test_adam_epsilon():
    assert model("lite", adam_epsilon=1e-3).optimizer.epsilon == pytest.approx(1e-3 / 1e4)


def test_beta1():
    assert model("lite", beta1=0.8).optimizer.beta_1 == 0.8


def test_beta2():
    assert model("lite", beta2=0.9).optimizer.beta_2 == 0.9


def test_weight_decay():
    optimizer = model("lfads_torch", weight_decay=0.1).optimizer
    assert isinstance(optimizer, keras.optimizers.AdamW) and optimizer.weight_decay == 0.1
