import numpy as np
import pytest

from indl_vae.errors import ConfigError, DataError
from indl_vae.families.ceneurovae.compat import NeuroBehaviorVAE, VAEConfig
from indl_vae.families.ceneurovae.compat.losses import masked_loss, nll_at_mode
from tests.families.ceneurovae.compat_cases import TB, B, N, T, made_batch, small_config, small_model


def huber(d):
    return np.where(np.abs(d) <= 1, 0.5 * d**2, np.abs(d) - 0.5)


def test_the_masked_mean_squared_error_of_the_specification():
    found = masked_loss([[1.0, 2.0], [3.0, 4.0]], [[0.0, 2.0], [3.0, 0.0]], [[1, 1], [1, 0]])
    assert float(found) == pytest.approx(1 / 3, rel=1e-5)


def test_huber_of_two_is_one_and_a_half():
    assert float(masked_loss([[0.0]], [[2.0]], [[1]], "huber")) == pytest.approx(1.5, rel=1e-5)


@pytest.mark.parametrize("kind", ["mse", "huber"])
def test_losses_against_numpy_with_nan_under_the_mask(kind, rng):
    r, x, mask = rng.normal(size=(2, 3, 4)) * 2, rng.normal(size=(2, 3, 4)), rng.random((2, 3, 4)) < 0.6
    expected = ((x - r) ** 2 if kind == "mse" else huber(x - r))[mask].mean()
    assert float(masked_loss(r, np.where(mask, x, np.nan), mask, kind)) == pytest.approx(expected, rel=1e-5)


def test_a_loss_of_nothing_is_nought():
    assert float(masked_loss([[1.0]], [[5.0]], [[0]])) == 0.0


def test_the_density_at_its_mode():
    assert nll_at_mode("mse") == pytest.approx(0.5 * np.log(2 * np.pi), rel=1e-6)


def test_the_published_number_of_weights():
    model = NeuroBehaviorVAE(VAEConfig(n_identities=155, behavior_dim=3))
    assert model.count_params() == 3_352_851
    assert model.wired().spec.n_channels == 154


def test_the_published_defaults():
    cfg = VAEConfig(7, 2)
    assert (cfg.neuron_embed_dim, cfg.latent_dim, cfg.model_dim, cfg.n_heads, cfg.n_layers) == (32, 24, 256, 4, 4)
    assert (cfg.neuron_token_dim, cfg.decoder_hidden, cfg.dropout, cfg.beta_kl) == (64, 256, 0.1, 0.2)
    assert (cfg.loss_rec_type, cfg.tau_freebits) == ("mse", 0.0)


@pytest.mark.parametrize(("kind", "likelihood", "weight"), [("mse", "gaussian", 0.1), ("huber", "huber", 0.2)])
def test_the_divergence_weighs_half_as_much_beside_half_a_squared_error(kind, likelihood, weight):
    params = small_config(loss_rec_type=kind).to_params()
    assert params.likelihood == likelihood and params.kl_z_weight == pytest.approx(weight)
    assert params.gaussian_scale == "fixed" and params.huber_delta == 1.0


@pytest.mark.parametrize("kind", ["mse", "huber"])
def test_outputs_and_losses_against_numpy(kind):
    batch, model = made_batch(), small_model(loss_rec_type=kind)
    found = {name: np.asarray(value) for name, value in model(batch).items()}
    assert found["reconstruction"].shape == (B, N, T)
    assert found["mu"].shape == found["logvar"].shape == found["z"].shape == (B, T, 2)
    d = (found["reconstruction"] - batch["X"])[batch["M"] > 0]
    kl = -0.5 * (1 + found["logvar"] - found["mu"] ** 2 - np.exp(found["logvar"]))
    assert found["loss_rec"] == pytest.approx((d**2 if kind == "mse" else huber(d)).mean(), rel=1e-4)
    assert found["loss_kl"] == pytest.approx(kl.mean(), rel=1e-4)
    assert found["loss_sum"] == pytest.approx(found["loss_rec"] + 0.2 * found["loss_kl"], rel=1e-5)


def test_it_is_deterministic_unless_it_is_trained():
    batch, model = made_batch(), small_model()
    first, again = model(batch), model(batch)
    np.testing.assert_array_equal(first["reconstruction"], again["reconstruction"])
    np.testing.assert_array_equal(first["z"], first["mu"])
    drawn = [model(batch, training=True) for _ in range(2)]
    assert np.abs(drawn[0]["z"] - drawn[1]["z"]).max() > 0.01
    assert np.abs(drawn[0]["z"] - drawn[0]["mu"]).max() > 0.01


def test_neurons_of_padding_change_nothing():
    batch, model = made_batch(), small_model()
    wide = {
        **batch,
        "X": np.pad(batch["X"], [(0, 0), (0, 2), (0, 0)], constant_values=np.nan),
        "M": np.pad(batch["M"], [(0, 0), (0, 2), (0, 0)]),
        "I": np.pad(batch["I"], [(0, 0), (0, 2)]),
    }
    narrow, widened = model(batch), model(wide)  # the second call makes the wired model anew
    np.testing.assert_allclose(widened["reconstruction"][:, :N], narrow["reconstruction"], atol=1e-5)
    for name in ("loss_rec", "loss_kl"):
        assert float(widened[name]) == pytest.approx(float(narrow[name]), rel=1e-5)
    np.testing.assert_allclose(model(batch)["mu"], narrow["mu"], atol=1e-5)  # and the first batch fits it


def test_more_neurons_than_labels_are_taken():
    assert small_model()(made_batch(n=12))["reconstruction"].shape == (B, 12, T)


def test_without_a_mask_all_is_observed():
    batch, model = made_batch(), small_model()
    every = model({**batch, "M": np.ones_like(batch["M"])})
    del batch["M"]
    assert float(model(batch)["loss_rec"]) == float(every["loss_rec"])


def test_free_bits_of_the_configuration_act():
    batch = made_batch()
    without, held = small_model()(batch), small_model(tau_freebits=50.0)(batch)
    assert float(without["loss_kl"]) < 40
    assert float(held["loss_kl"]) == pytest.approx(50.0, rel=1e-4)


def test_to_returns_the_model():
    model = small_model()
    assert model.to("cuda") is model


def test_summary_prints_the_layers(capsys):
    small_model().summary()
    assert "neuron_tokens" in capsys.readouterr().out


def test_weights_are_written_and_read(tmp_path):
    batch, model, other = made_batch(), small_model(), small_model({"seed": 5})
    assert np.abs(other(batch)["reconstruction"] - model(batch)["reconstruction"]).max() > 1e-3
    other.load_weights(model.save_weights(tmp_path / "a.weights.h5"))
    np.testing.assert_allclose(other(batch)["reconstruction"], model(batch)["reconstruction"], atol=1e-6)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"loss_rec_type": "l1"}, r"loss_rec_type: expected 'mse' or 'huber', got 'l1'"),
        ({"n_identities": 1}, r"n_identities: expected a number from 2 up, got 1"),
        ({"behavior_dim": 0}, r"behavior_dim: expected a number from 1 up, got 0"),
        ({"beta_kl": -1.0}, r"beta_kl: expected a number from 0 up, got -1\.0"),
        ({"tau_freebits": -0.5}, r"tau_freebits: expected a number from 0 up, got -0\.5"),
    ],
)
def test_configurations_that_are_none(changes, message):
    with pytest.raises(ConfigError, match=message):
        small_config(**changes)


def test_a_setting_that_the_configuration_makes():
    with pytest.raises(ConfigError, match=r"model_size: follows from VAEConfig, got a setting besides"):
        small_model({"model_size": 16})


def test_something_else_than_a_configuration():
    with pytest.raises(ConfigError, match=r"cfg: expected a VAEConfig, got dict"):
        NeuroBehaviorVAE({"n_identities": 5})


def test_a_name_of_weights_that_keras_does_not_take():
    with pytest.raises(ConfigError, match=r"path: expected a name that ends in \.weights\.h5 .*, got 'best\.pt'"):
        small_model().save_weights("best.pt")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"X": np.zeros((B, N))},
            r"batch: expected a dict with X \(batch, neurons, frames\), got .* of shape \(3, 5\)",
        ),
        ({"Bx": None}, r"Bx: missing in the batch, expected \(batch, behaviours, frames\) = \(3, 2, 6\)"),
        (
            {"Bx": np.zeros((B, T, TB))},
            r"Bx: expected .* = \(3, 2, 6\) to go with X, got \(3, 6, 2\); is time the last",
        ),
        ({"I": np.zeros((B, T))}, r"I: expected \(batch, neurons\) = \(3, 5\) to go with X, got \(3, 6\)"),
        ({"M": np.zeros((B, T, N))}, r"M: expected .* = \(3, 5, 6\) to go with X, got \(3, 6, 5\)"),
        ({"I": np.full((B, N), 8)}, r"I: expected identities from 0 to 7, got 8 to 8\. Set n_identities of VAEConfig"),
    ],
)
def test_batches_that_do_not_fit(change, message):
    with pytest.raises(DataError, match=message):
        small_model()({**made_batch(), **change})


def test_something_else_than_a_batch():
    with pytest.raises(DataError, match=r"batch: expected a dict with X .*, got ndarray"):
        small_model()(np.zeros((B, N, T)))
