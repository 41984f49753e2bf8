"""Live parameters: set without a rebuild or a new compilation, and acting as if the model had been built with them."""

import keras
import numpy as np
import pytest

from indl_vae.errors import ConfigError
from indl_vae.models.live_values import live_values, set_live_values
from tests.models import family_cases
from tests.models.helpers import counts, tiny

WITH_ALL = {
    "dropout_rate": 0.2,
    "coordinated_dropout_rate": 0.4,
    "l2_gen_scale": 0.01,
    "l2_con_scale": 0.02,
    "kl_f_weight": 0.5,
    "kl_z_weight": 0.6,
    "co_mean_corr_scale": 0.1,
    "learning_rate": 1e-3,
}
CHANGED = {name: value / 2 for name, value in WITH_ALL.items()}
#: What is felt within two epochs: the published weights of L2 are not.
FELT = {**CHANGED, "l2_gen_scale": 1000.0, "l2_con_scale": 1000.0}


def count_traces(model, monkeypatch):
    """Returns a list that grows by one whenever a training step is traced, which is before each compilation."""
    traced, whole = [], model.loss_and_sums
    monkeypatch.setattr(model, "loss_and_sums", lambda *args, **more: (traced.append(1), whole(*args, **more))[1])
    return traced


@pytest.mark.parametrize("jit_compile", [False, True])
def test_nothing_is_traced_anew(jit_compile, monkeypatch):
    model = tiny(**WITH_ALL, jit_compile=jit_compile)
    traced = count_traces(model, monkeypatch)
    model.fit(counts(), batch_size=3, epochs=1, verbose=0)
    first = len(traced)
    set_live_values(model, CHANGED)
    model.fit(counts(), batch_size=3, epochs=2, verbose=0)
    assert len(traced) == first > 0


@pytest.mark.parametrize("jit_compile", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_a_changed_model_goes_on_as_one_that_was_built_with_the_values(jit_compile):
    """Same weights, same noise: the next steps are the same, whether values were set or built in."""
    made, changed = (tiny(**values, jit_compile=jit_compile) for values in (CHANGED, WITH_ALL))
    changed.fit(counts(), batch_size=3, epochs=1, verbose=0)
    changed.optimizer.build(changed.trainable_variables)
    for ours, theirs in zip(
        [*changed.variables, *changed.optimizer.variables], [*made.variables, *made.optimizer.variables], strict=True
    ):
        ours.assign(theirs.value)
    set_live_values(changed, CHANGED)
    losses = [model.fit(counts(), batch_size=3, epochs=2, verbose=0).history["loss"] for model in (made, changed)]
    assert losses[0] == pytest.approx(losses[1], rel=1e-6)
    for ours, theirs in zip(changed.trainable_variables, made.trainable_variables, strict=True):
        np.testing.assert_allclose(ours.numpy(), theirs.numpy(), rtol=1e-5, atol=1e-7)


@pytest.fixture(scope="module")
def one_model():
    """A model and its first values; every test of it sets them again, and none compiles it again."""
    model = tiny(**WITH_ALL)
    variables = [*model.variables, *model.optimizer.variables]
    return model, variables, [one.value.numpy() for one in variables]


def trained_with(one_model, values):
    """Returns the weights after two epochs from the first values."""
    model, variables, first = one_model
    for variable, start in zip(variables, first, strict=True):
        variable.assign(start)
    set_live_values(model, {**WITH_ALL, **values})
    model.fit(counts(), batch_size=3, epochs=2, verbose=0)
    return np.concatenate([np.ravel(one.numpy()) for one in model.trainable_variables])


@pytest.mark.parametrize("name", sorted(FELT))
def test_each_value_acts_on_the_training(name, one_model):
    """A parameter that is said to be live and acts on nothing would be searched in vain."""
    plain, again = (trained_with(one_model, {}) for _ in range(2))
    changed = trained_with(one_model, {name: FELT[name]})
    assert np.abs(changed - plain).max() > 10 * np.abs(again - plain).max() + 1e-6


def test_a_model_saved_after_a_change_is_loaded_with_it(tmp_path):
    model = tiny(**WITH_ALL)
    set_live_values(model, CHANGED)
    model.save(tmp_path / "m.keras")
    loaded = keras.models.load_model(tmp_path / "m.keras")
    assert live_values(loaded) == pytest.approx(CHANGED)
    assert loaded.params.dropout_rate == CHANGED["dropout_rate"]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"gen_units": 5}, "gen_units: expected a parameter that may change while training .*learning_rate"),
        ({"dropout_rate": 1.5}, "dropout_rate"),
        ({"coordinated_dropout_rate": 0.2}, "coordinated_dropout_rate: has no part.*built with .* = 0.0.*above 0"),
        ({"l2_con_scale": 0.2}, "l2_con_scale: has no part in this model"),
        ({"no_such": 1.0}, "no_such"),
    ],
)
def test_what_cannot_be_set_is_refused_and_nothing_is_changed(values, message):
    model = tiny(dropout_rate=0.1, coordinated_dropout_rate=0.0, l2_con_scale=0.0)
    before = live_values(model)
    with pytest.raises(ConfigError, match=message):
        set_live_values(model, {"learning_rate": 0.5, **values})
    assert live_values(model) == before


@pytest.mark.parametrize("case", ["dsae full", "fhvae", "mrsds", "ceneurovae", "dendplrnn"])
def test_every_live_parameter_of_a_family_that_is_above_zero_has_a_part_in_its_model(case):
    """But the weight of a latent that a family does not have."""
    model = family_cases.tiny(next(name for name in family_cases.CASES if name.startswith(case)))
    without = set() if "f_latent_size" in model.params else {"kl_f_weight"}
    assert {name for name in type(model.params).live_fields() if model.params[name]} - without <= set(
        live_values(model)
    )
