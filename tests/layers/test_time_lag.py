"""The lag between encoder and controller against a plain loop."""

from __future__ import annotations

import numpy as np
import pytest

from indl_vae.errors import ConfigError
from indl_vae.layers import TimeLag

B, T, H = 2, 5, 3


def loop(codes, lag, bidirectional, extra_bins, merge, steps):
    """Returns at each bin the forward code of `lag` bins before and the backward code of `lag` bins after."""
    codes = codes * steps[..., None]
    forward, backward = np.split(codes, 2, axis=-1) if bidirectional else (codes, codes[..., :0])
    out = np.zeros((B, T + extra_bins, codes.shape[-1]))
    for t in range(T):
        if t - lag >= 0:
            out[:, t, : forward.shape[-1]] = forward[:, t - lag]
        if t + lag < T:
            out[:, t, forward.shape[-1] :] = backward[:, t + lag]
    return out[..., :H] + out[..., H:] if bidirectional and merge == "sum" else out


@pytest.mark.parametrize("lag", [0, 1, 3, 7])
@pytest.mark.parametrize("extra_bins", [0, 2])
@pytest.mark.parametrize(("bidirectional", "merge"), [(True, "concat"), (True, "sum"), (False, "concat")])
def test_lag_against_a_loop(rng, lag, extra_bins, bidirectional, merge):
    codes = rng.normal(size=(B, T, 2 * H if bidirectional else H)).astype("f4")
    layer = TimeLag(lag, bidirectional, extra_bins, merge)
    expected = loop(codes, lag, bidirectional, extra_bins, merge, np.ones((B, T)))
    np.testing.assert_allclose(layer(codes), expected, rtol=1e-6)


def test_codes_of_padding_count_as_nothing(rng):
    codes = rng.normal(size=(B, T, 2 * H)).astype("f4")
    steps = np.array([[1, 1, 1, 0, 0], [1, 1, 1, 1, 1]], "f4")
    padded = TimeLag(1)(codes, step_mask=steps).numpy()
    np.testing.assert_allclose(padded, loop(codes, 1, True, 0, "concat", steps), rtol=1e-6)
    np.testing.assert_array_equal(padded[0, :3], TimeLag(1)(codes[:1, :3])[0])


def test_no_bin_hears_of_itself(rng):
    """With lag 1 a change of the codes at one bin moves the bins beside it, never that bin."""
    codes = np.zeros((1, T, 2 * H), "f4")
    codes[0, 2] = 1.0
    touched = np.abs(TimeLag(1)(codes).numpy()[0]).sum(-1) > 0
    np.testing.assert_array_equal(touched, [False, True, False, True, False])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"lag": -1}, "lag of TimeLag: expected an integer >= 0, got -1"),
        ({"merge": "mean"}, "merge of TimeLag: expected 'concat' or 'sum', got 'mean'"),
    ],
)
def test_options_out_of_range_are_refused(options, message):
    with pytest.raises(ConfigError, match=message):
        TimeLag(**options)
