"""What every layer must do, run over the catalogue of cases."""

from __future__ import annotations

import importlib
import json
import pkgutil

import keras
import numpy as np
import pytest
import tensorflow as tf

import indl_vae.distributions
import indl_vae.layers
from indl_vae.distributions import LearnableMultivariateNormalDiagCell, Likelihood, Prior
from indl_vae.distributions.likelihoods.levels import LevelsLikelihood
from indl_vae.layers import LatentStep
from tests.distributions.likelihoods.cases import CASES as LIKELIHOOD_CASES
from tests.distributions.priors.cases import CASES as PRIOR_CASES
from tests.layers.cases import CASES, B, T, draw_inputs, symbols

BY_KERAS = [name for name in CASES if name.endswith("by Keras")]  # the same draws by another route: see test_routes.py
RANDOM = [name for name, case in CASES.items() if case.random and name not in BY_KERAS]
#: The first case of each layer.
FIRST = list({type(case.make()): name for name, case in reversed(CASES.items()) if name not in BY_KERAS}.values())
#: Where XLA can go another way: draws, each of which it compiles for half a second, and loops over bins.
DRAWS_AND_LOOPS = [name for name in FIRST if name in RANDOM or "RNN" in name or "GRU" in name]
DRAWS_AND_LOOPS += [name for name in ("TransformerBlock post-norm", "RolledPosterior gain") if name not in FIRST]
OTHERS = [name for name in FIRST if name not in DRAWS_AND_LOOPS]
#: The abstract bases, and the cell whose call returns a distribution: it has a test file of its own.
NOT_IN_A_CATALOGUE = {Prior, Likelihood, LevelsLikelihood, LatentStep, LearnableMultivariateNormalDiagCell}


def run(name, layer, training=False, n_bins=T):
    """Returns the flat list of a layer's outputs on the case's inputs."""
    inputs = {key: tf.constant(value) for key, value in draw_inputs(name, n_bins).items()}
    return keras.tree.flatten(CASES[name].call(layer, training=training, **inputs))


def floats(outputs):
    return [o for o in outputs if o.dtype.is_floating and o.shape[-1]]


def assert_equal(left, right):
    for a, b in zip(left, right, strict=True):
        np.testing.assert_array_equal(a, b)


def shaken(name, seed=1, **kwargs):
    """Returns the case's layer, built, with weights that are all different from one another."""
    layer = CASES[name].make(seed=seed, **kwargs)
    run(name, layer)
    rng = np.random.default_rng(2)
    for weight in layer.weights:
        weight.assign(weight + rng.normal(size=weight.shape) * 0.1)
    return layer


def layer_classes(package):
    """Returns the public layers that the modules of a package define."""
    names = [found.name for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")]
    modules = [importlib.import_module(name) for name in names]
    return {
        one
        for module in modules
        for one in vars(module).values()
        if isinstance(one, type) and issubclass(one, keras.layers.Layer) and one.__module__ == module.__name__
        if not one.__name__.startswith("_")
    }


def test_every_layer_is_in_a_catalogue():
    catalogued = {type(case.make()) for case in CASES.values()}
    catalogued |= {cls for cls, *_ in PRIOR_CASES.values()} | {case.cls for case in LIKELIHOOD_CASES.values()}
    ours = layer_classes(indl_vae.layers) | layer_classes(indl_vae.distributions)
    missing = ours - catalogued - NOT_IN_A_CATALOGUE
    assert not missing, f"add a case to tests/layers/cases.py for {sorted(cls.__name__ for cls in missing)}"
    assert len(ours) > 20


def test_public_layers_are_those_of_the_modules():
    exported = {getattr(indl_vae.layers, name) for name in indl_vae.layers.__all__}
    assert layer_classes(indl_vae.layers) <= exported


@pytest.mark.parametrize("name", CASES)
def test_symbolic_shapes_and_types_are_the_real_ones(name):
    layer = CASES[name].make()
    symbolic = keras.tree.flatten(CASES[name].call(layer, **symbols(name)))
    real = run(name, layer)
    for spec, value in zip(symbolic, real, strict=True):
        assert len(spec.shape) == len(value.shape)
        assert spec.dtype == keras.backend.standardize_dtype(value.dtype)
        for expected, size in zip(spec.shape, value.shape, strict=True):
            assert expected in (None, size)
            assert expected is not None or size >= T - 2 or name == "BySequence", (
                "only trials, bins and segments are open"
            )


@pytest.mark.parametrize("name", CASES)
def test_config_round_trips(name):
    layer = CASES[name].make(name="one")
    config = layer.get_config()
    before = json.dumps(config)
    again = type(layer).from_config(config)
    assert json.dumps(config) == before, "from_config leaves its argument alone"
    assert json.dumps(again.get_config()) == before
    text = json.dumps(keras.saving.serialize_keras_object(layer))
    assert keras.saving.deserialize_keras_object(json.loads(text)).get_config() == layer.get_config()


@pytest.mark.parametrize("name", CASES)
def test_saved_model_loads_exactly_and_takes_any_length(name, tmp_path):
    layer = shaken(name)
    inputs = symbols(name)
    model = keras.Model(inputs, keras.tree.flatten(CASES[name].call(layer, **inputs)))
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    for n_bins in (T, T - 2):
        outputs = keras.tree.flatten(loaded(draw_inputs(name, n_bins)))
        assert_equal(outputs, run(name, layer, n_bins=n_bins))
    assert [w.name for w in loaded.weights] == [w.name for w in model.weights]
    for ours, theirs in zip(model.weights, loaded.weights, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def used(name, layer):
    """Returns the trainable weights that a layer is to train itself."""
    return [w for w in layer.trainable_weights if not w.path.startswith(CASES[name].elsewhere or ("nowhere",))]


@pytest.mark.parametrize("name", CASES)
def test_gradient_reaches_every_trainable_weight(name):
    layer = shaken(name)
    with tf.GradientTape() as tape:
        loss = tf.add_n([tf.zeros(()), *(tf.reduce_sum(tf.sin(3.0 * o)) for o in floats(run(name, layer, True)))])
    weights = used(name, layer)
    for weight, gradient in zip(weights, tape.gradient(loss, [w.value for w in weights]), strict=True):
        assert gradient is not None and np.isfinite(gradient).all(), weight.path
        assert np.abs(gradient).max() > 0, f"no gradient reaches {weight.path}"


@pytest.mark.parametrize("name", RANDOM)
def test_draws_are_a_function_of_the_seed(name):
    first, again = (run(name, shaken(name, seed=1), training=True) for _ in range(2))
    assert_equal(first, again)
    layer, other = shaken(name, seed=1), shaken(name, seed=2)
    assert_equal(run(name, layer), run(name, layer))  # without training nothing is drawn
    other.set_weights(layer.get_weights())
    different = run(name, other, training=True)
    assert any(not np.array_equal(a, b) for a, b in zip(first, different, strict=True))
    run(name, layer, training=True)
    later = run(name, layer, training=True)
    assert any(not np.array_equal(a, b) for a, b in zip(first, later, strict=True)), (
        "a second pass has draws of its own"
    )


@pytest.mark.parametrize("name", [name for name in CASES if "GRU" in name or "Complex" in name])
def test_initial_weights_are_a_function_of_the_seed(name):
    def kernels(seed):
        layer = CASES[name].make(seed=seed)
        run(name, layer)
        return [w.numpy() for w in layer.weights if "kernel" in w.path]

    first, again, other = kernels(1), kernels(1), kernels(2)
    assert_equal(first, again)
    for a, b in zip(first, other, strict=True):
        assert not np.array_equal(a, b)
    flat = [w.ravel()[:3].tolist() for w in first]
    assert len({tuple(f) for f in flat}) == len(flat), "no two kernels start alike"


@pytest.mark.parametrize(
    "names", [DRAWS_AND_LOOPS, pytest.param(OTHERS, marks=pytest.mark.slow)], ids=["draws", "others"]
)
def test_xla_gives_the_plain_results_and_the_same_draws(names):
    """All layers in one compiled step: one compilation."""
    plain = {name: [o.numpy() for o in run(name, shaken(name), True)] for name in names}
    built = {name: shaken(name) for name in names}
    compiled = tf.function(lambda: {name: run(name, built[name], True) for name in names}, jit_compile=True)()
    for name, outputs in plain.items():
        for ours, theirs in zip(compiled[name], outputs, strict=True):
            assert ours.shape == theirs.shape
            np.testing.assert_allclose(
                ours.numpy().astype("f4"), theirs.astype("f4"), rtol=1e-4, atol=1e-5, err_msg=name
            )


@pytest.mark.parametrize("name", CASES)
def test_half_precision_stays_finite(name):
    layer = CASES[name].make(dtype="mixed_bfloat16")
    symbolic = keras.tree.flatten(CASES[name].call(layer, **symbols(name)))
    inputs = {key: tf.constant(value) for key, value in draw_inputs(name).items()}
    with tf.GradientTape() as tape:
        outputs = keras.tree.flatten(CASES[name].call(layer, training=True, **inputs))
        loss = tf.add_n([tf.zeros(()), *(tf.reduce_sum(tf.cast(o, tf.float32)) for o in floats(outputs))])
    assert all(w.dtype == "float32" for w in layer.weights)
    for spec, value in zip(symbolic, outputs, strict=True):
        assert keras.backend.standardize_dtype(value.dtype) == spec.dtype
        assert np.isfinite(tf.cast(value, tf.float32)).all()
    for gradient in tape.gradient(loss, [w.value for w in used(name, layer)]):
        assert gradient is not None and np.isfinite(gradient).all()


def test_no_case_mistakes_a_width_for_trials_or_bins():
    for name, case in CASES.items():
        for shape in case.shapes.values():
            assert shape[0] % B == 0, name
