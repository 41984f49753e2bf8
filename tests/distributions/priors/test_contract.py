"""What every prior must do, run over the catalogue of cases."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from indl_vae.distributions import GaussianPosterior
from indl_vae.distributions.priors import PRIORS, AR1Prior, NullPrior, Prior
from indl_vae.errors import ConfigError
from indl_vae.typing import Latent
from tests.distributions.helpers import make_latent, value_and_gradients
from tests.distributions.priors.cases import CASES, DIM

B, T = 4, 6


def make(case: str) -> Prior:
    cls, options, _, _ = CASES[case]
    return cls(DIM, **options)


def shape_of(case: str, n_bins: int = T) -> tuple[int, ...]:
    return (B, DIM) if CASES[case][2] == 2 else (B, n_bins, DIM)


def subclasses(cls: type) -> set[type]:
    """Returns all classes of the library below `cls`; those that tests define are not ours."""
    found = {one for child in cls.__subclasses__() for one in {child, *subclasses(child)}}
    return {one for one in found if one.__module__.startswith("indl_vae.")}


def with_mean_and_sample_as_one(gradients: list) -> list:
    """Joins the last two: a KL in closed form depends on the mean, one at the sample on the sample."""
    *others, mean, sample = gradients
    both = [one for one in (mean, sample) if one is not None]
    return [*others, sum(both) if both else None]


def test_every_prior_is_registered_and_tested():
    ours = {cls.__name__ for cls in subclasses(Prior)}
    assert ours == {PRIORS.get(name).__name__ for name in PRIORS.names()}
    assert ours == {cls.__name__ for cls, *_ in CASES.values()}


@pytest.mark.parametrize("name", ["normal", "tiled", "AR1", "RNN", "LSTM", "GRU", "GRUClip", "null"])
def test_names_of_the_parameters_are_registered(name):
    assert issubclass(PRIORS.get(name), Prior)


#: One case of each kind of loop or draw is compiled by default.
COMPILED = ("tiled", "AR1 fresh", "GRU", "free running", "dynamics")


@pytest.mark.parametrize("triangular", [False, True], ids=["diag", "tril"])
@pytest.mark.parametrize("case", CASES)
def test_kl_and_its_gradients(rng, case, triangular):
    _kl_and_its_gradients(rng, case, triangular, False)


@pytest.mark.parametrize(
    "case", [pytest.param(case, marks=() if case in COMPILED else pytest.mark.slow) for case in CASES]
)
def test_kl_and_its_gradients_under_xla(rng, case):
    _kl_and_its_gradients(rng, case, False, True)


def _kl_and_its_gradients(rng, case, triangular, jit):
    prior, latent = make(case), make_latent(rng, shape_of(case), triangular)
    variables = [*prior.trainable_weights, latent.scale, latent.loc, latent.sample]
    value, gradients = value_and_gradients(lambda: prior.kl(latent), variables, jit)
    gradients = with_mean_and_sample_as_one(gradients)
    assert value.shape == (B,) and np.isfinite(value).all()
    if isinstance(prior, NullPrior):
        assert not value.any() and gradients == [None, None]
        return
    for variable, gradient in zip(variables[:-1], gradients, strict=True):
        assert gradient is not None and np.isfinite(gradient).all(), variable
        assert np.abs(gradient).max() > 0, f"no gradient reaches {variable}"


@pytest.mark.parametrize("case", [case for case, (_, _, rank, fixed) in CASES.items() if rank == 3 and fixed])
def test_padded_bins_do_not_count(rng, case):
    prior, short = make(case), make_latent(rng, shape_of(case, 4))
    junk = make_latent(rng, shape_of(case, 2))
    long = Latent(*(tf.concat([a, 100.0 * b], axis=1) for a, b in zip(short, junk, strict=True)))
    mask = tf.constant([[1.0] * 4 + [0.0] * 2] * B)
    np.testing.assert_allclose(prior.kl(long, mask), prior.kl(short), rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(prior.kl(short, tf.ones((B, 4))), prior.kl(short), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(
    ("case", "jit"),
    [
        pytest.param(case, jit, marks=pytest.mark.slow if jit and case not in COMPILED else ())
        for case, (_, _, rank, _) in CASES.items()
        if rank == 3
        for jit in (False, True)
    ],
)
def test_gaps_and_empty_trials_are_well_defined(rng, case, jit):
    prior, latent = make(case), make_latent(rng, shape_of(case), triangular=jit)
    mask = np.array([[1, 1, 0, 0, 1, 1], [0, 0, 1, 0, 0, 1], [0, 0, 0, 0, 0, 0], [1, 0, 1, 0, 1, 0]], "f4")
    variables = [*prior.trainable_weights, latent.loc, latent.sample]
    value, gradients = value_and_gradients(lambda: prior.kl(latent, tf.constant(mask)), variables, jit)
    gradients = with_mean_and_sample_as_one(gradients)
    assert np.isfinite(value).all() and value[2] == 0.0
    if not isinstance(prior, NullPrior):
        assert all(np.isfinite(one).all() for one in gradients)
        assert not gradients[-1][2].any(), "an empty trial moves nothing"


SEPARABLE = ["normal", "normal bounded", "tiled", "AR1 same", "AR1 analytic"]


@pytest.mark.parametrize("case", SEPARABLE)
def test_divergences_of_latents_add_up(rng, case):
    prior, latent = make(case), make_latent(rng, shape_of(case))
    if isinstance(prior, AR1Prior):
        prior.kl_sample = "analytic"
    mask = tf.constant(np.array([[1, 1, 0, 0, 1, 1], [0, 0, 1, 0, 0, 1], [0] * 6, [1] * 6], "f4"))
    for counted in (None, mask):
        each = prior(latent, counted, per_latent=True)
        assert each.shape == (B, DIM)
        np.testing.assert_allclose(tf.reduce_sum(each, -1), prior.kl(latent, counted), rtol=1e-4, atol=1e-5)
    other = Latent(*(tf.concat([part[..., :1] + 0.3, part[..., 1:]], -1) for part in latent))
    moved = prior.kl_per_latent(other) - prior.kl_per_latent(latent)
    assert np.abs(moved[:, 0]).min() > 1e-3 and not np.abs(moved[:, 1:]).any()


def test_latents_that_go_together_have_no_divergences_of_their_own(rng):
    with pytest.raises(ConfigError, match="expected a prior under which latents are independent"):
        make("LSTM").kl_per_latent(make_latent(rng, shape_of("LSTM")))
    with pytest.raises(ConfigError, match="latents that covary"):
        make("tiled").kl_per_latent(make_latent(rng, shape_of("tiled"), triangular=True))
    with pytest.raises(ConfigError, match="expected `off_diag` False, got True"):
        make("tiled off_diag").kl_per_latent(make_latent(rng, shape_of("tiled off_diag")))


def test_a_static_latent_has_no_bins_to_mask(rng):
    prior, latent = make("normal"), make_latent(rng, (B, DIM))
    np.testing.assert_array_equal(prior.kl(latent, tf.zeros((B, T))), prior.kl(latent))


@pytest.mark.parametrize("case", CASES)
def test_model_with_the_prior_saves_exactly(rng, case, tmp_path):
    prior = make(case)
    for weight in prior.weights:
        weight.assign(weight + rng.normal(size=weight.shape) * 0.1)
    static = CASES[case][2] == 2
    inputs = [keras.Input((DIM,) if static else (None, DIM)) for _ in range(2)]
    model = keras.Model(inputs, prior(GaussianPosterior(DIM, seed=3)(inputs)))
    data = [rng.normal(size=shape_of(case)).astype("f4") for _ in range(2)]
    model(data)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert loaded.layers[-1].get_config() == prior.get_config()
    assert [one.path for one in loaded.trainable_weights] == [one.path for one in model.trainable_weights]
    for _ in range(2):
        np.testing.assert_array_equal(model(data), loaded(data))


@pytest.mark.parametrize("case", CASES)
def test_samples_are_a_function_of_the_seed(case):
    prior = make(case)
    n_bins = None if CASES[case][2] == 2 else T
    first = prior.sample(5, n_bins, seed=1).numpy()
    assert first.shape == ((5, DIM) if n_bins is None else (5, T, DIM))
    np.testing.assert_array_equal(first, prior.sample(5, n_bins, seed=1))
    if not isinstance(prior, NullPrior):
        assert not np.array_equal(first, prior.sample(5, n_bins, seed=2))
        assert len(np.unique(first)) == first.size


@pytest.mark.parametrize("case", [case for case in CASES if "null" not in case])
def test_samples_follow_the_distribution(rng, case):
    """Standardised by the conditional law of each bin, draws are standard normal."""
    prior = make(case)
    for weight in prior.weights:
        weight.assign(weight + rng.normal(size=weight.shape) * 0.3)
    z = prior.sample(20_000, None if CASES[case][2] == 2 else 3, seed=1)
    law = prior.distribution(Latent(z))
    scale = law.scale.to_dense()
    standard = tf.linalg.triangular_solve(tf.broadcast_to(scale, (*z.shape, DIM)), (z - law.loc)[..., None])[
        ..., 0
    ].numpy()
    flat = standard.reshape(len(standard), -1)
    np.testing.assert_allclose(flat.mean(0), 0.0, atol=0.04)
    np.testing.assert_allclose(np.cov(flat.T), np.eye(flat.shape[1]), atol=0.05)


def test_half_precision_latents_are_worked_on_in_float32(rng):
    latent = Latent(*(tf.cast(part, tf.bfloat16) for part in make_latent(rng, (B, T, DIM))))
    assert make("AR1 same").kl(latent).dtype == tf.float32


@pytest.mark.parametrize("case", ["normal", "AR1 same", "LSTM"])
def test_latents_that_do_not_fit_are_refused(rng, case):
    prior, good = make(case), make_latent(rng, shape_of(case))
    with pytest.raises(ConfigError, match="loc or scale is None"):
        prior.kl(Latent(good.sample))
    wrong = make_latent(rng, (*shape_of(case)[:-1], DIM + 1))
    with pytest.raises(ConfigError, match=rf"`latent.loc` must be \(B.*D = {DIM}, but its shape is \(4,.*4\)"):
        prior.kl(wrong)
    other_rank = make_latent(rng, (B, T, DIM) if CASES[case][2] == 2 else (B, DIM))
    with pytest.raises(ConfigError, match=r"`latent.loc` must be \(B"):
        prior.kl(other_rank)
    with pytest.raises(ConfigError, match=r"`mask` must be \(B, T\), but its shape is \(4, 6, 9\); reduce"):
        prior.kl(good, tf.ones((B, T, 9)))


@pytest.mark.parametrize("case", ["tiled", "AR1 same", "LSTM"])
@pytest.mark.parametrize("n_bins", [None, 0])
def test_dynamic_samples_need_a_length(case, n_bins):
    with pytest.raises(ConfigError, match=f"`n_bins` must be at least 1, got {n_bins}"):
        make(case).sample(2, n_bins)


@pytest.mark.parametrize("cls_case", ["normal", "AR1 same", "LSTM", "null static"])
def test_a_prior_over_nothing_is_refused(cls_case):
    cls, options, *_ = CASES[cls_case]
    with pytest.raises(ConfigError, match=f"{cls.__name__}: `dim` must be at least 1, got 0"):
        cls(0, **options)
