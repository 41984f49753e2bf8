"""The oracle against published numbers, and its parts against dense Gaussians, SciPy and itself."""

from __future__ import annotations

import math

import h5py
import numpy as np
import pytest
from scipy import stats

from tests.reference.lfads_numpy import (
    CELL,
    ar1_kl_analytic,
    ar1_kl_sampled,
    ar1_variances,
    gaussian_kl,
    gru_step,
    l2_penalty,
    lag_codes,
    lfads_forward,
    poisson_nll,
)
from tests.reference.random_lfads import random_lfads

L2_SCALES = {"gen": 2.25e-5, "con": 3e-4, "ic_enc": 0.0, "ci_enc": 0.0}
IC_WEIGHT = 6.65e-7


def counts(seed: int = 0, shape: tuple[int, ...] = (3, 11, 7)) -> np.ndarray:
    return np.random.default_rng(seed).poisson(0.7, shape).astype(np.float64)


@pytest.fixture(scope="module")
def published(data_folder):
    """Returns a function from the name of a published checkpoint to its weights, and the validation counts."""
    from indl_vae.importers import read_autolfads_tf2

    folder = data_folder / "lfads_lorenz"
    if not (folder / "lfads_lorenz.h5").is_file():
        pytest.skip("lfads_lorenz is not in the folder that INDL_VAE_DATA names")
    with h5py.File(folder / "lfads_lorenz.h5") as file:
        x = file["valid_data"][()]
    return (lambda name: read_autolfads_tf2(folder / "checkpoints" / name).weights), x


def test_published_probes_of_one_trial(published):
    read, x = published
    weights = read("lfads_model")
    out = lfads_forward(weights, x[:1])
    np.testing.assert_allclose(out["log_rates"][0, 0, :3], [-4.329403, -4.3848495, -4.9948587], rtol=1e-5)
    np.testing.assert_allclose(out["log_rates"][0, 99, :3], [-4.2011495, -4.8263245, -4.554783], rtol=1e-5)
    np.testing.assert_allclose(out["ic_mean"][0, :3], [0.10982075, -0.06051502, 0.16899553], atol=2e-6)
    np.testing.assert_allclose(out["u_mean"][0, :3, 0], [-0.03538043, -0.03451538, -0.02439702], atol=2e-6)
    np.testing.assert_allclose(np.exp(weights["logtaus"]), [0.33050612], rtol=1e-6)
    np.testing.assert_allclose(np.exp(weights["lognvars"]), [0.10762037], rtol=1e-6)


@pytest.mark.parametrize(
    ("name", "stirling", "exact", "weighted_kl", "l2"),
    [
        ("lfads_model", 0.077943, 0.077972, 4.3291577e-5, 1.0013499e-6),
        ("lfads_overfit", 0.048087, 0.048116, 97.5247 * IC_WEIGHT, 1.21998e-6),
    ],
)
def test_published_losses_of_the_validation_set(published, name, stirling, exact, weighted_kl, l2):
    read, x = published
    out = lfads_forward(read(name), x, l2_scales=L2_SCALES)
    assert out["nll_stirling"] == pytest.approx(stirling, abs=5e-7)
    assert out["nll"] == pytest.approx(exact, abs=5e-7)
    assert IC_WEIGHT * np.mean(out["kl_ic"]) == pytest.approx(weighted_kl, rel=2e-6)
    assert out["l2"] == pytest.approx(l2, rel=1e-5)
    if name == "lfads_model":
        assert np.mean(np.abs(out["factors"])) == pytest.approx(1.59947, abs=5e-6)
        assert np.mean(np.exp(0.5 * out["ic_logvar"])) == pytest.approx(0.18553, abs=5e-6)


def test_one_posterior_sample_scores_as_published(published):
    read, x = published
    rng = np.random.default_rng(0)
    noise = {"ic_eps": rng.standard_normal((len(x), 100)), "co_eps": rng.standard_normal((len(x), 100, 1))}
    out = lfads_forward(read("lfads_model"), x, **noise)
    assert out["nll_stirling"] == pytest.approx(0.078078, abs=5e-5)


def test_gru_step_is_the_formula_with_reset_before_the_product():
    weights = {"g/kernel": [[0.3, -0.5, 0.9]], "g/recurrent_kernel": [[0.7, 0.2, -1.1]], "g/bias": [1.0, 0.8, 0.1]}
    weights = {name: np.asarray(value) for name, value in weights.items()}
    x, h = 0.6, -0.4
    z = 1 / (1 + math.exp(-(0.3 * x + 0.7 * h + 1.0)))
    r = 1 / (1 + math.exp(-(-0.5 * x + 0.2 * h + 0.8)))
    expected = z * h + (1 - z) * math.tanh(0.9 * x + (r * h) * -1.1 + 0.1)
    assert gru_step(weights, "g", np.array([[x]]), np.array([[h]]), 5.0) == pytest.approx(expected, rel=1e-12)
    assert gru_step(weights, "g", np.array([[x]]), np.array([[h]]), 0.05) == math.copysign(0.05, expected)


def test_lagged_codes_come_from_the_past_and_from_the_future():
    forward, backward = np.arange(1.0, 5.0).reshape(1, 4, 1), np.arange(11.0, 15.0).reshape(1, 4, 1)
    codes = lag_codes(forward, backward, lag=2, n_bins=5)
    np.testing.assert_array_equal(codes[0, :, 0], [0, 0, 1, 2, 0])
    np.testing.assert_array_equal(codes[0, :, 1], [13, 14, 0, 0, 0])


def test_gaussian_kl_is_that_of_dense_gaussians():
    rng = np.random.default_rng(1)
    mean, logvar, prior_mean, prior_logvar = rng.normal(size=(4, 5))
    dense = dense_kl(mean, np.diag(np.exp(logvar)), prior_mean, np.diag(np.exp(prior_logvar)))
    assert gaussian_kl(mean, logvar, prior_mean, prior_logvar) == pytest.approx(dense, rel=1e-12)


def dense_kl(mean_q: np.ndarray, cov_q: np.ndarray, mean_p: np.ndarray, cov_p: np.ndarray) -> float:
    inverse, shift = np.linalg.inv(cov_p), mean_p - mean_q
    logdets = np.linalg.slogdet(cov_p)[1] - np.linalg.slogdet(cov_q)[1]
    return 0.5 * (np.trace(inverse @ cov_q) + shift @ inverse @ shift - len(shift) + logdets)


def ar1_posterior(n_trials: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(2)
    mean, logvar = rng.normal(size=(2, 1, 6, 3))
    repeats = (n_trials, 1, 1)
    prior = {"logtaus": np.log([0.4, 3.0, 12.0]), "lognvars": np.log([0.1, 0.5, 1.7])}
    return {"mean": np.tile(mean, repeats), "logvar": np.tile(logvar, repeats), **prior}


def stationary_covariance(tau: float, noise: float, n_bins: int) -> np.ndarray:
    alpha = math.exp(-1.0 / tau)
    lags = np.abs(np.subtract.outer(np.arange(n_bins), np.arange(n_bins)))
    return noise / (1.0 - alpha**2) * alpha**lags


def test_analytic_ar1_kl_is_that_of_dense_gaussians():
    q = ar1_posterior(1)
    dense = 0.0
    for d, (tau, noise) in enumerate(zip(np.exp(q["logtaus"]), np.exp(q["lognvars"]), strict=True)):
        covariance = stationary_covariance(tau, noise, 6)
        dense += dense_kl(q["mean"][0, :, d], np.diag(np.exp(q["logvar"][0, :, d])), np.zeros(6), covariance)
    assert ar1_kl_analytic(**q, step_mask=np.ones((1, 6)))[0] == pytest.approx(dense, rel=1e-10)


def test_sampled_ar1_kl_is_the_log_ratio_of_dense_densities():
    q = ar1_posterior(1)
    u = np.random.default_rng(3).normal(size=(1, 6, 3))
    log_q = stats.norm.logpdf(u, q["mean"], np.exp(0.5 * q["logvar"])).sum()
    taus, noises = np.exp(q["logtaus"]), np.exp(q["lognvars"])
    covariances = [stationary_covariance(tau, noise, 6) for tau, noise in zip(taus, noises, strict=True)]
    log_p = sum(stats.multivariate_normal(np.zeros(6), c).logpdf(u[0, :, d]) for d, c in enumerate(covariances))
    assert ar1_kl_sampled(u, **q, step_mask=np.ones((1, 6)))[0] == pytest.approx(log_q - log_p, rel=1e-10)


def test_sampled_ar1_kl_averages_to_the_analytic_one():
    n_draws = 20_000
    q = ar1_posterior(n_draws)
    u = q["mean"] + np.exp(0.5 * q["logvar"]) * np.random.default_rng(4).standard_normal((n_draws, 6, 3))
    sampled = ar1_kl_sampled(u, **q, step_mask=np.ones((n_draws, 6)))
    analytic = ar1_kl_analytic(**ar1_posterior(1), step_mask=np.ones((1, 6)))[0]
    assert abs(sampled.mean() - analytic) < 4.0 * sampled.std() / math.sqrt(n_draws)


def test_stationary_variance_of_the_prior():
    alpha, noise, stationary = ar1_variances(np.log([10.0]), np.log([0.1]))
    assert stationary == pytest.approx(alpha**2 * stationary + noise, rel=1e-12)


def test_poisson_nll_is_that_of_scipy_and_stirling_differs_above_one_only():
    x = np.arange(6.0).reshape(1, 3, 2)
    log_rates = np.linspace(-1.0, 1.0, 6).reshape(1, 3, 2)
    mean, trials = poisson_nll(x, log_rates, np.ones((1, 3)))
    expected = -stats.poisson.logpmf(x, np.exp(log_rates))
    assert mean == pytest.approx(expected.mean(), rel=1e-12)
    assert trials == pytest.approx(expected.sum(), rel=1e-12)
    first, _ = poisson_nll(x, log_rates, np.array([[1.0, 0.0, 0.0]]), stirling=True)
    assert first == pytest.approx(expected[0, 0].mean(), rel=1e-12)
    k = 2.0
    gap = math.log(2.0) - (k * math.log(k) - k + 0.5 * math.log(2 * math.pi * k))
    entry = np.zeros((1, 3, 2))
    entry[0, 1, 0] = 1.0
    assert poisson_nll(x, log_rates, entry, stirling=True)[0] == pytest.approx(expected[0, 1, 0] - gap, rel=1e-12)


def test_l2_counts_recurrent_kernels_with_a_scale_only():
    weights = random_lfads()
    gen, con = (weights[f"{CELL}/{net}_gru_cell/recurrent_kernel"].astype(float) for net in ("gen", "con"))
    ways = [weights[f"encoder/ic_enc_bigru/{way}_layer/cell/recurrent_kernel"] for way in ("forward", "backward")]
    assert l2_penalty(weights, {"gen": 2.0, "con": 0.0}) == pytest.approx(np.sum(gen**2) / gen.size, rel=1e-6)
    both = 0.5 * (3.0 * np.sum(con**2) + 4.0 * sum(np.sum(way.astype(float) ** 2) for way in ways))
    size = con.size + sum(way.size for way in ways)
    assert l2_penalty(weights, {"con": 3.0, "ic_enc": 4.0}) == pytest.approx(both / size, rel=1e-6)
    assert l2_penalty(weights, {}) == 0.0


def test_padded_trials_are_as_those_without_padding():
    weights = random_lfads(ext_input_dim=2)
    x = counts()
    rng = np.random.default_rng(5)
    noise = {"ic_eps": rng.standard_normal((3, 3)), "co_eps": rng.standard_normal((3, 11, 2))}
    ext_input = rng.normal(size=(3, 11, 2))
    lengths = [11, 6, 1]
    mask = (np.arange(11) < np.array(lengths)[:, None]).astype(float)
    padded = lfads_forward(weights, x, ext_input=ext_input, step_mask=mask, **noise)
    for i, length in enumerate(lengths):
        cut = {"ic_eps": noise["ic_eps"][i : i + 1], "co_eps": noise["co_eps"][i : i + 1, :length]}
        alone = lfads_forward(weights, x[i : i + 1, :length], ext_input=ext_input[i : i + 1, :length], **cut)
        for name in ("log_rates", "factors", "gen_states", "con_states", "u_mean", "u"):
            np.testing.assert_allclose(padded[name][i, :length], alone[name][0], rtol=1e-12, err_msg=name)
        for name in ("ic_mean", "ic_logvar", "gen_init", "kl_ic", "kl_co", "kl_co_analytic", "nll_trials"):
            np.testing.assert_allclose(padded[name][i], alone[name][0], rtol=1e-12, err_msg=name)
    assert padded["nll"] == pytest.approx(padded["nll_trials"].sum() / (sum(lengths) * 7), rel=1e-12)


@pytest.mark.parametrize("ext_input_dim", [0, 2])
def test_no_controller_is_one_of_width_zero(ext_input_dim):
    without = random_lfads(co_dim=0, ext_input_dim=ext_input_dim)
    zero_width = random_lfads(co_dim=2, ext_input_dim=ext_input_dim) | without
    for name in ("co_mean_linear", "co_logvar_linear"):
        zero_width |= {f"{CELL}/{name}/kernel": np.zeros((6, 0)), f"{CELL}/{name}/bias": np.zeros(0)}
    zero_width |= {"logtaus": np.zeros(0), "lognvars": np.zeros(0)}
    ext_input = np.random.default_rng(6).normal(size=(3, 11, ext_input_dim))
    first = lfads_forward(without, counts(), ext_input=ext_input, l2_scales={"gen": 1.0})
    second = lfads_forward(zero_width, counts(), ext_input=ext_input, l2_scales={"gen": 1.0})
    assert first["con_states"].shape == (3, 11, 0) and first["u"].shape == (3, 11, 0)
    assert set(first) == set(second)
    for name in set(first) - {"con_states"}:
        np.testing.assert_array_equal(first[name], second[name], err_msg=name)
    np.testing.assert_array_equal(first["kl_co"], np.zeros(3))


def test_encoders_do_not_see_held_out_bins_and_channels():
    weights = random_lfads(n_outputs=9)
    x = counts(shape=(3, 11, 9))
    changed = x.copy()
    changed[:, 8:] += 1.0
    changed[:, :, 7:] += 1.0
    first, second = (lfads_forward(weights, data, heldout_bins=3) for data in (x, changed))
    np.testing.assert_array_equal(first["log_rates"], second["log_rates"])
    assert first["log_rates"].shape == (3, 11, 9)
    assert first["nll"] != second["nll"]


def test_masks_multiply_what_they_are_named_after():
    weights = random_lfads(ext_input_dim=2)
    x, rng = counts(), np.random.default_rng(7)
    ext_input = rng.normal(size=(3, 11, 2))
    plain = lfads_forward(weights, x, ext_input=ext_input)
    ones = {"cd": x, "input": x, "ic_enc": np.ones((3, 10)), "con_input": np.ones((3, 11, 17)), "ext_input": ext_input}
    ones |= {"gen_init": np.ones((3, 8)), "factors": np.ones((3, 11, 8))}
    same = lfads_forward(weights, x, ext_input=ext_input, masks={name: np.ones_like(m) for name, m in ones.items()})
    np.testing.assert_array_equal(same["log_rates"], plain["log_rates"])
    dropped = rng.binomial(1, 0.6, x.shape) / 0.6
    masked = lfads_forward(weights, x, ext_input=ext_input, masks={"cd": dropped})
    scaled = lfads_forward(weights, x * dropped, ext_input=ext_input)
    np.testing.assert_allclose(masked["log_rates"], scaled["log_rates"], rtol=1e-12)
    assert masked["nll"] != pytest.approx(scaled["nll"])
    silent = lfads_forward(weights, x, ext_input=ext_input, masks={"factors": np.zeros((3, 11, 8))})
    np.testing.assert_array_equal(silent["factors"], np.zeros((3, 11, 9)))
    np.testing.assert_array_equal(silent["u_mean"][:, 0], plain["u_mean"][:, 0])
    assert not np.allclose(silent["gen_states"][:, 2], plain["gen_states"][:, 2])
    no_ext = lfads_forward(weights, x, ext_input=ext_input, masks={"ext_input": np.zeros((3, 11, 2))})
    np.testing.assert_array_equal(no_ext["rates"], lfads_forward(weights, x, ext_input=0.0 * ext_input)["rates"])


def test_variance_floor_adds_to_the_variance_of_the_initial_condition():
    weights = random_lfads()
    bare, floored = (lfads_forward(weights, counts(), ic_post_var_min=floor) for floor in (0.0, 0.25))
    np.testing.assert_allclose(np.exp(floored["ic_logvar"]), np.exp(bare["ic_logvar"]) + 0.25, rtol=1e-12)


def test_unknown_mask_is_an_error():
    with pytest.raises(ValueError, match=r"masks: unknown names \['con'\]; known are"):
        lfads_forward(random_lfads(), counts(), masks={"con": np.ones(1)})
