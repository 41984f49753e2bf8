"""Figures of models: what an encoder must not see, and what a run by itself begins with."""

from __future__ import annotations

import numpy as np
import pytest

from indl_vae.analysis.regions import co_smoothing, evaluate_regions, generate, one_step_r2, region_field
from indl_vae.data import Dataset
from indl_vae.errors import ConfigError
from tests.models.family_cases import N, make_batch, tiny


def split_of(model, **extras):
    batch = make_batch(model, 5)
    return Dataset.from_arrays({**batch, **extras}, likelihood=model.params.likelihood).train


def test_held_out_channels_are_predicted_unseen():
    model = tiny("mrsds held out", heldout_bins=0)
    split = split_of(model)
    found = co_smoothing(model, split, samples=2)
    assert found.channels.tolist() == [N - 2, N - 1]
    other = split.take(slice(None))
    other.x[..., N - 2 :] += 100.0
    np.testing.assert_array_equal(co_smoothing(model, other, samples=2).prediction, found.prediction)


def test_other_channels_can_be_hidden_too():
    model = tiny("mrsds s_svae")
    split = split_of(model)
    found = co_smoothing(model, split, [1, 6], samples=2)
    other = split.take(slice(None))
    other.x[..., [1, 6]] = -50.0
    np.testing.assert_array_equal(co_smoothing(model, other, [1, 6], samples=2).prediction, found.prediction)
    with pytest.raises(ConfigError, match="the model was trained with none held out"):
        co_smoothing(model, split)


def test_a_run_begins_with_what_was_found():
    model = tiny("mrsds mean field")
    split = split_of(model)
    made = generate(model, split, start_bin=2)
    np.testing.assert_allclose(made.latents[:, :3], model.states(split)[:, :3], rtol=1e-5)
    expected = model.next_means(made.latents[:, 2], split.ext_input[:, 3])
    np.testing.assert_allclose(made.latents[:, 3], expected[np.arange(5), made.states[:, 3]], rtol=1e-4, atol=1e-5)
    assert np.isfinite(made.r2) and made.r2_over_time.shape == (split.n_bins,)
    with pytest.raises(ConfigError, match="start_bin: expected 0 to"):
        generate(model, split, start_bin=split.n_bins - 1)


def test_all_figures():
    model = tiny("mrsds s_svae")
    plain = split_of(model)
    rng = np.random.default_rng(0)
    extras = {
        "latent": rng.normal(size=(5, plain.n_bins, 4)),
        "dynamic_label": rng.integers(0, 2, (5, plain.n_bins)),
        "messages": rng.normal(size=(5, plain.n_bins, 2, 2, 2)),
    }
    scores = evaluate_regions(model, split_of(model, **extras), samples=2)
    assert scores["latent_r2"].shape == (2, 2) and scores["message_r2"].shape == (2, 2)
    assert 0.5 <= scores["state_accuracy"] <= 1.0
    assert scores["one_step_r2"] == pytest.approx(one_step_r2(model, plain))


def test_a_field_is_the_step_of_the_dynamics():
    model = tiny("mrsds svae")
    latents = model.states(split_of(model))
    field = region_field(model, latents, 1, n=3)
    point = latents.reshape(-1, 4).mean(0)
    point[2:] = field.points[1, 2]
    np.testing.assert_allclose(field.steps[1, 2], model.next_means(point[None])[0, 0, 2:] - point[2:], atol=1e-5)
    with pytest.raises(ConfigError, match="region_latents: expected 2 for a field in a plane, got 1"):
        region_field(tiny("mrsds svae", region_latents=1), latents, 0)
