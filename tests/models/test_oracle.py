"""The whole model against LFADS written out in float64 NumPy: outputs, every term, the loss and its gradient."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow as tf

import indl_vae.layers.complex_draws as complex_draws
import indl_vae.layers.coordinated_dropout as coordinated_dropout
import indl_vae.layers.dropout as dropout
from indl_vae.layers import random
from tests.models.helpers import (
    QUIET,
    B,
    N,
    T,
    U,
    counts,
    join,
    loss_of,
    oracle_weights,
    tiny,
    variables,
)
from tests.reference.lfads_numpy import lfads_forward

L2 = {"l2_gen_scale": 3.0, "l2_con_scale": 2.0, "l2_f_scale": 1.5, "l2_z_scale": 0.5}
#: Our names of outputs and the oracle's.
OUTPUTS = {
    "rates": "rates", "raw": "log_rates", "factors": "factors", "gen_states": "gen_states", "gen_init": "gen_init",
    "ic_mean": "ic_mean", "ic_logvar": "ic_logvar", "z_loc": "u_mean", "controller_outputs": "u", "_kl_f": "kl_ic",
}  # fmt: skip
STEPS = np.array([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0], [1, 0, 0, 0, 0]], "f4")
CASES: dict[str, dict[str, Any]] = {
    "controller": {},
    "no controller": {"z_latent_size": 0},
    "mask": {"masked": True},
    "held out": {"heldout_bins": 2, "heldout_channels": 2},
    "held out and mask": {"heldout_bins": 2, "masked": True},
    "external input": {"ext_input_dim": U, "kl_sample": "same"},
    "external input, no controller": {"ext_input_dim": U, "z_latent_size": 0, "masked": True},
    "mean, Stirling, L2": {"nll_reduction": "mean", "poisson_full": "stirling", **L2},
    "lag, clip, weights": {"z1_lag": 2, "gru_clip_value": 0.3, "kl_f_weight": 0.2, "kl_z_weight": 3.0},
}


def split(case: str) -> tuple[dict[str, Any], bool]:
    options = dict(CASES[case])
    return options, options.pop("masked", False)


def make_batch(options: dict[str, Any], masked: bool, mean: float = 0.8) -> dict[str, np.ndarray]:
    batch = {"x": counts(mean=mean)}
    if options.get("ext_input_dim"):
        batch["ext_input"] = np.random.default_rng(3).normal(size=(B, T, U)).astype("f4")
    if masked:
        batch["mask"] = np.repeat(STEPS[..., None], N, axis=-1)
    return batch


def oracle(model, batch, options, weights=None, **noise) -> dict[str, Any]:
    p = model.params
    scales = {"gen": p.l2_gen_scale, "con": p.l2_con_scale, "ic_enc": p.l2_f_scale, "ci_enc": p.l2_z_scale}
    return lfads_forward(
        oracle_weights(model) if weights is None else weights,
        batch["x"],
        ext_input=batch.get("ext_input"),
        step_mask=batch["mask"][..., 0] if "mask" in batch else None,
        ci_lag=p.z1_lag,
        clip=p.gru_clip_value,
        heldout_bins=p.heldout_bins,
        l2_scales=scales,
        **noise,
    )


def oracle_loss(model, out: dict[str, Any]) -> float:
    p = model.params
    stirling = "_stirling" if p.poisson_full == "stirling" else ""
    nll = out[f"nll{stirling}"] if p.nll_reduction == "mean" else np.mean(out[f"nll{stirling}_trials"])
    kl_z = out["kl_co_analytic" if p.kl_sample == "analytic" else "kl_co"]
    return float(nll + p.kl_f_weight * np.mean(out["kl_ic"]) + p.kl_z_weight * np.mean(kl_z) + out["l2"])


@pytest.mark.parametrize("case", CASES)
def test_outputs_and_loss(case):
    options, masked = split(case)
    model, batch = tiny(**options), make_batch(options, masked)
    loss, ours = loss_of(model, batch)
    theirs = oracle(model, batch, options)
    assert float(loss) == pytest.approx(oracle_loss(model, theirs), rel=1e-6)
    counted = batch.get("mask", np.ones_like(batch["x"]))[..., 0] > 0
    for name, other in OUTPUTS.items():
        if name in ours:
            a, b = np.asarray(ours[name]), theirs[other]
            a, b = (a[counted], b[counted]) if a.shape[:2] == (B, T) else (a, b)
            np.testing.assert_allclose(a, b, rtol=1e-5, atol=2e-6, err_msg=name)
    if "_kl_z" in ours:
        kl = theirs["kl_co_analytic" if model.params.kl_sample == "analytic" else "kl_co"]
        np.testing.assert_allclose(ours["_kl_z"], kl, rtol=2e-5)


class Recorder:
    """Keeps what the random functions of a module return, in order."""

    def __init__(self, monkeypatch) -> None:
        self.drawn: dict[str, list[np.ndarray]] = {}
        for module, name in (
            (random, "normal"), (complex_draws, "normal"), (complex_draws, "dropout_mask"), (dropout, "dropout_mask"),
            (coordinated_dropout, "bernoulli"),
        ):  # fmt: skip
            self._wrap(monkeypatch, module, name)

    def _wrap(self, monkeypatch, module, name):
        original, key = getattr(module, name), f"{module.__name__.split('.')[-1]}.{name}"

        def recorded(*args, **kwargs):
            value = original(*args, **kwargs)
            self.drawn.setdefault(key, []).append(value.numpy())
            return value

        monkeypatch.setattr(module, name, recorded)


def test_a_training_pass_with_its_noise_and_dropout(monkeypatch):
    """Every draw of an eager training pass is recorded and handed to the oracle."""
    options = {"ext_input_dim": U, "kl_sample": "same", "dropout_rate": 0.3, "coordinated_dropout_rate": 0.4}
    model, batch = tiny(**options), make_batch(options, masked=True)
    drawn = Recorder(monkeypatch).drawn
    loss, ours = loss_of(model, batch, training=True)
    factors, gen_init, ext, code, con_factors = drawn["complex_draws.dropout_mask"]
    input_mask, f_mask = drawn["dropout.dropout_mask"]
    masks = {
        "cd": drawn["coordinated_dropout.bernoulli"][0] / 0.6,
        "input": input_mask,
        "ic_enc": f_mask,
        "con_input": np.concatenate([code, con_factors], axis=-1),
        "ext_input": ext,
        "gen_init": gen_init,
        "factors": factors,
    }
    noise = {"ic_eps": drawn["random.normal"][0], "co_eps": drawn["complex_draws.normal"][0]}
    theirs = oracle(model, batch, options, masks=masks, **noise)
    assert float(loss) == pytest.approx(oracle_loss(model, theirs), rel=1e-6)
    counted = batch["mask"][..., 0] > 0
    for name in ("factors", "gen_states", "controller_outputs", "rates"):
        np.testing.assert_allclose(
            np.asarray(ours[name])[counted], theirs[OUTPUTS[name]][counted], rtol=2e-5, atol=2e-6, err_msg=name
        )
    np.testing.assert_array_equal(np.asarray(ours["_learn"]), masks["cd"] == 0)


@pytest.mark.parametrize("case", ["mask", "no controller", "mean, Stirling, L2"])
def test_gradient_of_the_loss(case):
    """Each weight's gradient along a random direction, against finite differences of the oracle's loss."""
    options, masked = split(case)
    model, batch = tiny(**QUIET, **options), make_batch(options, masked)
    found = variables(model)
    with tf.GradientTape() as tape:
        loss, _ = loss_of(model, batch)
    gradients = dict(zip(found, tape.gradient(loss, [v.value for v in found.values()]), strict=True))
    assert len(found) == len(model.trainable_weights)
    start = {name: np.asarray(variable, "f8") for name, variable in found.items()}
    rng, scale = np.random.default_rng(8), {}
    for name, gradient in gradients.items():
        direction = rng.normal(size=start[name].shape)
        ends = [
            oracle_loss(model, oracle(model, batch, options, join({**start, name: start[name] + h * direction}, model)))
            for h in (1e-5, -1e-5)
        ]
        slope = (ends[0] - ends[1]) / 2e-5
        scale[name] = np.linalg.norm(gradient) * np.linalg.norm(direction) + 1e-6
        assert abs(float(np.sum(gradient * direction)) - slope) < 1e-4 * scale[name], name
    assert min(scale.values()) > 1e-5, "no gradient is zero"
