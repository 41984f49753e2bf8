"""What the models of every family must do, run over the catalogue of cases."""

from __future__ import annotations

import functools

import keras
import numpy as np
import pytest

import indl_vae
from indl_vae.models.stages import freeze
from tests.models.family_cases import CASES, N, T, make_batch, tiny
from tests.models.helpers import gradients_of, loss_and_gradients, loss_of

#: Tested on their own, and before these were there.
ELSEWHERE = {"lfads", "autolfads"}
EXTRA = 3
#: Of each family those that lead through most code; the other options are slow tests but for their gradients.
LEAN = {
    "dsae full", "dsae factorized", "dsae recurrent generator", "dsae images", "dsae held out", "fhvae lstm",
    "fhvae simple", "fhvae held out", "dendplrnn", "dendplrnn published", "dendplrnn inverse teacher forcing",
    "dendplrnn held out", "dendplrnn forced by an encoder", "mrsds svae", "mrsds s_svae", "mrsds mean field",
    "mrsds slds", "mrsds published", "mrsds held out", "ceneurovae", "ceneurovae convolutions, huber",
    "ceneurovae networks of neurons", "ceneurovae linear", "ceneurovae recurrent, film",
    "ceneurovae gaussian in every bin, held out",
}  # fmt: skip
#: Compiled by XLA, half a minute each.
LEAN_COMPILED = {"mrsds s_svae", "ceneurovae"}
COMPILED = [
    *sorted(LEAN_COMPILED),
    "dsae full",
    "dendplrnn published",
    "dsae factorized",
    "dsae images",
    "fhvae lstm",
    "fhvae simple",
    "dendplrnn inverse teacher forcing",
    "dendplrnn forced by an encoder",
    "mrsds mean field",
    "mrsds slds",
    "ceneurovae convolutions, huber",
    "ceneurovae recurrent, film",
    "ceneurovae networks of neurons",
]
#: Its loss is random outside of training too: the prior's own paths are drawn.
RANDOM_LOSS = "dsae free running"
RAGGED = (T, 4, 1, T)


def lean(names, first=LEAN):
    """Returns names as parameters, those that are not among the first as slow ones."""
    return [name if name in first else pytest.param(name, marks=pytest.mark.slow) for name in names]


@functools.cache
def built(name):
    """Returns a case's model, for tests that leave it as it is: most of their time goes into building one."""
    return tiny(name)


def test_every_family_is_in_the_catalogue():
    assert {case.family for case in CASES.values()} == set(indl_vae.families()) - ELSEWHERE
    variants = {(model_case.family, model_case.options.get("variant")) for model_case in CASES.values()}
    assert variants >= {("dsae", None), ("dsae", "factorized"), ("fhvae", None), ("fhvae", "simple")}
    trainings = {case.options.get("training") for case in CASES.values() if case.family == "dendplrnn"}
    assert trainings >= {None, "teacher_forcing", "generalized_teacher_forcing", "svae_forced"}
    inferences = {case.options.get("inference") for case in CASES.values() if case.family == "mrsds"}
    assert inferences >= {"svae", None, "mean_field", "slds"}


@pytest.mark.parametrize("name", CASES)
def test_every_weight_is_trained(name):
    model = built(name)
    batch = make_batch(model)
    without = {weight.path for weight in model.trainable_weights}
    for _ in range(3):  # dropout may silence a weight of so small a model in one pass
        gradients = gradients_of(model, batch, training=True)
        assert [path for path, gradient in gradients.items() if gradient is None] == []
        assert all(np.isfinite(gradient).all() for gradient in gradients.values())
        without -= {path for path, gradient in gradients.items() if np.abs(gradient).max() > 0}
        if not without:
            return
    pytest.fail(f"without a gradient: {sorted(without)}")


@pytest.mark.parametrize("name", [name for name in CASES if "teacher forcing" not in name])
def test_every_layer_infers_or_generates(name):
    model = built(name)
    all_of_them = {weight.path for weight in model.core.trainable_weights}
    left = {}
    for part in ("inference", "generative"):
        freeze(model.core, [part], model._wired_trainable)
        left[part] = {weight.path for weight in model.core.trainable_weights}
    freeze(model.core, [], model._wired_trainable)
    generative, inference = left["inference"], left["generative"]
    assert generative and inference and generative.isdisjoint(inference) and generative | inference == all_of_them
    assert not [
        path for path in generative if path.startswith(("embedding", "features", "image_conv", "z_rnn", "f_rnn"))
    ]
    assert not [path for path in inference if path.startswith(("region_", "readout", "likelihood", "decoder", "gen_"))]


#: Those whose files hold different kinds of layers.
SAVED = {
    "dsae full", "dsae images", "fhvae lstm", "dendplrnn published", "dendplrnn forced by an encoder", "mrsds s_svae",
    "mrsds slds", "mrsds published", "ceneurovae", "ceneurovae recurrent, film",
}  # fmt: skip


@pytest.mark.parametrize("name", lean(CASES, SAVED))
def test_saved_models_are_the_same(name, tmp_path):
    model = built(name)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    for other in (make_batch(model), make_batch(model, 2, T + 1)):
        ours, theirs = model(other), loaded(other)
        assert set(ours) == set(theirs)
        for key in ours:
            np.testing.assert_array_equal(ours[key], theirs[key], err_msg=key)
    assert loaded.params == model.params
    drawn = [one.sample_prior(2, 3, ext_input=_ext(model, 2))["rates"] for one in (model, loaded)]
    np.testing.assert_array_equal(*drawn)


def _ext(model, n):
    width = model.spec.ext_input_dim if model.params.get("inject_ext_input_to_gen", True) else 0
    return np.ones((n, T, width), "f4") if width else None


@pytest.mark.parametrize("name", lean(name for name in CASES if name != RANDOM_LOSS))
def test_what_is_masked_is_not_felt(name):
    """Values in masked entries change neither loss nor gradient, whatever they are."""
    model = built(name)
    batch = make_batch(model)
    mask = (np.random.default_rng(2).random((len(batch["x"]), T, N)) > 0.3).astype("f4")
    mask[1, 3:] = 0.0
    odd = {**batch, "mask": mask, "x": np.where(mask > 0, batch["x"], np.nan)}
    plain, ours = loss_and_gradients(model, {**batch, "mask": mask})
    other, theirs = loss_and_gradients(model, odd)
    assert plain == pytest.approx(other, rel=1e-6)
    for path in ours:
        np.testing.assert_allclose(ours[path], theirs[path], rtol=1e-4, atol=1e-5, err_msg=path)


@pytest.mark.parametrize("name", lean(name for name in CASES if "held out" not in name and name != RANDOM_LOSS))
def test_padded_trials_are_as_without_padding(name):
    model = built(name)
    padded = make_batch(model, n_bins=T + EXTRA)
    steps = (np.arange(T + EXTRA) < T).astype("f4")
    padded["mask"] = np.tile(steps[None, :, None], (len(padded["x"]), 1, N))
    plain = {key: value[:, :T] if over_bins(key, value) else value for key, value in padded.items()}
    (loss, ours), (expected, theirs) = loss_of(model, padded), loss_of(model, plain)
    assert float(loss) == pytest.approx(float(expected), rel=1e-5)
    for key in ("rates", "factors"):
        np.testing.assert_allclose(np.asarray(ours[key])[:, :T], theirs[key], rtol=1e-4, atol=1e-5, err_msg=key)


def over_bins(key, value):
    return value.ndim > 1 and key != "identity"


@pytest.mark.parametrize(
    "name", ["dsae full", "dsae factorized", "dsae recurrent generator", "fhvae lstm", "ceneurovae"]
)
def test_a_ragged_batch_is_its_trials_one_by_one(name):
    model = built(name)
    batch = make_batch(model)
    mask = (np.arange(T) < np.array(RAGGED)[:, None]).astype("f4")
    loss, _ = loss_of(model, {**batch, "mask": np.repeat(mask[..., None], N, -1)})
    alone = []
    for i, length in enumerate(RAGGED):
        one = {k: v[i : i + 1, :length] if over_bins(k, v) else v[i : i + 1] for k, v in batch.items()}
        alone.append(float(loss_of(model, one)[0]))
    penalties = sum(float(term(model.objective.penalty(n))) for n, term in model.terms.items() if n.startswith("l2"))
    assert float(loss) - penalties == pytest.approx(np.mean(alone) - penalties, rel=1e-5)


@pytest.mark.parametrize("name", lean(COMPILED, LEAN_COMPILED))
def test_training_under_xla_in_lanes_is_training_without(name):
    histories = []
    for jit in (False, True):
        model = tiny(name, jit_compile=jit, cpu_lanes=2, shake=0.0)
        batch = make_batch(model, 16)
        mask = np.ones((16, T, N), "f4")
        mask[3:9, 4:] = 0.0
        histories.append(model.fit({**batch, "mask": mask}, batch_size=16, epochs=2, shuffle=False, verbose=0).history)
    assert histories[0].keys() == histories[1].keys()
    for key, values in histories[0].items():
        assert histories[1][key] == pytest.approx(values, rel=1e-3, abs=1e-5), key


SAMPLED = {"dsae held out", "fhvae lstm", "dendplrnn published", "mrsds slds"}
ALL_SAMPLED = [*sorted(SAMPLED), "dsae full", "fhvae held out", "dendplrnn", "mrsds svae", "mrsds mean field"]


@pytest.mark.parametrize("name", lean([*ALL_SAMPLED, "mrsds published"], SAMPLED))
def test_posterior_bounds_and_prior(name):
    model = tiny(name, shake=0.0)
    batch = make_batch(model)
    means = model.posterior(batch, push_mean=True)
    for key in {"rates", "f_loc", "z_loc"} & set(means):
        np.testing.assert_allclose(means[key], model(batch)[key], rtol=1e-5, atol=1e-6)
    first, again, other = (model.posterior(batch, samples=3, seed=s)["rates"] for s in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)
    bounds = model.bounds(batch, samples=200)
    assert (bounds["iwae"] >= bounds["elbo"]).all()
    ext = _ext(model, 3)
    ext = None if ext is None else ext[:, :5]
    drawn = model.sample_prior(3, seed=1, n_bins=5, ext_input=ext)
    assert drawn["rates"].shape == (3, 5, N) and np.isfinite(drawn["rates"]).all()
    np.testing.assert_array_equal(drawn["rates"], model.sample_prior(3, seed=1, n_bins=5, ext_input=ext)["rates"])
