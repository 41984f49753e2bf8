"""From parameters to a compiled model: optimizer, precision, settings that do not go together."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from indl_vae import make_params
from indl_vae.errors import ConfigError
from indl_vae.models import SequentialVAE, build_model, make_optimizer
from indl_vae.typing import DataSpec
from tests.models.helpers import SIZES, B, N, T, counts, gradients_of, tiny


def test_optimizer_is_as_the_parameters_say():
    options = {"learning_rate": 3e-3, "adam_epsilon": 1e-4, "max_grad_norm": 50.0, "loss_scale": 10.0}
    adam = make_optimizer(make_params("lfads", options, adam_beta1=0.8))
    assert type(adam) is keras.optimizers.Adam
    assert float(adam.learning_rate) == pytest.approx(3e-3)
    assert (adam.beta_1, adam.epsilon, adam.global_clipnorm) == (0.8, pytest.approx(1e-5), pytest.approx(5.0))
    assert type(make_optimizer({"weight_decay": 0.01})) is keras.optimizers.AdamW


def test_a_loss_scale_is_worth_what_scaling_the_loss_is(rng):
    """Dividing epsilon and the clipping norm by the scale moves the weights as multiplying the loss does."""
    start, gradient, ends = rng.normal(size=4), rng.normal(size=4) * 1e-3, []
    shared = {"adam_epsilon": 1e-2, "max_grad_norm": 2.0, "learning_rate": 0.1}
    for scale, factor in ((1e4, 1.0), (1.0, 1e4)):
        weight = keras.Variable(start)
        optimizer = make_optimizer({**shared, "loss_scale": scale})
        for _ in range(3):
            optimizer.apply([keras.ops.convert_to_tensor(gradient * factor, "float32")], [weight])
        ends.append(np.asarray(weight))
    np.testing.assert_allclose(*ends, rtol=1e-4)


def test_model_is_compiled_and_holds_its_parameters():
    model = tiny()
    assert isinstance(model, SequentialVAE) and isinstance(model, keras.Model)
    assert model.compiled and model.built and model.name == "lfads"
    assert model.params.gen_units == SIZES["gen_units"] and model.spec == DataSpec(N, T, 0, 0.01)


def test_a_dataset_serves_as_its_own_spec():
    class Dataset:
        spec = DataSpec(N, T)

    assert build_model(make_params("lfads", SIZES), Dataset()).spec is Dataset.spec


def test_half_precision_keeps_weights_and_densities_in_full():
    model = tiny(mixed_precision=True, dropout_rate=0.1)
    assert keras.config.dtype_policy().name == "float32", "the policy is put back"
    assert all(w.dtype == "float32" for w in model.trainable_weights)
    outputs = model(counts())
    assert outputs["raw"].dtype == outputs["rates"].dtype == "float32"
    full = tiny(dropout_rate=0.1)
    full.set_weights(model.get_weights())
    np.testing.assert_allclose(outputs["rates"], full(counts())["rates"], rtol=0.2, atol=0.05)
    assert all(np.isfinite(g).all() for g in gradients_of(model, counts(), training=True).values())


def test_the_policy_is_put_back_after_an_error():
    with pytest.raises(ConfigError, match="heldout_channels"):
        tiny(mixed_precision=True, heldout_channels=[N + 3])
    assert keras.config.dtype_policy().name == "float32"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"heldout_channels": N}, f"holds out all {N} channels"),
        ({"heldout_channels": [0, N]}, rf"heldout_channels: the data have channels 0 to {N - 1}, got \[{N}\]"),
        ({"heldout_bins": T}, f"heldout_bins = {T} holds out all {T} bins"),
        ({"f_enc_input_samps": 4, "heldout_bins": 2}, "f_enc_input_samps: expected at most the 3 bins"),
    ],
)
def test_settings_that_leave_the_encoders_nothing_are_refused(options, message):
    with pytest.raises(ConfigError, match=message):
        tiny(**options)


def test_seed_decides_the_initial_weights():
    first, again, other = (tiny(shake=0.0, seed=s).get_weights() for s in (1, 1, 2))
    for a, b in zip(first, again, strict=True):
        np.testing.assert_array_equal(a, b)
    assert any(not np.array_equal(a, b) for a, b in zip(first, other, strict=True))


def test_any_number_of_trials_and_bins_is_taken():
    model = tiny()
    for n, bins in ((1, 1), (2, T + 4), (B, 3)):
        outputs = model(counts(n, bins))
        assert outputs["rates"].shape == (n, bins, N) and np.isfinite(outputs["rates"]).all()


def test_lfads_with_another_generator_says_where_there_is_one():
    with pytest.raises(ConfigError, match="gen_cell_type: expected 'Complex', the generator of lfads, got 'GRU'.*dsae"):
        build_model(make_params("lfads", gen_cell_type="GRU"), DataSpec(8, 24))
