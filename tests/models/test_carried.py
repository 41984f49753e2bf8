"""Causal models piece by piece and bin by bin: the same numbers as in one piece, and no look at later bins."""

from __future__ import annotations

import io

import numpy as np
import pytest

from indl_vae.analysis.window_cost import window_cost
from indl_vae.errors import ConfigError, DataError
from indl_vae.models.carried import run_carried
from indl_vae.models.streaming import Stream
from tests.models.helpers import B, N, U, counts, tiny

BINS, LEADING = 13, 4
CAUSAL = {"z1_rnn_type": "GRUClip", "f_enc_input_samps": LEADING}
#: Every part that carries a state, or that stands between the data and one.
VARIANTS = {
    "lag of 1, rates fed back": {"z1_lag": 1, "feedback": "rates"},
    "two layers, read-in, external input to the encoders": {
        "z1_rnn_type": "LSTM", "z1_lag": 2, "z2_units": 3, "input_factors": 4, "heldout_channels": [1],
        "inject_ext_input_to_gen": False, "ext_input_dim": U,
    },
    "no lag, a dense layer, external input to the generator": {"z1_rnn_type": "", "z1_lag": 0, "ext_input_dim": U},
    "no inferred input": {"z_latent_size": 0, "z1_rnn_type": "BidirectionalGRUClip"},
    "a learned initial state": {"f_latent_size": 0, "f_enc_input_samps": 0},
}  # fmt: skip


@pytest.fixture(scope="module", params=VARIANTS)
def case(request):
    """A causal model, a batch for it, and what it makes of the batch in one piece."""
    model = tiny(**{**CAUSAL, **VARIANTS[request.param]})
    batch = {"x": counts(B, BINS)}
    if model.spec.ext_input_dim:
        batch["ext_input"] = np.random.default_rng(1).normal(size=(B, BINS, U)).astype("f4")
    return model, batch, {k: np.asarray(v) for k, v in model(batch).items()}


@pytest.fixture(scope="module")
def model():
    return tiny(**CAUSAL, z1_lag=1)


def steps_of(stream, batch, bins):
    return [stream.step(batch["x"][:, t], batch["ext_input"][:, t] if "ext_input" in batch else None) for t in bins]


def assert_alike(ours, whole, bins=slice(None)):
    assert {"rates", "factors", "gen_states"} <= set(ours)
    for name, value in ours.items():
        np.testing.assert_allclose(value, whole[name][:, bins], rtol=1e-5, atol=1e-5, err_msg=name)


def test_carried_pieces_are_the_whole(case):
    model, batch, whole = case
    carried = run_carried(model, batch, chunk_bins=5)
    assert carried["rates"].shape == (B, BINS, N)
    assert ("controller_outputs" in carried) == (model.params.z_latent_size > 0)
    assert_alike(carried, whole)


def test_a_stream_is_the_whole(case):
    model, batch, whole = case
    stream = Stream(model)
    outputs = steps_of(stream, batch, range(BINS))
    silent = max(model.carried_run.n_leading - 1, 0)
    assert [o is None for o in outputs] == [True] * silent + [False] * (BINS - silent)
    assert_alike(stream.leading, whole, slice(0, silent + 1))
    later = outputs[silent:]
    assert_alike({k: np.stack([o[k] for o in later], 1) for k in later[0]}, whole, slice(silent, None))


def test_later_bins_do_not_change_earlier_rates(case):
    model, batch, whole = case
    for t in (LEADING, 9):
        changed = {k: np.concatenate([v[:, :t], v[:, t:] + 3.0], 1) for k, v in batch.items()}
        rates = np.asarray(model(changed)["rates"])
        np.testing.assert_array_equal(rates[:, :t], whole["rates"][:, :t])
        assert np.abs(rates[:, t + 2 :] - whole["rates"][:, t + 2 :]).max() > 1e-4 or not model.params.z_latent_size


def test_an_acausal_model_does_look_ahead():
    """What the test above would see if it could see nothing: the same change, a bidirectional encoder."""
    model, x = tiny(f_enc_input_samps=LEADING), counts(B, BINS)
    changed = np.concatenate([x[:, :9], x[:, 9:] + 3.0], 1)
    assert np.abs(np.asarray(model(changed)["rates"] - model(x)["rates"])[:, :9]).max() > 1e-4
    with pytest.raises(ConfigError, match=r"z1_rnn_type = 'BidirectionalGRUClip'; set 'GRUClip', which is do_causal"):
        Stream(model)
    model.params = tiny(z1_rnn_type="GRUClip").params
    model.carried_run.params = model.params
    with pytest.raises(ConfigError, match=r"f_enc_input_samps = 0; set a number of leading bins"):
        run_carried(model, x)


def test_a_family_without_a_carried_run_is_refused(model, monkeypatch):
    monkeypatch.setattr(model, "carried_run", None)
    monkeypatch.setattr(model, "_compiled_run", {}, raising=False)
    with pytest.raises(ConfigError, match="expected a family that runs bin by bin"):
        Stream(model)


def test_a_model_of_several_sessions_is_refused(model, monkeypatch):
    readout = type(model.core.get_layer("readout"))
    monkeypatch.setattr("indl_vae.families.lfads.causal_run.SessionReadOut", readout)
    monkeypatch.setattr(model, "_compiled_run", {}, raising=False)
    with pytest.raises(ConfigError, match="expected a causal one, but it is one of several sessions"):
        Stream(model)


@pytest.mark.parametrize("stop", [0, 2, LEADING, 7])
def test_a_saved_state_goes_on_as_if_never_saved(model, stop):
    batch = {"x": counts(B, BINS)}
    straight, before = Stream(model), Stream(model)
    expected = steps_of(straight, batch, range(BINS))[-1]
    steps_of(before, batch, range(stop))
    file = io.BytesIO()
    np.savez(file, **before.state)
    file.seek(0)
    after = Stream(model)
    steps_of(after, {"x": batch["x"] + 1}, range(6))  # of another trial, to be forgotten
    after.state = np.load(file)
    assert after.n_bins == stop and after.is_warming_up == (stop < LEADING)
    for name, value in steps_of(after, batch, range(stop, BINS))[-1].items():
        np.testing.assert_array_equal(value, expected[name])


def test_one_trial_has_no_axis_of_trials_and_reset_starts_anew(model):
    x, stream = counts(2, BINS), Stream(model)
    first = [stream.step(row) for row in x[0]][-1]
    assert first["rates"].shape == (N,)
    stream.reset()
    assert stream.n_bins == 0 and stream.leading is None
    both = [stream.step(x[:, t]) for t in range(BINS)][-1]
    np.testing.assert_allclose(both["rates"][0], first["rates"], rtol=1e-5)


def test_what_does_not_fit_is_refused(model):
    stream = Stream(model)
    with pytest.raises(DataError, match=rf"counts: expected one bin of shape \({N},\) .* got shape \(5,\)"):
        stream.step(np.zeros(5))
    with pytest.raises(DataError, match=r"counts: expected one bin of shape \(trials, 6\) .* got shape \(2, 3, 6\)"):
        stream.step(np.zeros((2, 3, N)))
    with pytest.raises(DataError, match="ext_input: expected one bin"):
        stream.step(np.zeros(N), np.zeros(2))
    with pytest.raises(DataError, match="x: expected finite numbers, got NaN"):
        stream.step(np.full(N, np.nan))
    stream.step(np.zeros((2, N)))
    with pytest.raises(DataError, match="x: expected 2 trials side by side, as in the bins before, got 3"):
        stream.step(np.zeros((3, N)))
    with pytest.raises(DataError, match=f"expected at least the {LEADING} bins"):
        run_carried(model, counts(1, LEADING - 1))
    with pytest.raises(ConfigError, match="chunk_bins: expected an integer >= 1, got 0"):
        run_carried(model, counts(), chunk_bins=0)
    with pytest.raises(DataError, match="expected a recording in which every entry is observed"):
        run_carried(model, {"x": counts(1, 8), "mask": np.zeros((1, 8, N), "f4")})
    with pytest.raises(DataError, match="x: expected finite numbers"):
        run_carried(model, np.full((1, 8, N), np.inf, "f4"))


def test_windows_cost_what_they_forget(model):
    recording = counts(1, 40)[0]
    cost = window_cost(model, recording, 10)
    whole, alone = (
        run_carried(model, recording[None])["rates"],
        model.posterior(recording.reshape(4, 10, N), push_mean=True),
    )
    difference = alone["rates"].reshape(40, N) - whole[0]
    np.testing.assert_allclose(cost.rms, np.sqrt((difference**2).mean()), rtol=1e-4)
    np.testing.assert_allclose(cost.by_bin[3], np.sqrt((difference[3::10] ** 2).mean()), rtol=1e-4)
    np.testing.assert_allclose(cost.spread, np.sqrt(whole[0].var(0).mean()), rtol=1e-4)
    assert cost.relative == cost.rms / cost.spread > 0
    assert str(cost).startswith("windows of 10 bins: rates differ by ")
    with pytest.raises(ConfigError, match=f"window_bins: expected at least the {LEADING} leading bins, got 2"):
        window_cost(model, recording, 2)
    with pytest.raises(DataError, match="expected at least two windows of 30 bins, got 40 bins"):
        window_cost(model, recording, 30)
