"""What CeNeuroVAE promises: identities, missing neurons, divergences and a decoder that is asked for any neuron."""

from __future__ import annotations

import numpy as np
import pytest

from indl_vae import build_model, make_params
from indl_vae.errors import ConfigError, DataError
from indl_vae.families.ceneurovae.acting import FreeBits
from indl_vae.typing import DataSpec
from tests.models.family_cases import make_batch, tiny

B, T, N, U = 4, 6, 8, 2


@pytest.fixture(scope="module")
def model():
    return tiny("ceneurovae")


@pytest.fixture(scope="module")
def batch(model):
    return make_batch(model)


def rates(model, batch):
    return np.asarray(model.all_outputs(batch)["rates"])


def test_the_published_model_has_as_many_weights():
    params = make_params("ceneurovae", preset="parity", jit_compile=False)
    made = build_model(params, DataSpec(110, None, 3, n_identities=155))
    assert sum(int(np.prod(w.shape)) for w in made.trainable_weights) == 3_352_851


@pytest.mark.parametrize("name", ["ceneurovae", "ceneurovae published", "ceneurovae convolutions, huber"])
def test_neurons_have_no_order(name, rng):
    made = tiny(name)
    batch = make_batch(made)
    order = rng.permutation(N)
    other = {**batch, "x": batch["x"][..., order], "identity": batch["identity"][:, order]}
    np.testing.assert_allclose(rates(made, other), rates(made, batch)[..., order], rtol=1e-4, atol=1e-5)


def test_the_published_encoder_does_not_know_identities():
    made = tiny("ceneurovae published")
    batch = make_batch(made)
    other = {**batch, "identity": batch["identity"][:, ::-1].copy()}
    np.testing.assert_array_equal(made.states(batch), made.states(other))
    assert np.abs(rates(made, batch) - rates(made, other)).max() > 1e-3
    knowing = tiny("ceneurovae")
    assert np.abs(knowing.states(batch) - knowing.states(other)).max() > 1e-3


def test_neurons_that_are_not_there_change_nothing(model, batch):
    """Not even a NaN in their place does."""
    mask = np.ones((B, T, N), "f4")
    mask[1:, :, -3:] = 0.0
    there = {**batch, "x": batch["x"] * mask, "mask": mask}
    other = {**there, "x": np.where(mask > 0, batch["x"], np.nan).astype("f4")}
    other["identity"] = np.where(mask[:, 0] > 0, batch["identity"], 0).astype("f4")
    losses = [model.evaluate(data, batch_size=B, verbose=0, return_dict=True)["loss"] for data in (there, other)]
    assert losses[0] == pytest.approx(losses[1], rel=1e-5) and np.isfinite(losses[0])
    np.testing.assert_allclose(model.states(there), model.states(other), rtol=1e-5, atol=1e-6)
    shown = mask[:, :1] > 0
    kept = [np.where(shown, rates(model, data), 0.0) for data in (there, other)]
    np.testing.assert_allclose(*kept, rtol=1e-5, atol=1e-6)
    assert np.abs(model.states(there) - model.states(batch)).max() > 1e-3, "the neurons did tell something"


def test_gradients_are_finite_where_nan_is_masked(model, batch):
    mask = np.ones((B, T, N), "f4")
    mask[0, 2:4] = mask[2, :, 1] = 0.0
    model.train_on_batch({**batch, "x": np.where(mask > 0, batch["x"], np.nan).astype("f4"), "mask": mask})
    assert all(np.isfinite(np.asarray(weight)).all() for weight in model.trainable_weights)


def test_decoding_the_latents_is_the_forward_pass(model, batch):
    told = model.decode(model.states(batch), batch["ext_input"], batch["identity"])
    np.testing.assert_allclose(told, rates(model, batch), rtol=1e-5, atol=1e-6)


def test_any_identities_can_be_asked_for(model, batch):
    few = model.impute(batch, [3, 1])
    many = model.impute(batch, np.r_[np.arange(N + 1), 3, 1])
    assert few.shape == (B, T, 2) and many.shape == (B, T, N + 3)
    np.testing.assert_allclose(many[..., [3, 1]], few, rtol=1e-5)
    np.testing.assert_allclose(many[..., -2:], few, rtol=1e-5)
    np.testing.assert_allclose(model.impute(batch, batch["identity"]), rates(model, batch), rtol=1e-5, atol=1e-6)
    with pytest.raises(
        DataError, match="identity: expected numbers from 0 to 8, which the model was built with, got 2"
    ):
        model.impute(batch, [2, 9])


def test_other_behaviour_and_behaviour_alone(model, batch):
    same = model.with_behavior(batch, batch["ext_input"], batch["identity"])
    np.testing.assert_allclose(same, rates(model, batch), rtol=1e-5, atol=1e-6)
    assert np.abs(model.with_behavior(batch, -batch["ext_input"], batch["identity"]) - same).max() > 1e-3
    z = np.zeros((B, T, model.params.z_latent_size))
    alone = model.from_behavior(batch["ext_input"], [1, 2])
    np.testing.assert_allclose(alone, model.decode(z, batch["ext_input"], [1, 2]), rtol=1e-6)
    assert np.abs(model.from_behavior(batch["ext_input"], [1, 2], latents="encoder") - alone).max() > 1e-4


def test_divergences_are_those_of_the_formula():
    made = tiny("ceneurovae published")
    batch = make_batch(made)
    found = {key: np.asarray(value) for key, value in made.all_outputs(batch).items()}
    variance = found["z_scale"] ** 2
    each = -0.5 * (1 + np.log(variance) - found["z_loc"] ** 2 - variance)
    np.testing.assert_allclose(found["kl_per_latent"], each.mean(1), rtol=1e-4, atol=1e-6)
    logs = made.evaluate(batch, batch_size=B, verbose=0, return_dict=True)
    assert logs["kl_z"] == pytest.approx(each.mean(), rel=1e-4)


def test_free_bits_cost_what_latents_lack():
    made = tiny("ceneurovae convolutions, huber")
    batch = make_batch(made)
    each = np.asarray(made.all_outputs(batch)["kl_per_latent"])
    lacking = lambda tau: (np.maximum(tau - each, 0.0).sum(-1) * T).mean()  # noqa: E731
    high = float(2.0 * each.max())
    for tau in (0.2, high):
        made.core.get_layer("latent_kl").free_bits.assign(tau)
        logs = made.evaluate(batch, batch_size=B, verbose=0, return_dict=True)
        assert logs["free_bits"] == pytest.approx(lacking(tau), rel=1e-4, abs=1e-6)
    assert lacking(high) > lacking(0.2)


def test_free_bits_begin_with_their_epoch():
    made = tiny("ceneurovae convolutions, huber")
    layer = made.core.get_layer("latent_kl")
    acting = FreeBits(layer, 0.3, start=3)
    told = []
    for epoch in range(5):
        acting.on_epoch_begin(epoch)
        told.append(round(float(layer.free_bits), 6))
    assert told == [0.0, 0.0, 0.3, 0.3, 0.3]


def test_a_latent_for_the_trial_is_the_same_in_every_bin():
    made = tiny("ceneurovae recurrent, film")
    z = made.states(make_batch(made))
    np.testing.assert_array_equal(z, np.repeat(z[:, :1], T, axis=1))
    drawn = made.sample_prior(3, n_bins=5, ext_input=np.zeros((3, 5, U)))
    assert drawn["rates"].shape == (3, 5, N)
    np.testing.assert_array_equal(drawn["factors"][:, 0], drawn["factors"][:, -1])


def test_without_layers_values_of_a_bin_go_through_linear_maps_alone():
    model, rng = tiny("ceneurovae linear"), np.random.default_rng(0)
    batch = {**make_batch(model), "ext_input": np.zeros((B, T, U), "f4")}
    a, b = (rng.normal(size=batch["x"].shape).astype("f4") for _ in range(2))
    zero, of_a, of_b, of_sum = (
        model.posterior({**batch, "x": x}, push_mean=True) for x in (np.zeros_like(a), a, b, a + b)
    )
    for name in ("z_loc", "rates"):
        np.testing.assert_allclose(of_sum[name] - of_b[name], of_a[name] - zero[name], atol=1e-4, err_msg=name)
    later = a.copy()
    later[:, 2:] += 1.0
    moved = np.abs(model.posterior({**batch, "x": later}, push_mean=True)["z_loc"] - of_a["z_loc"]).max((0, 2))
    assert not moved[:2].any() and (moved[2:] > 0).all()


def test_options_that_do_not_fit_are_refused():
    with pytest.raises(ConfigError, match="n_identities: expected at least 9, one more than the highest in the data"):
        build_model(make_params("ceneurovae", preset="small", n_identities=5), DataSpec(N, T))
    for name, value in (("coordinated_dropout_rate", 0.3), ("dropout_rate", 0.1), ("input_factors", 4)):
        with pytest.raises(ConfigError, match=f"{name}: expected 0, got .*neurons are read one by one"):
            make_params("ceneurovae", {name: value})
    with pytest.raises(ConfigError, match="n_heads: expected a divisor of model_size = 30, got 4"):
        make_params("ceneurovae", model_size=30)
    with pytest.raises(ConfigError, match="kernel_size: expected an odd number, got 4"):
        make_params("ceneurovae", kernel_size=4)
    for name, value in (("identity_mixing", "sum"), ("conditioning", "film"), ("pos_decoder", True)):
        with pytest.raises(ConfigError, match=f"decoder_hidden: expected at least 1 with {name} = .*got 0"):
            make_params("ceneurovae", {"decoder_hidden": 0, name: value})
    with pytest.raises(ConfigError, match="scale_channels: expected False, got True"):
        make_params("ceneurovae", scale_channels=True)
