"""Hidden neurons, told by a model and by regression."""

from __future__ import annotations

import numpy as np
import pytest

from indl_vae.analysis.neurons import by_identity, class_r2, hide, identity_groups, imputation_scores
from indl_vae.analysis.neurons.available_ridge import AvailableRidge
from indl_vae.analysis.neurons.features import Features, features_of
from indl_vae.analysis.neurons.found import as_arrays
from indl_vae.analysis.ridge import ridge_path
from indl_vae.errors import ConfigError
from tests.analysis.neurons.linear_model import LinearModel, windows

NAMES = {"model", "permuted", "shown", "class_mean", "ridge_behavior", "ridge_neurons", "ridge_both"}


@pytest.fixture
def model():
    return LinearModel()


def test_a_model_that_knows_is_perfect_and_permuted_it_is_not(model):
    split, _ = windows(model)
    found = imputation_scores(model, split, 4)
    assert set(found.r2) == {"model", "permuted", "shown"}
    np.testing.assert_array_equal(found.identities, np.arange(1, 9))
    np.testing.assert_allclose(found.r2["model"], 1.0, atol=1e-5)
    np.testing.assert_allclose(found.r2["shown"], 1.0, atol=1e-5)
    assert found.mean["permuted"] < 0.3 < found.mean["model"]


def test_nothing_of_a_hidden_neuron_reaches_the_encoder(model):
    split, _ = windows(model)
    arrays = as_arrays(split)
    hidden = hide(arrays, [2, 5])
    gone = np.isin(arrays["identity"], [2, 5])[:, None] & np.ones(arrays["x"].shape, bool)
    assert gone.any() and (hidden["x"][gone] == 0).all() and (hidden["visible"][gone] == 0).all()
    np.testing.assert_array_equal(hidden["x"][~gone], arrays["x"][~gone])
    np.testing.assert_array_equal(hidden["visible"][~gone], 1)
    assert hidden["mask"] is arrays["mask"]
    assert (hide(hidden, [1])["visible"][gone] == 0).all()  # what was hidden stays so
    # a model that is shown 2 and 5 as noise is as good as before: it cannot see them
    spoiled = {**arrays, "x": np.where(gone, 50.0, arrays["x"]).astype(np.float32)}
    blind = [hide(one, [2, 5])["x"] for one in (arrays, spoiled)]
    np.testing.assert_array_equal(*blind)


def test_baselines_are_told_what_the_model_is_told(model):
    train, valid, split = (windows(model, n, 60, noise=0.3, seed=n)[0] for n in (12, 5, 6))
    found = imputation_scores(model, split, 4, train=train, valid=valid)
    assert set(found.r2) == NAMES
    mean = found.mean
    assert mean["ridge_both"] > mean["ridge_neurons"] > 0.2 and mean["ridge_both"] > mean["ridge_behavior"] > 0.0
    assert abs(mean["class_mean"]) < 0.05
    assert mean["ridge_both"] < mean["shown"] <= 1.0
    # hidden neurons' own values change nothing: not what is predicted from others of their group
    loud = split.x.copy()
    loud[np.isin(split.identity, [1, 2])[:, None] & (split.mask > 0)] += 5.0
    groups = [[1, 2]]
    again = [
        imputation_scores(model, {**split.batch(), "x": x}, groups, train=train, valid=valid) for x in (split.x, loud)
    ]
    for name in NAMES - {"shown", "permuted"}:
        assert (again[1].r2[name] < again[0].r2[name] - 0.05).all(), name  # the same guess of other values


def test_without_behaviour_there_is_one_ridge():
    model = LinearModel(n_behaviors=0)
    sets = [windows(model, n, 20, seed=n)[0] for n in (8, 4, 5)]
    arrays = [{k: v for k, v in one.batch().items() if k != "ext_input"} for one in sets]
    model.all_outputs = lambda data: LinearModel.all_outputs(
        model, {**data, "ext_input": np.zeros((*data["x"].shape[:2], 0))}
    )
    found = imputation_scores(model, arrays[2], 3, train=arrays[0], valid=arrays[1])
    assert set(found.r2) == NAMES - {"ridge_behavior", "ridge_both"}


def test_without_identities_channels_are_classes(rng):
    model = LinearModel(n_channels=5, n_classes=5)
    latents, told = rng.normal(size=(4, 9, 2)), rng.normal(size=(4, 9, 1)).astype(np.float32)
    x = model.decode(latents, told, np.arange(1, 6)).astype(np.float32)
    model.all_outputs = lambda data: LinearModel.all_outputs(
        model, {"identity": np.tile(np.arange(1, 6), (len(data["x"]), 1)), "mask": np.ones(data["x"].shape), **data}
    )
    found = imputation_scores(model, {"x": x, "ext_input": told}, [[2], [4, 5]])
    np.testing.assert_array_equal(found.identities, [2, 4, 5])
    np.testing.assert_allclose(found.r2["model"], 1.0, atol=1e-5)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"hidden": 1}, r"hidden: expected 2 to 8 groups of the 8 identities of the data, got 1"),
        ({"hidden": 9}, "hidden: expected 2 to 8 groups"),
        (
            {"hidden": [[1], [99]]},
            r"hidden: expected groups of identities that are in the data, such as \[\[1\]\], got \[99\]",
        ),
        ({"hidden": [[1], []]}, "or an empty group"),
        ({"hidden": [[3]]}, "hidden: expected at least 2 classes"),
        ({"train": {"x": np.zeros((1, 2, 2))}}, "train, valid: expected both for baselines, or neither"),
    ],
)
def test_what_cannot_be_scored_is_refused(model, options, message):
    with pytest.raises(ConfigError, match=message):
        imputation_scores(model, windows(model)[0], **options)


def test_windows_by_identity_and_their_scores(rng):
    x = rng.normal(size=(2, 3, 3)).astype(np.float32)
    mask = np.ones(x.shape)
    mask[1, 2, 0] = 0
    found = by_identity({"x": x, "mask": mask, "identity": np.array([[2, 0, 4], [4, 1, 9]])}, 4)
    np.testing.assert_array_equal(found.recorded, [[False, True, False, True], [True, False, False, True]])
    np.testing.assert_array_equal(found.values[0, :, 1], x[0, :, 0])
    np.testing.assert_array_equal(found.values[1, :, 3], np.where([1, 1, 0], x[1, :, 0], 0))
    np.testing.assert_array_equal(found.seen[1, :, 3], [True, True, False])
    assert found.behavior.shape == (2, 3, 0)
    truth, guess, seen = rng.normal(size=(2, 9, 2)), rng.normal(size=(2, 9, 2)), rng.random((2, 9, 2)) < 0.7
    guess[0, 0] = np.nan
    kept = seen & np.isfinite(guess)
    y = truth[..., 1][kept[..., 1]]
    expected = 1 - ((y - guess[..., 1][kept[..., 1]]) ** 2).sum() / ((y - y.mean()) ** 2).sum()
    scores = class_r2(truth, guess, seen)
    assert scores[1] == pytest.approx(expected)
    assert np.isnan(class_r2(truth * 0 + 2.0, guess, seen)).all()


def test_groups_hide_every_identity_once():
    groups = identity_groups([5, 1, 1, 7, 2, 9], 3, seed=4)
    assert sorted(np.concatenate(groups)) == [1, 2, 5, 7, 9] and max(map(len, groups)) == 2
    assert any((a != b).any() for a, b in zip(groups, identity_groups([5, 1, 7, 2, 9], 3, seed=5), strict=True))


def test_where_everything_is_seen_it_is_ridge_regression(rng):
    x, y = rng.normal(size=(4, 25, 3)), rng.normal(size=(4, 25, 2))
    y[..., 0] += x[..., 0]
    features = Features(x, np.ones(x.shape, bool), np.array([1, 2, 3]))
    ridge = AvailableRidge.fit(features, y, np.ones(y.shape, bool))
    for part in (np.array([True, True, True]), np.array([True, False, True])):
        alphas = (0.0, 0.3)
        guesses = list(ridge.predict(features, part, np.arange(2), alphas))
        for guess, fit in zip(guesses, ridge_path(x[..., part], y, alphas), strict=True):
            np.testing.assert_allclose(guess, fit.predict(x[..., part]), atol=1e-6)
    [constant] = ridge.predict(features, np.zeros(3, bool), np.arange(2), [1.0])
    np.testing.assert_allclose(constant, np.broadcast_to(y.mean((0, 1)), y.shape))


def test_predictors_are_neighbours_in_time_and_averages_of_behaviour():
    values = np.arange(1.0, 9.0).reshape(1, 4, 2)
    split = by_identity({"x": values, "ext_input": np.array([[[0.0], [1.0], [0.0], [0.0]]])}, 2)
    found = features_of(split, 1)
    np.testing.assert_array_equal(found.source, [1, 2, 1, 2, 1, 2, 0, 0, 0, 0, 0, 0, 0])
    np.testing.assert_array_equal(found.values[0, :, 2], [3, 5, 7, 0])  # one bin later
    np.testing.assert_array_equal(found.values[0, :, 4], [0, 1, 3, 5])  # one bin before
    np.testing.assert_array_equal(found.seen[0, :, 4], [False, True, True, True])
    keep = np.exp(-0.5)
    np.testing.assert_allclose(found.values[0, 1:3, 7], [1 / (1 + keep), keep / (1 + keep + keep**2)], rtol=1e-6)
    np.testing.assert_allclose(found.values[0, 2:, 8], 0.0)  # the future knows no past
    assert features_of(split, 9).values.shape[2] == 2 * 19 + 7
