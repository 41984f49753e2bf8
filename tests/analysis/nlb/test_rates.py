from __future__ import annotations

import numpy as np
import pytest

from indl_vae.analysis.nlb import check_submission
from indl_vae.analysis.nlb.rates import KEYS
from indl_vae.errors import DataError


def arrays(**changes) -> dict:
    """Returns a whole submission: 4 training and 3 evaluated trials, 5 bins and 2 after, 3 channels and 2 held out."""
    sizes = {"train": 4, "eval": 3}
    found = {}
    for key in KEYS:
        bins, channels = (2 if key.endswith("_forward") else 5), (2 if "heldout" in key else 3)
        found[key] = np.full((sizes[key.split("_")[0]], bins, channels), 0.5, np.float32)
    return {key: value for key, value in (found | changes).items() if value is not None}


def spoiled(value: float) -> np.ndarray:
    rates = arrays()["eval_rates_heldout"]
    rates[1, 2, 0] = value
    return rates


def test_keys_are_those_of_the_benchmark():
    assert set(KEYS[:4]) == {
        "train_rates_heldin",
        "train_rates_heldout",
        "eval_rates_heldin",
        "eval_rates_heldout",
    }
    assert KEYS[4:] == tuple(f"{key}_forward" for key in KEYS[:4])


def test_a_whole_and_a_least_submission_pass():
    assert list(check_submission(arrays())) == list(KEYS)
    least = {key: value for key, value in arrays().items() if key in ("eval_rates_heldin", "eval_rates_heldout")}
    checked = check_submission(least)
    assert set(checked) == set(least) and checked["eval_rates_heldin"].dtype == np.float64


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"eval_rates": np.ones(3)}, "eval_rates: no array of a submission"),
        ({"eval_rates_heldout": np.ones((3, 5))}, r"eval_rates_heldout: has shape \(3, 5\), expected \(trials, bins"),
        ({"eval_rates_heldout": np.ones((3, 5, 0))}, "none of them 0"),
        ({"eval_rates_heldout": spoiled(np.nan)}, r"1 of 30 entries \(first in trial 1, bin 2, channel 0\) are NaN"),
        ({"eval_rates_heldout": spoiled(np.inf)}, "NaN or infinite"),
        ({"eval_rates_heldout": np.log(spoiled(0.1))}, "negative, the least -2.3.*logarithms of rates, take np.exp"),
        ({"eval_rates_heldout": spoiled(0.0)}, r"are 0, under which no spike is possible.*np.maximum\(rates, 1e-9\)"),
        ({"eval_rates_heldin": None}, "eval_rates_heldin: missing"),
        ({"train_rates_heldout": None}, "train_rates_heldout: missing; train_rates_heldin and train_rates_heldout"),
        ({"eval_rates_heldin_forward": None}, "eval_rates_heldin_forward: missing"),
        ({"eval_rates_heldout": np.ones((3, 4, 2))}, r"expected the trials and bins of eval_rates_heldin, \(3, 5\)"),
        ({"train_rates_heldin": np.ones((4, 5, 7))}, "has 7 channels, expected the 3 of eval_rates_heldin"),
        (
            {k: np.ones((2, 2, n)) for k, n in (("eval_rates_heldin_forward", 3), ("eval_rates_heldout_forward", 2))},
            "eval_rates_heldin_forward: has 2 trials, expected the 3 of eval_rates_heldin",
        ),
    ],
)
def test_what_is_refused(changes, message):
    with pytest.raises(DataError, match=message):
        check_submission(arrays(**changes), "mine.h5: mc_maze")


def test_the_message_begins_with_the_place():
    with pytest.raises(DataError, match=r"^mine.h5: mc_maze: eval_rates_heldin: missing"):
        check_submission({}, "mine.h5: mc_maze")
