"""What a population is asked for is checked before anything is trained."""

import numpy as np
import pytest

from indl_vae.errors import ConfigError, RunError
from indl_vae.params import dump_yaml, load_yaml
from indl_vae.tuning.pbt.population_plan import claimed, make_plan

SPACE = {"learning_rate": {"low": 1e-4, "high": 1e-2}}


@pytest.fixture
def data(tmp_path):
    counts = np.random.default_rng(0).poisson(1.0, (40, 8, 4)).astype("float32")
    np.savez(tmp_path / "x.npz", train_data=counts[:30], valid_data=counts[30:])
    return tmp_path / "x.npz"


def plan_of(data, space=SPACE, **settings):
    config = data.with_name("c.yaml")
    dump_yaml({"population": {"size": 3, "space": space}, "bin_width_s": 0.01, "lr_rule": "none"}, config)
    return make_plan(data, config=config, settings=settings)


def test_the_family_is_autolfads_and_the_burn_in_is_that_of_the_ramps(data):
    plan = plan_of(data, kl_ramp_length=7, l2_ramp_length=3)
    assert (plan.params.family, plan.settings.size, plan.burn_in) == ("autolfads", 3, 7)
    assert plan_of(data, ramp_unit="step", kl_ramp_length=9, l2_ramp_length=0, batch_size=10).burn_in == 2


def test_patience_of_a_run_does_not_end_a_member(data):
    assert plan_of(data, patience=7).params.patience == 0


def test_names_of_other_codes_stand_for_ours_in_the_space(data):
    assert list(plan_of(data, {"LR.INIT": SPACE["learning_rate"]}).settings.space) == ["learning_rate"]


def test_an_empty_space_is_that_of_the_live_parameters_that_have_a_range(data):
    space = plan_of(data, {}, l2_gen_scale=0.0).settings.space
    assert {"learning_rate", "dropout_rate", "coordinated_dropout_rate", "kl_f_weight", "kl_z_weight"} <= set(space)
    assert "l2_gen_scale" not in space, "a term that the model does not have cannot be varied"
    assert space["learning_rate"].scale == "log"


@pytest.mark.parametrize(
    ("space", "settings", "message"),
    [
        (SPACE, {"select_on": "nll"}, "select_on: expected 'hidden' or 'heldout_channels' for a search, got 'nll'"),
        ({"gen_units": {"low": 10, "high": 20}}, {}, "space.gen_units: expected a parameter that may change while"),
        (
            {"kl_z_weight": {"low": 0.1, "high": 2.0}},
            {"z_latent_size": 0},
            "only where z_latent_size > 0. Leave it out",
        ),
        ({"keep_prob": {"low": 0.4, "high": 0.9}}, {}, "keep_prob: stands for dropout_rate, but its values mean"),
        ({"no_such": {"low": 0.1, "high": 2.0}}, {}, "space.no_such: expected a parameter that may change"),
        ({"dropout_rate": {"low": 0.1, "high": 2.0}}, {}, "dropout_rate"),
        (SPACE, {"lr_rule": "valid_plateau"}, "lr_rule: expected none.*got 'valid_plateau'"),
        (SPACE, {"lr_warmup_steps": 5}, "no lr_warmup_steps.*and 5"),
        (SPACE, {"restarts": 2}, "restarts: expected none in a population, got 2"),
    ],
)
def test_what_works_against_a_population_is_refused(data, space, settings, message):
    with pytest.raises(ConfigError, match=message):
        plan_of(data, space, **settings)


def test_a_folder_holds_one_population(data, tmp_path):
    out = tmp_path / "out"
    busy = pytest.raises(RunError, match="another population is at work")
    with claimed(out, plan_of(data)), busy, claimed(out, plan_of(data)):
        pass
    with pytest.raises(RunError, match=r"differs in seed \(was 0, now 4\)"), claimed(out, plan_of(data, seed=4)):
        pass
    plan = plan_of(data)
    longer = plan._replace(settings=plan.settings.model_copy(update={"generations": 90}))
    with claimed(out, longer):
        assert load_yaml(out / "population.yaml")["population"]["generations"] == 90
    with pytest.raises(RunError, match="something in this folder that is no population"), claimed(tmp_path, plan):
        pass
    with pytest.raises(RunError, match="expected a folder for the population, found a file"), claimed(data, plan):
        pass


def test_what_is_written_can_be_asked_for_again(data, tmp_path):
    plan = plan_of(data)
    with claimed(tmp_path / "out", plan):
        again = make_plan(data, config=tmp_path / "out" / "population.yaml")
    assert again.as_written() == plan.as_written()
