"""Masks, predictions over several bins and sizes of messages, against plain loops."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from indl_vae.distributions.likelihoods import GaussianLikelihood
from indl_vae.errors import ConfigError
from indl_vae.layers import (
    ChannelDropout,
    HeardBins,
    MessageSize,
    Overshooting,
    OvershootLoss,
    PathRoughness,
    PredictedPath,
    StatePath,
)
from tests.layers.regions.test_rolled_posterior import B, D, T, U, make_system

RNG = np.random.default_rng(0)
X = RNG.normal(size=(B, T, D)).astype("f4")
INPUTS = RNG.normal(size=(B, T, U)).astype("f4")
PROBS = RNG.dirichlet(np.ones(2), (B, T)).astype("f4")
STEPS = (np.arange(T) < np.array([[T], [3], [1]])).astype("f4")


def ahead(system, path):
    """One bin ahead, bin by bin."""
    made = path.copy()
    for t in range(1, T):
        means = system.dynamics.next_mean(path[:, t - 1], INPUTS[:, t]).numpy()
        made[:, t] = (PROBS[:, t, :, None] * means).sum(1)
    return made


def test_paths_are_predicted_bin_by_bin():
    system = make_system()
    np.testing.assert_allclose(PredictedPath(system)(X, PROBS, INPUTS), ahead(system, X), atol=1e-5)


def test_overshooting_predicts_from_predictions():
    system = make_system()
    shot = Overshooting(system, (3.0, 1.0))(X, PROBS, INPUTS, STEPS)
    one = ahead(system, X)
    two = ahead(system, one)
    np.testing.assert_allclose(shot.paths, np.concatenate([one, two]), atol=1e-5)
    cost = np.zeros(B)
    for weight, path in ((0.75, one), (0.25, two)):
        z = (X - path) / system.noise.scale.factor.numpy()
        density = (-0.5 * z**2 - np.log(system.noise.scale.factor.numpy()) - 0.5 * np.log(2 * np.pi)).sum(-1)
        cost -= weight * (density * STEPS)[:, 1:].sum(1)
    np.testing.assert_allclose(shot.cost, cost, rtol=1e-4)
    with pytest.raises(ConfigError, match="expected numbers from 0 up with a sum above 0"):
        Overshooting(system, (0.0,))


def test_predictions_are_scored_where_data_may_be_learned_from():
    likelihood = GaussianLikelihood(D, "fixed")
    raw, seen = np.stack([X + 1.0, X + 3.0]).reshape(-1, T, D), (RNG.random((2, B, T, D)) > 0.4).astype("f4")
    score = OvershootLoss(likelihood, (1.0, 1.0))
    open_ = seen[0] * seen[1]
    expected = sum(0.5 * ((0.5 * gap**2 + 0.5 * np.log(2 * np.pi)) * open_[:, 1:]).sum((1, 2)) for gap in (1.0, 3.0))
    found = score(raw, np.where(open_ > 0, X, np.nan), seen[0], seen[1])
    np.testing.assert_allclose(found, expected, rtol=1e-4)


def test_messages_are_as_long_as_they_are():
    system = make_system()
    total = np.zeros(B)
    for t in range(1, T):
        told = system.dynamics(X[:, t - 1], INPUTS[:, t]).messages.numpy()
        lengths = np.linalg.norm(told, axis=-1)
        total += STEPS[:, t] * ((lengths[:, :, 0, 1] + lengths[:, :, 1, 0]) * PROBS[:, t]).sum(1)
    np.testing.assert_allclose(MessageSize(system)(X, PROBS, INPUTS, STEPS), total, rtol=1e-4)


def test_states_that_are_alike_are_balanced():
    system = make_system(dim=0, input_dim=0)
    assert (StatePath(system)(X, INPUTS, STEPS).imbalance.numpy() > 0.0).all()
    equal = make_system(dim=0, input_dim=0)
    for weight in equal.dynamics.weights:
        weight.assign(tf.repeat(tf.convert_to_tensor(weight)[:1], weight.shape[0], 0))
    equal.start.mean.assign(tf.repeat(tf.convert_to_tensor(equal.start.mean)[:1], 2, 0))
    np.testing.assert_allclose(StatePath(equal)(X, INPUTS, STEPS).imbalance, 0.0, atol=1e-5)


def test_roughness_is_the_sum_of_three_differences():
    expected = sum(np.abs(np.diff(X, n, axis=1)).sum((1, 2)) for n in (1, 2, 3))
    np.testing.assert_allclose(PathRoughness()(X), expected, rtol=1e-5)
    short = sum(np.abs(np.diff(X[1, :3], n, axis=0)).sum() for n in (1, 2, 3))
    np.testing.assert_allclose(PathRoughness()(X, STEPS)[1:], [short, 0.0], rtol=1e-5)


def test_windows_are_whole_and_as_many_as_asked_for():
    values = np.zeros((400, 60, 1), "f4")
    heard = HeardBins(0.3, 5, unheard=2, seed=1)(values, training=True).numpy()[..., 0]
    assert abs((1.0 - heard[:, 10:-2]).mean() - 0.3) < 0.02 and not heard[:, -2:].any()
    for row in heard[:50, :-2]:
        runs = "".join(str(int(one)) for one in row).strip("0").split("1")
        assert min((len(run) for run in runs if run), default=5) >= 5
    still = HeardBins(0.3, 5, unheard=2, seed=1)(values).numpy()[..., 0]
    assert still[:, :-2].all() and not still[:, -2:].any()
    with pytest.raises(ConfigError, match="HeardBins: expected a rate in"):
        HeardBins(1.0)


def test_whole_channels_of_some_trials_are_hidden_and_the_mean_is_kept():
    found = ChannelDropout(0.25, 0.5, seed=1)(np.ones((2000, 3, 8), "f4"), training=True).numpy()
    assert (found == found[:, :1]).all()
    np.testing.assert_allclose(np.unique(found), [0.0, 1.0, 4.0 / 3.0], rtol=1e-6)
    assert abs((found == 0).mean() - 0.125) < 0.01 and abs(found.mean() - 1.0) < 0.01
    assert abs((found == 1.0).all((1, 2)).mean() - 0.5) < 0.05
    with pytest.raises(ConfigError, match="ChannelDropout: expected a rate in"):
        ChannelDropout(1.0)
