"""Means of sequences seen or not, and sequences made like others."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from indl_vae.data.sessions import join_sessions
from indl_vae.errors import ConfigError, DataError
from indl_vae.models import build_model
from indl_vae.typing import DataSpec
from tests.families.fhvae.test_feed import dataset, made


@pytest.fixture(scope="module")
def trained():
    data = dataset()
    return data, made(data)[1]


def test_means_are_the_formula_over_all_trials_of_a_sequence(trained):
    data, model = trained
    numbers, means = model.sequence_means(data.train)
    np.testing.assert_array_equal(numbers, [100, 101, 102, 103, 104])
    f, _, counted = model.segment_latents(data.train)
    for number, mean in zip(numbers, means, strict=True):
        rows = data.train.extras["sequence_id"] == number
        total, count = (f[rows] * counted[rows][..., None]).sum((0, 1)), counted[rows].sum()
        np.testing.assert_allclose(mean, total / (count + 0.25), rtol=1e-4, atol=1e-6)
    one_each = model.sequence_means(data.train.x)[1]
    assert one_each.shape == (10, 2)
    given = model.sequence_means(data.train, sequence=[0] * 5 + [1] * 5)
    assert given[1].shape == (2, 2)


def test_converting_to_its_own_mean_changes_nothing(trained):
    data, model = trained
    batch = data.train.batch(slice(0, 3))
    own = model.sequence_means(batch)[1]
    same = model.convert(batch, own)
    np.testing.assert_allclose(same["rates"], model.posterior(batch, push_mean=True)["rates"], rtol=1e-4, atol=1e-5)
    moved = model.convert(batch, own + 1.0, source=own)
    np.testing.assert_allclose(moved["f"], same["f"] + 1.0, rtol=1e-4, atol=1e-5)
    np.testing.assert_array_equal(moved["z"], same["z"])
    assert not np.allclose(moved["rates"], same["rates"])


def test_draws_are_a_function_of_the_seed(trained):
    data, model = trained
    first, again, other = (model.segment_latents(data.train, seed=seed)[0] for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.allclose(first, other)
    assert not np.allclose(first, model.segment_latents(data.train)[0])


def test_what_is_refused(trained):
    data, model = trained
    with pytest.raises(ConfigError, match=r"target: expected a mean \(2,\) or one for each trial \(10, 2\), got shape"):
        model.convert(data.train, np.zeros(3))
    with pytest.raises(ConfigError, match=r"sequence: expected a number for each of 10 trials, got \(2,\)"):
        model.sequence_means(data.train, sequence=[1, 2])
    with pytest.raises(ConfigError, match="n_bins: expected the number of bins to draw, got none"):
        build_model(model.params, DataSpec(3)).sample_prior(2)
    with pytest.raises(ConfigError, match="ext_input: expected data without a measured external input, got one of"):
        build_model(model.params, DataSpec(3, 8, ext_input_dim=2))
    with pytest.raises(DataError, match="x: expected an array"):
        model.convert(np.zeros((2, 8, 4)), np.zeros(2))


def test_a_single_session_that_is_aligned():
    data = dataset()
    aligned = replace(
        data, alignment={"alignment_matrix_cxf": np.eye(3, 2, dtype="f4"), "alignment_bias_c": np.zeros(3)}
    )
    params, model = made(aligned, n_means=3)
    assert model.sequence_means(aligned.train)[1].shape == (5, 2)
    callbacks = model.feed.callbacks(aligned.train)
    model.fit(model.feed.training_batches(aligned.train, params), epochs=1, callbacks=callbacks, verbose=0)


def test_ids_of_several_sessions_are_not_merged():
    joined = join_sessions({"a": dataset(3), "b": dataset(4)})
    _, model = made(joined)
    with pytest.raises(ConfigError, match="sequence: expected a number for each trial, got none; the split holds sev"):
        model.sequence_means(joined.train)
    numbers, means = model.sequence_means(joined.train, sequence=joined.train.sequence)
    assert len(numbers) == 7 and means.shape == (7, 2)


def test_half_precision_leaves_the_divergences_alone():
    data = dataset()
    model = made(data, mixed_precision=True, q_f_init_std=0.02)[1]
    outputs = model.all_outputs(data.train.batch())
    f, mean, scale = (np.asarray(outputs[name], "f8") for name in ("f_loc", "sequence_mean", "f_scale"))
    counted = model.segment_latents(data.train)[2]
    each = np.log(0.5 / scale) + (scale**2 + (f - mean[:, None]) ** 2) / 0.5 - 0.5
    np.testing.assert_allclose(outputs["_kl_f"], (each.sum(-1) * counted).sum(1), rtol=1e-4)
