"""Estimated means and converted sequences against the model in NumPy."""

from __future__ import annotations

import numpy as np
import pytest

from indl_vae.data import Split
from tests.families.fhvae.test_oracle import B, D, L, N, T, made, oracle
from tests.reference.fhvae_numpy import VARIANCE, decode_segment
from tests.reference.keras_weights import arrays, variables_by_layer


@pytest.fixture(scope="module", params=["lstm, mask", "simple, no numbers, mask"])
def known(request):
    """A model, a batch whose trials have 3, 2, 1 and 1 segments, and what NumPy makes of it."""
    model, batch = made(request.param)
    batch = {key: batch[key] for key in ("x", "mask")}
    return model, batch, oracle(model, batch)


def mean_of(theirs, trials):
    """sum / (n + .25) over all segments of some trials."""
    total, count = np.zeros(D), 0
    for trial in trials:
        for s in range(len(theirs["f_loc"][trial])):
            if theirs["counted"][trial][s] > 0:
                total, count = total + theirs["f_loc"][trial][s], count + 1
    return total / (count + VARIANCE)


def test_means_of_sequences_of_several_trials(known):
    model, batch, theirs = known
    split = Split("test", **batch, extras={"sequence_id": np.array([40, 7, 40, 9])})
    numbers, means = model.sequence_means(split)
    np.testing.assert_array_equal(numbers, [7, 9, 40])
    expected = [mean_of(theirs, trials) for trials in ([1], [3], [0, 2])]
    np.testing.assert_allclose(means, expected, rtol=1e-4, atol=1e-5)
    alone = model.sequence_means(batch)
    np.testing.assert_array_equal(alone[0], np.arange(B))
    np.testing.assert_allclose(alone[1], [mean_of(theirs, [i]) for i in range(B)], rtol=1e-4, atol=1e-5)
    together = model.sequence_means(batch, sequence=[3] * B)[1]
    np.testing.assert_allclose(together, [mean_of(theirs, range(B))], rtol=1e-4, atol=1e-5)


def test_means_of_more_trials_than_are_encoded_at_once(known):
    """They are encoded 64 at a time; a sequence may lie across the border."""
    model, batch, theirs = known
    times = 40
    many = {key: np.concatenate([value] * times) for key, value in batch.items()}
    numbers, means = model.sequence_means(many, sequence=np.arange(B * times) // 30)
    expected = [mean_of(theirs, [i % B for i in range(B * times) if i // 30 == number]) for number in numbers]
    np.testing.assert_allclose(means, expected, rtol=1e-4, atol=1e-5)


def test_what_is_decoded_is_f_moved_by_target_less_source(known):
    model, batch, theirs = known
    rng = np.random.default_rng(4)
    target, source = rng.normal(size=D).astype("f4"), rng.normal(size=(B, D)).astype("f4")
    own = np.array([mean_of(theirs, [i]) for i in range(B)])
    for found, moved_by in (
        (model.convert(batch, target, source), target - source),
        (model.convert(batch, target), target - own),
    ):
        expected = theirs["f_loc"] + moved_by[:, None]
        np.testing.assert_allclose(found["f"], expected, rtol=1e-4, atol=1e-5)
        np.testing.assert_allclose(found["z"], theirs["z_loc"], rtol=1e-4, atol=1e-5)
        rates = decoded(model, expected, theirs["z_loc"])
        np.testing.assert_allclose(found["rates"], rates, rtol=1e-3, atol=1e-5)
    assert found["rates"].shape == (B, T, N)


def decoded(model, f, z):
    weights = arrays(variables_by_layer(model.core))
    trials = [
        np.concatenate([decode_segment(weights, *pair, L) for pair in zip(*one, strict=True)])
        for one in zip(f, z, strict=True)
    ]
    return np.exp(np.array(trials)[:, :T])


def test_two_targets_differ_by_just_that_and_the_own_mean_changes_nothing(known):
    model, batch, _ = known
    own = model.sequence_means(batch)[1]
    plain, shift = model.convert(batch, own), np.array([0.5, -1.0, 0.0, 2.0], "f4")
    np.testing.assert_allclose(plain["rates"], model.posterior(batch, push_mean=True)["rates"], rtol=1e-4, atol=1e-5)
    moved = model.convert(batch, own + shift)
    np.testing.assert_allclose(moved["f"] - plain["f"], np.broadcast_to(shift, plain["f"].shape), atol=1e-5)
    np.testing.assert_array_equal(moved["z"], plain["z"])
    assert np.abs(moved["rates"] - plain["rates"]).max() > 1e-2
    drawn = [model.convert(batch, own + by, source=own, seed=3) for by in (0.0, shift)]
    np.testing.assert_allclose(drawn[1]["f"] - drawn[0]["f"], np.broadcast_to(shift, plain["f"].shape), atol=1e-5)
    assert np.abs(drawn[0]["f"] - plain["f"]).max() > 1e-2
