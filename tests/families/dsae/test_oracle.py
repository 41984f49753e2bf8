"""The whole model against DSAE written out in float64 NumPy: outputs, divergences, the loss and its gradient."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from indl_vae import make_params
from indl_vae.layers import random
from indl_vae.models import build_model
from indl_vae.typing import DataSpec
from tests.models.helpers import loss_of
from tests.reference.dsae_numpy import dsae_forward, prior_of
from tests.reference.keras_weights import arrays, variables_by_layer
from tests.reference.networks_numpy import log_normal

B, T, N, D, Z = 3, 5, 6, 4, 2
#: No two widths are alike, so that no two axes can be taken for one another.
SIZES: dict[str, Any] = {
    "feature_units": [7], "f_units": [8], "f_latent_size": D, "z1_units": 9, "z_latent_size": Z, "z_prior_units": 10,
    "decoder_units": [11], "scale_channels": False, "jit_compile": False, "seed": 1,
    "q_f_init_std": 0.3, "q_z_init_std": 0.4, "z_prior_init_std": 0.6,
}  # fmt: skip
AT_ZERO = (0.3, 0.4, 0.6)
FULL = {"variant": "full", "z2_units": 12}
FACTORIZED = {"variant": "factorized"}
GAUSSIAN = {"likelihood": "gaussian", "gaussian_scale": "per_bin"}
CASES: dict[str, dict[str, Any]] = {
    "full": FULL,
    "factorized": FACTORIZED,
    "full, gaussian": {**FULL, **GAUSSIAN},
    "factorized, gaussian": {**FACTORIZED, **GAUSSIAN},
    "full, mask": {**FULL, "masked": True},
    "factorized, mask": {**FACTORIZED, "masked": True},
    "f into the second layer, mask": {**FULL, "f_inputs_pre_z1": False, "masked": True},
    "weights": {**FULL, "kl_f_weight": 0.2, "kl_z_weight": 3.0},
}
#: Trials end after 5, 3 and 1 bins; single entries are missing before.
LASTS = np.repeat(np.array([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0], [1, 0, 0, 0, 0]], "f4")[..., None], N, -1)
PER_TRIAL = ("f_loc", "f_scale")
PER_BIN = ("z_loc", "z_scale", "raw")
DIVERGENCES = ("kl_f", "kl_z", "log_ratio_f", "log_ratio_z")


def made(case: str):
    """Returns a model whose weights all differ, and a batch for it."""
    options = dict(CASES[case])
    masked = options.pop("masked", False)
    model = build_model(make_params("dsae", {**SIZES, **options}), DataSpec(N, T))
    rng = np.random.default_rng(5)
    for weight in model.trainable_weights:
        weight.assign(weight + 0.3 * rng.normal(size=weight.shape))
    x = rng.normal(size=(B, T, N)) if "likelihood" in options else rng.poisson(0.8, (B, T, N))
    batch = {"x": x.astype("f4")}
    if masked:
        batch["mask"] = LASTS.copy()
        batch["mask"][0, 1, 2:4] = batch["mask"][1, 1] = 0.0
        batch["x"] = np.where(batch["mask"] > 0, batch["x"], np.float32(7.0))
    return model, batch


def oracle(model, batch, weights=None, f_noise=None, z_noise=None):
    p = model.params
    return dsae_forward(
        arrays(variables_by_layer(model.core)) if weights is None else weights,
        batch["x"].astype("f8"),
        batch.get("mask"),
        f_noise,
        z_noise,
        p.likelihood,
        f_to_second=not p.f_inputs_pre_z1,
        at_zero=AT_ZERO,
    )


def oracle_loss(model, out) -> float:
    p = model.params
    return float(np.mean(out["nll"] + p.kl_f_weight * out["kl_f"] + p.kl_z_weight * out["kl_z"]))


def assert_alike(ours, theirs, batch):
    counted = np.ones((B, T), bool) if "mask" not in batch else LASTS[..., 0] > 0
    for name in (*PER_TRIAL, *PER_BIN):
        a, b = np.asarray(ours[name]), theirs[name]
        a, b = (a[counted], b[counted]) if name in PER_BIN else (a, b)
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5, err_msg=name)
    for name in DIVERGENCES:
        np.testing.assert_allclose(ours[f"_{name}"], theirs[name], rtol=1e-4, atol=1e-4, err_msg=name)


@pytest.mark.parametrize("case", CASES)
def test_posterior_means_and_loss(case):
    model, batch = made(case)
    loss, ours = loss_of(model, batch)
    theirs = oracle(model, batch)
    assert_alike(ours, theirs, batch)
    assert float(loss) == pytest.approx(oracle_loss(model, theirs), rel=1e-4)
    shown = model(batch)
    np.testing.assert_array_equal(shown["raw"], ours["raw"])
    rates = np.exp(theirs["raw"]) if model.params.likelihood == "poisson" else theirs["raw"][..., :N]
    counted = np.ones((B, T), bool) if "mask" not in batch else LASTS[..., 0] > 0
    np.testing.assert_allclose(np.asarray(shown["rates"])[counted], rates[counted], rtol=1e-4, atol=1e-5)


def noise_of_a_pass(monkeypatch) -> dict[int, np.ndarray]:
    """Keeps standard normal draws by their rank: 2 for f, 3 for z."""
    drawn, original = {}, random.normal

    def recorded(*args, **kwargs):
        value = original(*args, **kwargs)
        assert value.shape.rank not in drawn
        drawn[value.shape.rank] = value.numpy()
        return value

    monkeypatch.setattr(random, "normal", recorded)
    return drawn


@pytest.mark.parametrize("case", ["full", "factorized, gaussian", "full, mask", "f into the second layer, mask"])
def test_a_training_pass_with_its_noise(case, monkeypatch):
    """z is drawn given the f that was drawn, and its prior reads the z that was drawn."""
    model, batch = made(case)
    drawn = noise_of_a_pass(monkeypatch)
    loss, ours = loss_of(model, batch, training=True)
    theirs = oracle(model, batch, f_noise=drawn[2], z_noise=drawn[3])
    assert_alike(ours, theirs, batch)
    assert float(loss) == pytest.approx(oracle_loss(model, theirs), rel=1e-4)
    plain = oracle(model, batch)
    assert np.abs(plain["kl_z"] - theirs["kl_z"]).min() > 1e-3, "the noise matters"


@pytest.mark.parametrize("case", ["full, mask", "factorized, gaussian"])
def test_gradient_of_the_loss(case):
    """Each weight's gradient along a random direction, against finite differences of the oracle's loss."""
    model, batch = made(case)
    found = variables_by_layer(model.core)
    with tf.GradientTape() as tape:
        loss, _ = loss_of(model, batch)
    gradients = tape.gradient(loss, [variable.value for variable in found.values()])
    assert len(found) == len(model.trainable_weights)
    start, rng = arrays(found), np.random.default_rng(8)
    for name, gradient in zip(found, gradients, strict=True):
        direction = rng.normal(size=start[name].shape)
        ends = [
            oracle_loss(model, oracle(model, batch, {**start, name: start[name] + step * direction}))
            for step in (1e-5, -1e-5)
        ]
        scale = np.linalg.norm(gradient) * np.linalg.norm(direction)
        assert scale > 1e-4, f"{name}: no gradient"
        assert abs(float(np.sum(gradient * direction)) - (ends[0] - ends[1]) / 2e-5) < 1e-4 * scale, name


def test_teacher_forced_kl_is_what_sampling_estimates_in_numpy():
    """E_q[log q(z) - log p(z)] over draws of z, the prior stepped through in NumPy; the free-running sum is another."""
    model, batch = made("factorized")
    prior = model.core.get_layer("z_prior").cell
    for weight in (prior.rnn_cell.kernel, prior.loc_head.kernel):
        weight.assign(2.0 * weight)  # so that more depends on the bins before
    n = 1500
    x = np.repeat(batch["x"][:1], n, axis=0)
    outputs = {name: np.asarray(value) for name, value in model.all_outputs(x, training=True).items()}
    weights, rng = arrays(variables_by_layer(model.core)), np.random.default_rng(3)
    loc, scale = outputs["z_loc"][0].astype("f8"), outputs["z_scale"][0].astype("f8")
    ratios = []
    for z in loc + scale * rng.normal(size=(n, T, Z)):
        ratios.append(np.sum(log_normal(z, loc, scale) - log_normal(z, *prior_of(weights, z, AT_ZERO[2]))))
    error = np.sqrt(outputs["_kl_z"].var() / n + np.var(ratios) / n)
    assert abs(outputs["_kl_z"].mean() - np.mean(ratios)) < 4 * error
    assert abs(outputs["_log_ratio_z"].mean() - np.mean(ratios)) < 4 * np.sqrt(2 * np.var(ratios) / n)
    assert np.std(ratios) > 0.1 and error < 0.05 * abs(np.mean(ratios))
    free = build_model(make_params("dsae", {**SIZES, **FACTORIZED, "z_prior_mode": "free_running"}), DataSpec(N, T))
    free.set_weights(model.get_weights())
    of_own_paths = np.asarray(free.all_outputs(x, training=True)["_kl_z"])
    assert abs(of_own_paths.mean() - np.mean(ratios)) > 10 * np.sqrt(of_own_paths.var() / n + error**2)
