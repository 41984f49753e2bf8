"""Padding, ragged lengths and missing entries change nothing that they should not."""

from __future__ import annotations

import numpy as np
import pytest

from tests.models.helpers import QUIET, B, N, T, U, counts, gradients_of, loss_of, tiny

EXTRA = 3
LENGTHS = (T, 4, 1)
BINWISE = ("rates", "factors", "gen_states", "z_loc", "z_scale", "controller_outputs", "con_states")
STATIC = ("gen_init", "f_loc", "f_scale", "ic_mean", "ic_logvar", "_kl_f", "_kl_z")
L2 = {"l2_gen_scale": 1.0, "l2_con_scale": 1.0}


@pytest.fixture(scope="module")
def model():
    return tiny(ext_input_dim=U, **QUIET, **L2)


def make_batch(n_bins: int = T) -> dict[str, np.ndarray]:
    ext = np.random.default_rng(3).normal(size=(B, T + EXTRA, U)).astype("f4")
    return {"x": counts(n_bins=T + EXTRA)[:, :n_bins], "ext_input": ext[:, :n_bins]}


def with_lengths(batch, lengths):
    bins = np.arange(batch["x"].shape[1])
    steps = (bins < np.array(lengths)[:, None]).astype("f4")
    return {**batch, "mask": np.repeat(steps[..., None], N, axis=-1)}


def assert_same_gradients(ours, theirs):
    for name, gradient in ours.items():
        limit = 1e-5 * max(np.abs(theirs[name]).max(), 1e-3)
        np.testing.assert_allclose(gradient, theirs[name], atol=limit, err_msg=name)


def test_padded_trials_are_as_without_padding(model):
    padded, plain = with_lengths(make_batch(T + EXTRA), [T] * B), make_batch()
    (loss, ours), (expected, theirs) = (loss_of(model, batch) for batch in (padded, plain))
    assert float(loss) == pytest.approx(float(expected), rel=1e-5)
    for name in (*BINWISE, *STATIC):
        cut = np.asarray(ours[name])[:, :T] if name in BINWISE else ours[name]
        np.testing.assert_allclose(cut, theirs[name], rtol=1e-5, atol=1e-6, err_msg=name)
    assert_same_gradients(gradients_of(model, padded), gradients_of(model, plain))


def test_trials_of_different_lengths_are_as_each_alone(model):
    """With summed likelihoods the loss of a ragged batch is the mean of the losses of its trials."""
    ragged = with_lengths(make_batch(), LENGTHS)
    loss, together = loss_of(model, ragged)
    gradients, losses, alone_gradients = gradients_of(model, ragged), [], []
    for i, length in enumerate(LENGTHS):
        one = {key: value[i : i + 1, :length] for key, value in make_batch().items()}
        expected, alone = loss_of(model, one)
        losses.append(float(expected))
        alone_gradients.append(gradients_of(model, one))
        for name in (*BINWISE, *STATIC):
            cut = np.asarray(together[name])[i : i + 1]
            cut = cut[:, :length] if name in BINWISE else cut
            np.testing.assert_allclose(cut, alone[name], rtol=1e-5, atol=1e-6, err_msg=name)
    assert float(loss) == pytest.approx(np.mean(losses), rel=1e-5)
    assert_same_gradients(gradients, {n: np.mean([g[n] for g in alone_gradients], axis=0) for n in gradients})


@pytest.mark.parametrize(("reduction", "junk"), [("sum", np.nan), ("mean", 1e9)], ids=["sum-nan", "mean-1e9"])
def test_what_stands_in_missing_entries_is_not_felt(reduction, junk, rng):
    model = tiny(nll_reduction=reduction, **QUIET)
    mask = (rng.random((B, T, N)) > 0.3).astype("f4")
    mask[0, 4:] = 0.0
    x = counts()
    clean, dirty = ({"x": np.where(mask > 0, x, fill).astype("f4"), "mask": mask, "truth": x} for fill in (0.0, junk))
    dirty["truth"] = np.where(mask > 0, x, junk).astype("f4")
    results = []
    for batch in (clean, dirty):
        model.reset_metrics()
        loss, outputs = loss_of(model, batch)
        scores = {k: float(v) for k, v in model.get_metrics_result().items()}
        results.append((float(loss), scores, outputs, gradients_of(model, batch)))
    (loss, scores, outputs, gradients), (other, other_scores, other_outputs, other_gradients) = results
    assert loss == other and np.isfinite(loss)
    assert scores == other_scores and np.isfinite(list(scores.values())).all()
    for name in outputs:
        np.testing.assert_array_equal(outputs[name], other_outputs[name])
    for name in gradients:
        np.testing.assert_array_equal(gradients[name], other_gradients[name])
        assert np.isfinite(gradients[name]).all()


def test_a_mask_of_ones_is_no_mask(model):
    plain, masked = make_batch(), with_lengths(make_batch(), [T] * B)
    (loss, ours), (other, theirs) = (loss_of(model, batch) for batch in (plain, masked))
    assert float(loss) == pytest.approx(float(other), rel=1e-6)
    for name in (*BINWISE, *STATIC):
        np.testing.assert_allclose(ours[name], theirs[name], rtol=1e-6, atol=1e-6, err_msg=name)


def test_a_mask_of_bins_is_one_of_all_channels(model):
    batch = with_lengths(make_batch(), LENGTHS)
    (loss, ours), (other, theirs) = (loss_of(model, b) for b in (batch, {**batch, "mask": batch["mask"][..., 0]}))
    assert float(loss) == float(other)
    np.testing.assert_array_equal(ours["rates"], theirs["rates"])


def test_an_empty_trial_is_worth_nothing_and_breaks_nothing():
    model = tiny(**QUIET)
    mask = np.ones((B, T, N), "f4")
    mask[1] = 0.0
    batch = {"x": np.where(mask > 0, counts(), np.nan).astype("f4"), "mask": mask}
    gradients = gradients_of(model, batch)
    assert all(np.isfinite(g).all() for g in gradients.values())
    loss, outputs = loss_of(model, batch)
    assert np.isfinite(float(loss)) and float(outputs["_kl_z"][1]) == 0.0


@pytest.mark.parametrize("masked", [False, True])
def test_held_out_channels_and_bins_never_influence_the_outputs(masked):
    model = tiny(heldout_channels="1::3", heldout_bins=2, **QUIET)
    batch = {"x": counts()}
    if masked:
        batch["mask"] = np.ones((B, T, N), "f4")
    changed = {**batch, "x": batch["x"].copy()}
    changed["x"][:, -2:] += 3.0
    changed["x"][..., 1::3] += 5.0
    (loss, ours), (other, theirs) = (loss_of(model, b) for b in (batch, changed))
    for name in (*BINWISE, *STATIC):
        np.testing.assert_array_equal(ours[name], theirs[name], err_msg=name)
    assert ours["rates"].shape == (B, T, N), "held-out entries are predicted all the same"
    assert float(loss) != float(other), "and scored"


@pytest.mark.parametrize("options", [{}, {"heldout_bins": 2}, {"f_enc_input_samps": 3}], ids=str)
def test_external_input_to_the_encoders_reaches_the_bins_they_see(options):
    model = tiny(ext_input_dim=U, inject_ext_input_to_gen=False, **options)
    batch, seen = make_batch(), T - options.get("heldout_bins", 0)
    before = model(batch)["factors"].numpy()
    for bin_ in {0, seen - 1, T - 1}:
        ext = batch["ext_input"].copy()
        ext[:, bin_] += 1.0
        moved = np.abs(model({**batch, "ext_input": ext})["factors"].numpy() - before).max() > 0
        assert moved == (bin_ < seen), f"bin {bin_}"
