"""One model of several sessions: training, looking at each, adding another."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from indl_vae.analysis.evaluate import evaluate
from indl_vae.analysis.session_views import by_session, session_views
from indl_vae.data import write_dataset
from indl_vae.data.sessions import add_sessions, join_sessions
from indl_vae.errors import ConfigError, DataError
from indl_vae.models import build_model
from indl_vae.models.inherit import inherit
from indl_vae.training import load_run, train
from tests.training.tiny import tiny_dataset, tiny_params

CHANNELS = {"mon": 5, "tue": 3}


def one_session(n_channels: int, seed: int, folder=None, name: str = ""):
    dataset = tiny_dataset(seed)
    kept = {
        split: replace(part, x=part.x[..., :n_channels], truth=part.truth[..., :n_channels])
        for split, part in dataset.splits.items()
    }
    dataset = replace(dataset, **kept)
    return (
        dataset if folder is None else replace(dataset, source=str(write_dataset(dataset, folder / f"rat_{name}.h5")))
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("sessions")


@pytest.fixture(scope="module")
def dataset(folder):
    return join_sessions({n: one_session(c, i, folder, n) for i, (n, c) in enumerate(CHANNELS.items())})


@pytest.fixture(scope="module")
def run(dataset, folder):
    return train(tiny_params(n_epochs=2, heldout_channels=1), dataset, folder / "run")


def test_read_in_and_read_out_are_the_sessions_own(run):
    core = run.model.core
    assert [tuple(k.shape) for k in core.get_layer("read_in").kernels] == [(5, 3), (3, 3)]
    assert [tuple(k.shape) for k in core.get_layer("readout").kernels] == [(3, 5), (3, 3)]
    assert run.model.spec.sessions[1].name == "tue"


def test_a_view_gives_what_the_model_gives_in_the_sessions_channels(run, dataset):
    views = session_views(run.model, dataset)
    assert list(views) == list(CHANNELS)
    whole = run.model.posterior(dataset.valid, push_mean=True)
    for number, (name, (view, part)) in enumerate(views.items()):
        own = view.posterior(part.valid, push_mean=True)
        assert own["rates"].shape == part.valid.x.shape == (6, 9, CHANNELS[name])
        rows = dataset.valid.session == number
        np.testing.assert_allclose(own["rates"], whole["rates"][rows][..., : CHANNELS[name]], rtol=1e-5)
        np.testing.assert_allclose(own["factors"], whole["factors"][rows], rtol=1e-5, atol=1e-6)


def test_padding_and_held_out_channels_do_not_matter(run, dataset):
    batch = dataset.valid.batch()
    unseen = (batch["mask"] == 0) | (np.arange(5) == 4)[None, None] & (batch["session"] == 0)[:, None, None]
    unseen |= (np.arange(5) == 2)[None, None] & (batch["session"] == 1)[:, None, None]
    changed = {**batch, "x": np.where(unseen, 7.0, batch["x"]).astype("f4")}
    assert (changed["x"] != batch["x"]).any()
    for name, value in run.model.posterior(batch, push_mean=True).items():
        np.testing.assert_array_equal(value, run.model.posterior(changed, push_mean=True)[name], err_msg=name)


def test_scores_are_over_all_sessions_and_of_each(run, dataset):
    scores = evaluate(run.model, dataset, samples=2)
    assert list(scores["sessions"]) == list(CHANNELS) and set(scores["baselines"]) >= {"train_mean", "smoothing_glm"}
    each = [one["valid"] for one in scores["sessions"].values()]
    entries = [6 * 9 * n for n in CHANNELS.values()]
    assert scores["valid"]["nll"] == pytest.approx(np.average([one["nll"] for one in each], weights=entries))
    spikes = [part.valid.x[..., -1].sum() for part in dataset.parts.values()]
    assert scores["valid"]["co_bps"] == pytest.approx(np.average([one["co_bps"] for one in each], weights=spikes))
    assert each[0]["co_bps"] != pytest.approx(each[1]["co_bps"])
    rates = {
        n: view.posterior(part.valid, samples=2)["rates"]
        for n, (view, part) in session_views(run.model, dataset).items()
    }
    truths = {n: part.valid.truth for n, part in dataset.parts.items()}
    flat = [np.concatenate([one[n].ravel() for n in CHANNELS]).astype("f8") for one in (rates, truths)]
    expected = 1 - ((flat[1] - flat[0]) ** 2).sum() / ((flat[1] - flat[1].mean()) ** 2).sum()
    assert scores["valid"]["r2_rates"] == pytest.approx(expected, rel=1e-5)


def test_metrics_know_the_sessions_channels_apart(run, dataset):
    scores = run.model.evaluate(dataset.valid.batches(12), return_dict=True, verbose=0)
    views = session_views(run.model, dataset)
    assert np.isfinite(scores["bits_per_spike"]) and "nll_heldout_channels" in scores
    bits, spikes = 0.0, 0.0
    for view, part in views.values():
        rates, x = view.posterior(part.valid, push_mean=True)["rates"].astype("f8"), part.valid.x.astype("f8")
        null = np.broadcast_to(x.mean((0, 1)), x.shape)
        bits += (rates.sum() * -1 + (x * np.log(rates)).sum() + null.sum() - (x * np.log(null)).sum()) / np.log(2)
        spikes += x.sum()
    assert scores["bits_per_spike"] == pytest.approx(bits / spikes, rel=1e-4)


def test_a_run_finds_its_sessions_again(run, folder):
    again = load_run(run.folder).load_dataset()
    assert [place.name for place in again.places] == list(CHANNELS) and set(again.train.session) == {0, 1}
    alone = run.load_dataset(folder / "rat_tue.h5")
    assert set(alone.valid.session) == {1} and alone.valid.x.shape[-1] == 5
    with pytest.raises(DataError, match="session: expected the number of each trial's session, shape"):
        run.model.posterior(tiny_dataset().valid)


def test_a_session_is_added_and_the_others_stay(run, folder):
    new = one_session(4, 7, folder, "wed")
    params = run.params.replace(train_io_only=True, n_epochs=2)
    grown = train(params, new, folder / "grown", start_from=run)
    assert [place.name for place in grown.model.spec.sessions] == ["mon", "tue", "wed"]
    before = {w.path: w.numpy() for w in run.model.core.weights}
    after = {w.path: w.numpy() for w in grown.model.core.weights}
    assert set(after) - set(before) == {
        f"{at}/{kind}_2" for at in ("read_in", "readout") for kind in ("kernel", "bias")
    }
    for path, value in before.items():
        np.testing.assert_array_equal(after[path], value, err_msg=path)
    start = build_model(params, add_sessions(new, run.model.spec.sessions))
    assert not np.allclose(after["readout/bias_2"], start.core.get_layer("readout").biases[2])


def test_another_architecture_is_no_start(run, dataset):
    model = build_model(tiny_params(gen_units=7, heldout_channels=1), dataset)
    message = "start_from: the trained model has other weights than this one: complex_rnn.* differ: gen_units = 7"
    with pytest.raises(ConfigError, match=message):
        inherit(model, run.model, "gen_units = 7 (there 6)")
    with pytest.raises(ConfigError, match=r"gen_units = 7 \(there 6\)"):
        train(run.params.replace(gen_units=7), dataset, run.folder.parent / "other", start_from=run)


def test_read_outs_start_at_the_means_of_their_channels(dataset):
    core = build_model(tiny_params(alignment="random"), dataset).core
    for part, bias in zip(dataset.parts.values(), core.get_layer("readout").biases, strict=True):
        np.testing.assert_allclose(np.exp(bias), part.train.x.mean((0, 1)), rtol=1e-5)


def test_an_array_does_not_say_of_which_session_it_is(run):
    with pytest.raises(
        DataError, match="data: expected a dataset or a path, got an array; the model has the sessions mon"
    ):
        run.predict(np.ones((2, 9, 5)))


def test_what_is_inferred_is_cut_to_the_sessions_own_bins(run, folder):
    short = one_session(3, 1)
    cut = {s: replace(p, x=p.x[:, :6], truth=p.truth[:, :6]) for s, p in short.splits.items()}
    mixed = join_sessions({"mon": one_session(5, 0), "tue": replace(short, **cut)}, run.model.spec.sessions)
    arrays = run.model.posterior(mixed.valid, push_mean=True)
    found = by_session(mixed, mixed.valid, {**arrays, "length": mixed.valid.lengths})
    assert found["mon"]["rates"].shape == (6, 9, 5) and found["tue"]["rates"].shape == (6, 6, 3)
    assert found["tue"]["factors"].shape == (6, 6, 3) and found["tue"]["f_loc"].shape == (6, 3)
    np.testing.assert_array_equal(found["tue"]["length"], 6)


def test_predictions_are_by_session(run, folder, dataset):
    found = run.predict(folder / "rat_tue.h5", push_mean=True)
    assert list(found) == ["tue"] and list(found["tue"]) == ["train", "valid"]
    view, part = session_views(run.model, dataset)["tue"]
    np.testing.assert_array_equal(found["tue"]["valid"]["inds"], part.valid.inds)
    own = view.posterior(part.valid, push_mean=True)["rates"]
    np.testing.assert_allclose(found["tue"]["valid"]["rates"], own, rtol=1e-5)


def test_samples_of_the_prior_are_of_one_sessions_channels(run):
    first, second = run.model.sample_prior(2, seed=1), run.model.sample_prior(2, seed=1, session="tue")
    assert first["rates"].shape == (2, 9, 5) and second["rates"].shape == (2, 9, 3)
    np.testing.assert_array_equal(first["factors"], second["factors"])
    kernel, bias = (
        np.asarray(w[1])
        for w in (run.model.core.get_layer("readout").kernels, run.model.core.get_layer("readout").biases)
    )
    np.testing.assert_allclose(second["rates"], np.exp(second["factors"] @ kernel + bias), rtol=1e-5)
    with pytest.raises(ConfigError, match="session: 'wed', expected one of mon, tue"):
        run.model.sample_prior(2, session="wed")
