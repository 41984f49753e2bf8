"""From what users pass to what the model reads."""

from __future__ import annotations

import re

import numpy as np
import pytest
import tensorflow as tf

from indl_vae.errors import DataError
from indl_vae.models.batch import as_batch, observed, repeat_trials
from indl_vae.typing import DataSpec
from tests.models.helpers import B, N, T, U, counts

SPEC = DataSpec(N, T)


def test_arrays_and_dicts_become_float32_tensors():
    whole = as_batch(counts().astype("i8"), SPEC)
    assert set(whole) == {"x"} and whole["x"].dtype == tf.float32
    extra = {"x": counts(), "mask": None, "inds": np.arange(B), "truth": counts().astype("f8")}
    assert set(as_batch(extra, SPEC)) == {"x", "truth"}
    assert as_batch(extra, SPEC)["truth"].dtype == tf.float32


def test_masks_are_of_entries(rng):
    steps = (rng.random((B, T)) > 0.5).astype("f4")
    batch = as_batch({"x": counts(), "mask": steps}, SPEC)
    np.testing.assert_array_equal(batch["mask"], np.repeat(steps[..., None], N, axis=-1))
    np.testing.assert_array_equal(observed(batch), batch["mask"])
    np.testing.assert_array_equal(observed(as_batch(counts(), SPEC)), np.ones((B, T, N)))


def test_repeated_trials_stand_in_a_row():
    batch = as_batch({"x": counts(), "mask": np.ones((B, T), "f4")}, SPEC)
    twice = repeat_trials(batch, 2)
    np.testing.assert_array_equal(twice["x"], np.repeat(counts(), 2, axis=0))
    assert twice["mask"].shape == (2 * B, T, N)
    assert repeat_trials(batch, 1) == batch


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"counts": counts()}, r"expected the key 'x' with an array \(trials, bins, channels\), got keys \['counts'\]"),
        (counts(n_channels=4), rf"x: expected an array \(trials, bins, {N} channels\), got shape \(3, 5, 4\)"),
        (counts()[0], rf"got shape \(5, {N}\); the model was built for {N} channels"),
        ({"x": counts(), "mask": np.ones((B, T + 1))}, r"mask: expected shape .* to go with x, got \(3, 6\)"),
        (
            {"x": counts(), "visible": np.ones((B, T))},
            r"visible: expected shape \(3, 5, 6\) to go with x, got \(3, 5\)",
        ),
        ({"x": counts(), "truth": counts(n_bins=3)}, r"truth: expected shape .* got \(3, 3, 6\)"),
        ({"x": counts(), "ext_input": np.ones((B, T, U))}, "ext_input: expected width 0, got 2.*z_latent_size"),
    ],
)
def test_what_does_not_fit_is_refused(data, message):
    with pytest.raises(DataError, match=message):
        as_batch(data, SPEC)


@pytest.mark.parametrize(
    ("ext_input", "message"),
    [
        (None, "ext_input: expected width 2, got 0. This is the measured external input"),
        (np.ones((B, T, 3)), "ext_input: expected width 2, got 3"),
        (np.ones((B, 2, U)), r"ext_input: expected shape \(3, 5, None\) to go with x, got \(3, 2, 2\)"),
    ],
)
def test_external_inputs_must_be_as_the_model_was_built(ext_input, message):
    with pytest.raises(DataError, match=message):
        as_batch({"x": counts(), "ext_input": ext_input}, DataSpec(N, T, U))


def test_messages_name_no_tensor_types():
    with pytest.raises(DataError) as error:
        as_batch(counts(n_channels=4), SPEC)
    assert not re.search(r"Tensor|Dimension", str(error.value))
