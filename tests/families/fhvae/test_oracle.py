"""The whole model against FHVAE written out in float64 NumPy: outputs, every term, the loss and its gradient."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from indl_vae import make_params
from indl_vae.layers import SequenceMeans, random
from indl_vae.models import build_model
from indl_vae.typing import DataSpec
from tests.models.helpers import loss_of
from tests.reference.fhvae_numpy import fhvae_forward, row_of, terms_of_means
from tests.reference.keras_weights import arrays, variables_by_layer

#: T is not divisible by L: three segments, the last of one bin.
B, T, N, L, D, Z, K = 4, 7, 5, 3, 4, 2, 6
#: No two widths are alike, so that no two axes can be taken for one another.
SIZES: dict[str, Any] = {
    "f_units": [8, 9], "f_latent_size": D, "z1_units": 10, "z2_units": 11, "z_latent_size": Z,
    "decoder_units": [12, 13], "n_factors": 14, "segment_length": L, "segment_shift": 2, "n_means": K,
    "scale_channels": False, "jit_compile": False, "seed": 1,
}  # fmt: skip
LSTM, SIMPLE = {"variant": "lstm"}, {"variant": "simple"}
GAUSSIAN = {"likelihood": "gaussian", "gaussian_scale": "per_bin"}
CASES: dict[str, dict[str, Any]] = {
    "lstm": LSTM,
    "simple": SIMPLE,
    "lstm, mask": {**LSTM, "masked": True},
    "simple, mask, gaussian": {**SIMPLE, **GAUSSIAN, "masked": True},
    "lstm, gaussian, weights": {
        **LSTM, **GAUSSIAN, "kl_f_weight": 0.2, "kl_z_weight": 3.0, "mean_prior_weight": 0.5, "discriminative_weight": 4.0
    },
    "lstm, no numbers": {**LSTM, "numbered": False},
    "simple, no numbers, mask": {**SIMPLE, "numbered": False, "masked": True},
}  # fmt: skip
#: Sequences end after 7, 5, 3 and 1 bins, so that some segments are padded and others are not there.
LENGTHS = (7, 5, 3, 1)
#: One sequence is none of the table's.
NUMBERS = np.array([2, -1, 5, 0], "f4")
ROW_SIZES = np.array([3, 1, 7, 2, 5, 4], "f4")
BY_SEGMENT = ("f_loc", "f_scale", "z_loc", "z_scale")
PER_TRIAL = ("kl_f", "kl_z", "log_ratio_f", "log_ratio_z", "mean_nlp")


def made(case: str):
    """Returns a model whose weights all differ, and a batch for it."""
    options = {"masked": False, "numbered": True, **CASES[case]}
    masked, numbered = options.pop("masked"), options.pop("numbered")
    model = build_model(make_params("fhvae", {**SIZES, **options}), DataSpec(N, T))
    rng = np.random.default_rng(5)
    for weight in model.trainable_weights:
        weight.assign(weight + 0.3 * rng.normal(size=weight.shape))
    model.core.get_layer("sequence_means").sizes.assign(ROW_SIZES)
    x = rng.normal(size=(B, T, N)) if "likelihood" in options else rng.poisson(0.8, (B, T, N))
    batch = {"x": x.astype("f4")}
    if numbered:
        batch["sequence"] = NUMBERS
    if masked:
        ends = np.arange(T) < np.array(LENGTHS)[:, None]
        batch["mask"] = np.repeat(ends.astype("f4")[..., None], N, -1)
        batch["mask"][0, 1, 2:4] = batch["mask"][1, 3] = 0.0
        batch["x"] = np.where(batch["mask"] > 0, batch["x"], np.float32(7.0))
    return model, batch


def oracle(model, batch, weights=None, f_noise=None, z_noise=None):
    weights = arrays(variables_by_layer(model.core)) if weights is None else weights
    return fhvae_forward(
        weights | {"table": weights["sequence_means/table"]},
        batch["x"].astype("f8"),
        L,
        batch.get("mask"),
        batch.get("sequence"),
        ROW_SIZES,
        f_noise,
        z_noise,
        model.params.likelihood,
    )


def oracle_loss(model, out, training: bool = False) -> float:
    p = model.params
    trials = out["nll"] + p.kl_f_weight * out["kl_f"] + p.kl_z_weight * out["kl_z"]
    trials = trials + p.mean_prior_weight * out["mean_nlp"]
    return float(np.mean(trials + p.discriminative_weight * out["discriminative"] * training))


def assert_alike(ours, theirs, batch, training: bool = False):
    lengths = np.array(LENGTHS) if "mask" in batch else np.full(B, T)
    segments = np.arange(-(-T // L)) < np.ceil(lengths / L)[:, None]
    np.testing.assert_array_equal(theirs["counted"] > 0, segments)
    for name in BY_SEGMENT:
        np.testing.assert_allclose(
            np.asarray(ours[name])[segments], theirs[name][segments], rtol=1e-4, atol=1e-5, err_msg=name
        )
    bins = np.arange(T) < lengths[:, None]
    np.testing.assert_allclose(np.asarray(ours["raw"])[bins], theirs["raw"][bins], rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(ours["sequence_mean"], theirs["mean"], rtol=1e-4, atol=1e-5)
    for name in PER_TRIAL:
        np.testing.assert_allclose(ours[f"_{name}"], theirs[name], rtol=1e-4, atol=1e-4, err_msg=name)
    told = theirs["discriminative"] if training else np.zeros(B)
    np.testing.assert_allclose(ours["_discriminative"], told, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("case", CASES)
def test_posterior_means_and_loss(case):
    model, batch = made(case)
    loss, ours = loss_of(model, batch)
    theirs = oracle(model, batch)
    assert_alike(ours, theirs, batch)
    assert float(loss) == pytest.approx(oracle_loss(model, theirs), rel=1e-4)
    np.testing.assert_array_equal(model(batch)["raw"], ours["raw"])


def noise_of_a_pass(monkeypatch) -> dict[int, np.ndarray]:
    """Keeps standard normal draws by their width: D for f, Z for z."""
    drawn, original = {}, random.normal

    def recorded(*args, **kwargs):
        value = original(*args, **kwargs)
        assert value.shape[-1] not in drawn
        drawn[value.shape[-1]] = value.numpy()
        return value

    monkeypatch.setattr(random, "normal", recorded)
    return drawn


@pytest.mark.parametrize("case", CASES)
def test_a_training_pass_with_its_noise(case, monkeypatch):
    """z is drawn given the f that was drawn; means and the discriminative term read the posterior's mean."""
    model, batch = made(case)
    drawn = noise_of_a_pass(monkeypatch)
    loss, ours = loss_of(model, batch, training=True)
    theirs = oracle(model, batch, f_noise=drawn[D], z_noise=drawn[Z])
    assert_alike(ours, theirs, batch, training=True)
    assert float(loss) == pytest.approx(oracle_loss(model, theirs, training=True), rel=1e-4)
    assert (theirs["discriminative"] > 0).sum() == (3 if "sequence" in batch else 0)


@pytest.mark.parametrize("case", ["lstm, mask", "simple, mask, gaussian"])
def test_gradient_of_the_training_loss(case, monkeypatch):
    """Each weight's gradient along a random direction, against finite differences of the oracle's loss."""
    model, batch = made(case)
    found, drawn = variables_by_layer(model.core), noise_of_a_pass(monkeypatch)
    with tf.GradientTape() as tape:
        loss, _ = loss_of(model, batch, training=True)
    gradients = tape.gradient(loss, [variable.value for variable in found.values()])
    assert len(found) == len(model.trainable_weights)
    start, rng = arrays(found), np.random.default_rng(8)
    for name, gradient in zip(found, gradients, strict=True):
        gradient = np.asarray(tf.convert_to_tensor(gradient))
        direction = rng.normal(size=start[name].shape)
        ends = [
            oracle_loss(
                model,
                oracle(model, batch, {**start, name: start[name] + step * direction}, drawn[D], drawn[Z]),
                training=True,
            )
            for step in (1e-5, -1e-5)
        ]
        scale = np.linalg.norm(gradient) * np.linalg.norm(direction)
        assert scale > 1e-4, f"{name}: no gradient"
        assert abs(float(np.sum(gradient * direction)) - (ends[0] - ends[1]) / 2e-5) < 2e-4 * scale, name


def test_a_sequence_without_anything_observed_costs_nothing_but_its_mean():
    model, batch = made("lstm, mask")
    batch["mask"][3] = 0.0
    ours, theirs = model.all_outputs(batch), oracle(model, batch)
    for name in PER_TRIAL:
        np.testing.assert_allclose(ours[f"_{name}"], theirs[name], rtol=1e-4, atol=1e-4, err_msg=name)
        assert float(ours[f"_{name}"][3]) == 0.0
    without = {**batch, "sequence": None}
    np.testing.assert_array_equal(model.all_outputs(without)["sequence_mean"][3], np.zeros(D))


@settings(max_examples=25, deadline=None)
@given(
    shape=st.tuples(st.integers(1, 4), st.integers(1, 5), st.integers(1, 4), st.integers(1, 5)),
    seed=st.integers(0, 1000),
)
def test_means_of_rows_that_are_for_other_sequences_than_their_places(shape, seed):
    """As after a pass has drawn them: members are not 0, 1, ..., and most sequences have no row."""
    n, n_segments, dim, rows = shape
    rng = np.random.default_rng(seed)
    layer = SequenceMeans(dim, rows)
    members = np.sort(rng.choice(40, rows, replace=False)) + 5000
    layer.table.assign(2.0 * rng.normal(size=(rows, dim)))
    layer.members.assign(members)
    layer.sizes.assign(rng.integers(1, 20, rows))
    loc = 2.0 * rng.normal(size=(n, n_segments, dim)).astype("f4")
    counted = (rng.random((n, n_segments)) < 0.7).astype("f4")
    numbers = np.where(rng.random(n) < 0.6, rng.choice(members, n), rng.integers(4999, 5042, n)).astype("f4")
    found = layer(loc, counted, numbers, training=True)
    for i in range(n):
        place = float(np.flatnonzero(members == numbers[i])[0]) if numbers[i] in members else None
        one = terms_of_means(
            loc[i].astype("f8"), counted[i], row_of(place, rows), np.asarray(layer.table, "f8"), np.asarray(layer.sizes)
        )
        for name, value in one.items():
            np.testing.assert_allclose(getattr(found, name)[i], value, rtol=1e-4, atol=2e-4, err_msg=name)
