"""Temperature, balance and cycles of the KL weight, step by step."""

from __future__ import annotations

import numpy as np
import pytest

from indl_vae import make_params
from indl_vae.errors import ConfigError
from indl_vae.families.mrsds.acting import balance, temperature
from indl_vae.models.cyclical_beta import cyclical_beta
from indl_vae.params import CyclicalBetaGroup, StateGuardGroup
from tests.models.family_cases import make_batch, tiny


def test_temperature_holds_then_falls_to_one():
    guard = StateGuardGroup(temperature=4.0, temperature_rate=0.5, temperature_steps=10, temperature_hold=5)
    assert [temperature(step, guard) for step in (0, 5, 15, 25, 500)] == [4.0, 4.0, 2.0, 1.0, 1.0]


def test_the_balance_of_states_fades():
    guard = StateGuardGroup(state_balance=2.0, state_balance_steps=10)
    assert [balance(step, guard) for step in (0, 5, 10, 99)] == [2.0, 1.0, 0.0, 0.0]


def test_cycles_rise_and_fall_and_end_at_the_peak():
    group = CyclicalBetaGroup(beta_peaks=4, beta_max=3.0, beta_floor=1.0, beta_warmup_steps=5)
    values = np.array([cyclical_beta(step, 80, group) for step in range(100)])
    np.testing.assert_allclose(values[[0, 20, 40, 60]], 1.0)
    np.testing.assert_allclose(values[[5, 25, 45]], 3.0)
    np.testing.assert_allclose(values[5 + 15 // 2 + 1], 1.0 + 2.0 * 0.5 * (1.0 + np.cos(np.pi * 8 / 15)))
    np.testing.assert_allclose(values[65:], 3.0)
    assert cyclical_beta(7, 80, CyclicalBetaGroup()) == 1.0


def test_they_act_while_training():
    model = tiny("mrsds s_svae", temperature=8.0, state_balance=1.0, beta_peaks=2, beta_warmup_steps=2, n_epochs=2)
    from indl_vae.data import Dataset

    split = Dataset.from_arrays(make_batch(model, 8), likelihood="gaussian").train
    acting = model.feed.callbacks(split)
    batches = model.feed.training_batches(split, model.params)
    history = model.fit(batches, epochs=2, verbose=0, callbacks=acting).history
    assert history["temperature"][0] > history["temperature"][1] > 1.0
    assert float(acting[0].transition.temperature) == pytest.approx(history["temperature"][-1])
    assert history["state_balance_weight"][-1] < 1.0 and set(history) >= {"beta", "state_balance", "kl_z"}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"inference": "svae", "n_states": 2}, "n_states: expected 1 with inference = 'svae', got 2"),
        ({"inference": "slds", "discrete": "factorised"}, "discrete: expected 'collapsed' with inference = 'slds'"),
        ({"inference": "slds", "full_posterior": True}, "full_posterior: expected false with inference = 'slds'"),
        ({"overshoot": 2, "overshoot_weights": [1.0]}, "overshoot_weights: expected 2 numbers"),
        ({"overshoot": 1, "overshoot_weights": [0.0]}, "overshoot_weights: expected a sum above 0"),
        ({"input_factors": 3}, "input_factors: expected 0, got 3"),
        ({"f_enc_input_samps": 3}, "f_enc_input_samps: expected 0, got 3"),
        ({"emission_on": "one_step"}, "'elbo' expects emission_on = 'sample'"),
        ({"state_balance": 1.0}, "state_balance: expected 0 with n_states = 1"),
        ({"dynamics_only": True}, "num_steps_do: expected at least 1 with dynamics_only"),
    ],
)
def test_what_does_not_go_together_is_refused(options, message):
    with pytest.raises(ConfigError, match=message):
        make_params("mrsds", options)


def test_names_of_the_published_code_are_understood():
    names = [make_params("mrsds", mtype=name).inference for name in ("svae", "s-svae", "mrsds")]
    assert names == ["svae", "s_svae", "mean_field"]
