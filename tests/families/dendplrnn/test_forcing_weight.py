"""The weight of the data in generalized teacher forcing, and the growth of gradients that it is made of."""

from __future__ import annotations

import numpy as np
import pytest

from indl_vae import make_params, train
from indl_vae.data import Dataset
from indl_vae.families.dendplrnn.forcing_weight import bound_from_weights, growth, optimal_alpha
from indl_vae.layers import ClippedDendriticStep, ShallowStep


def test_the_weight_keeps_what_grows_at_one():
    assert [optimal_alpha(sigma) for sigma in (0.5, 1.0, 2.0, 4.0)] == pytest.approx([0.0, 0.0, 0.5, 0.75])


def test_growth_of_known_matrices(rng):
    scales = np.array([[0.5, 2.0, 4.0], [1.0, 1.0, 1.0]])
    rotation = np.linalg.qr(rng.normal(size=(3, 3)))[0]
    jacobians = scales[..., None, None] * rotation
    assert growth(jacobians, "max") == pytest.approx(4.0)
    assert growth(jacobians, "arithmetic_mean") == pytest.approx(scales.mean())
    assert growth(jacobians, "geometric_mean") == pytest.approx(np.exp(np.log(scales).mean()))
    assert growth(jacobians, "product") == pytest.approx(4.0 ** (1 / 3))


def test_the_root_of_a_long_product_does_not_overflow():
    jacobians = np.full((1, 5000, 1, 1), 3.0)
    assert growth(jacobians, "product") == pytest.approx(3.0)


@pytest.mark.parametrize("step", [ClippedDendriticStep(4, 3, seed=1), ShallowStep(4, 7, seed=1)])
def test_the_bound_from_the_weights(step):
    own, cross = np.abs(step.self_weights.numpy()).max(), np.linalg.norm(step.cross_weights.numpy(), 2)
    inner = np.linalg.norm(step.hidden_kernel.numpy(), 2) if isinstance(step, ShallowStep) else 1.0
    assert bound_from_weights(step) == pytest.approx(own + cross * inner, rel=1e-5)


@pytest.mark.parametrize("estimate", ["geometric_mean", pytest.param("weights", marks=pytest.mark.slow)])
def test_training_sets_and_reports_it(tmp_path, estimate):
    x = np.cumsum(np.random.default_rng(0).normal(size=(6, 30, 2)), 1).astype("f4")
    data = Dataset.from_arrays({"x": x}, {"x": x[:2]}, likelihood="gaussian")
    params = make_params(
        "dendplrnn", training="generalized_teacher_forcing", latent_step="shallow", z_latent_size=2, n_epochs=2,
        batch_size=3, seq_len=10, forcing_every=1, forcing_decay=0.5, forcing_estimate=estimate, jit_compile=False,
    )  # fmt: skip
    run = train(params, data, tmp_path / "run")
    alphas = [row["forcing_alpha"] for row in run.history]
    assert all(0.0 <= alpha < 1.0 for alpha in alphas) and alphas[-1] != pytest.approx(0.1)
