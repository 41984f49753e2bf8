"""What is said of a run that diverged."""

import json

import pytest

from indl_vae.json_file import write_json
from indl_vae.training.divergence_guard import Trouble
from indl_vae.training.divergence_report import bad_trial_in_words, divergence_as_json, divergence_in_words
from indl_vae.training.first_bad_trial import BadTrial

TROUBLE = Trouble(4, "loss or gradient not finite (10 training steps in a row)", 3, 10)
FOUND = BadTrial("train", 17, None, None, 1e30, 2, 3, True, "nll", ())


def message(found=FOUND, rollbacks=3, is_best_kept=True):
    return divergence_in_words(TROUBLE, found, rollbacks, 0.01, is_best_kept)


def test_it_names_epoch_trial_term_and_what_to_try():
    assert message() == (
        "Training diverged: loss or gradient not finite (10 training steps in a row) in epoch 5 after 3 returns to the "
        "last good epoch, each at half the learning rate. First bad trial: 17 of the training data, counted from 0; "
        "its largest value is 1e+30, in bin 2, channel 3; the trials after it in the batch are finite; first bad term: "
        "nll. The best model before it is kept. Look at this trial, and mask or leave out what is wrong in it. Try a "
        "lower learning rate (it is 0.01; try --set learning_rate=0.0025), a lower max_grad_norm, clip_log_rate=true, "
        "or a longer KL ramp (kl_ramp_length); `indl-vae inspect` shows channels with extreme counts."
    )


def test_the_first_epoch_has_no_model_before_it():
    assert "The best model" not in message(is_best_kept=False)
    assert "returns" not in message(rollbacks=0)
    assert message(None).startswith(f"Training diverged: {TROUBLE.what} in epoch 5 after 3 returns")
    assert "trial" not in message(None)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"session": "monday", "trial_of_session": 4, "split": "valid"},
            "17 of the validation data, counted from 0 (trial 4 of session 'monday');",
        ),
        ({"alone": False}, "others of the batch are bad too"),
        (
            {"trial": None, "term": "gradient of a/b"},
            "No trial of the batch is bad by itself; first bad term: gradient of",
        ),
        ({"weights": tuple("abcde")}, "Weights that are not finite: a, b, c and 2 more."),
    ],
)
def test_words(changes, said):
    assert said in bad_trial_in_words(FOUND._replace(**changes))


@pytest.mark.parametrize("changes", [{"alone": False}, {"weights": ("a",)}, {"trial": None}])
def test_a_trial_that_is_not_the_cause_is_not_to_be_looked_at(changes):
    assert "Look at this trial" not in message(FOUND._replace(**changes))


def test_the_file_is_strict_json(tmp_path):
    found = FOUND._replace(largest=float("inf"), weights=("a",))
    path = write_json(divergence_as_json(TROUBLE, found, 3, float("nan"), 42), tmp_path / "divergence.json")
    told = json.loads(path.read_text())
    assert (told["epoch"], told["step"], told["rollbacks"], told["learning_rate"]) == (5, 42, 3, None)
    assert told["bad_trial"]["largest"] == "inf"
    assert (told["bad_trial"]["trial"], told["bad_trial"]["term"], told["bad_trial"]["weights"]) == (17, "nll", ["a"])
    assert divergence_as_json(TROUBLE, None, 0, 0.1, 42)["bad_trial"] is None
