"""keras-tuner's oracles, which choose what is tried next, with a state that is whole whenever they are killed."""

from __future__ import annotations

import math
import warnings
from typing import Any

import keras_tuner
import numpy as np
from sklearn.exceptions import ConvergenceWarning

from indl_vae.errors import ConfigError
from indl_vae.json_file import write_json
from indl_vae.tuning.selection import SCORE

TUNERS = ("random", "bayesian", "hyperband")
#: Failures in a row do not end a search: which trials fail depends on what is drawn.
_FAILURES = 1_000_000
_FACTOR = 3
#: Limit of bad scores, in differences of the median from the best.
_SPREADS = 3.0


class _Whole:
    """Writes state files whole or not at all, and no word about it."""

    def end_trial(self, trial: Any) -> None:
        super().end_trial(trial)  # type: ignore[misc]
        self.save()  # keras-tuner saves before the trial is no longer an ongoing one, and would run it again

    def save(self) -> None:
        write_json(self.get_state(), self._get_oracle_fname())  # type: ignore[attr-defined]

    def _save_trial(self, trial: Any) -> None:
        write_json(trial.get_state(), f"{self._get_trial_dir(trial.trial_id)}/trial.json")  # type: ignore[attr-defined]

    def is_over(self) -> bool:
        """Returns whether there is nothing left to try, as far as the number of trials says."""
        waits = self.ongoing_trials or self._retry_queue  # type: ignore[attr-defined]
        return bool(self.max_trials) and len(self.trials) >= self.max_trials and not waits  # type: ignore[attr-defined]


class RandomOracle(_Whole, keras_tuner.oracles.RandomSearchOracle):
    """Draws every trial anew."""


class BayesianOracle(_Whole, keras_tuner.oracles.BayesianOptimizationOracle):
    """Draws trials where a Gaussian process expects good scores, after some that are drawn at random."""

    def populate_space(self, trial_id: str) -> dict[str, Any]:
        with warnings.catch_warnings():  # of length scales at their bounds, which few trials do not determine
            warnings.simplefilter("ignore", ConvergenceWarning)
            return super().populate_space(trial_id)

    def _vectorize_trials(self) -> tuple[np.ndarray, np.ndarray]:
        """Returns keras-tuner's settings and scores, bad scores limited: one that is far off would hide all others."""
        settings, scores = super()._vectorize_trials()
        if not scores.size:
            return settings, scores
        best = scores.min()
        limit = best + _SPREADS * (np.median(scores) - best)
        return settings, np.minimum(scores, limit) if limit > best else scores


class HyperbandOracle(_Whole, keras_tuner.oracles.HyperbandOracle):
    """Draws many short trials and goes on with the best.

    Args:
        max_epochs: Epochs of the longest trials.
        min_epochs: Epochs of the shortest trials, at least.
        **options: Of keras-tuner's oracle.
    """

    def __init__(self, max_epochs: int, min_epochs: int, **options: Any) -> None:
        super().__init__(max_epochs=max_epochs, factor=_FACTOR, **options)
        self.min_epochs = min_epochs
        self._current_bracket = self._get_num_brackets() - 1
        self._brackets: list[Any] = []
        self._start_new_bracket()

    def n_trials(self) -> int:
        """Returns the number of trials of a whole sweep."""
        brackets = range(self._get_num_brackets())
        return sum(self._get_size(bracket, rung) for bracket in brackets for rung in range(bracket + 1))


def make_oracle(kind: str, trials: int | None, epochs: int, seed: int, least_epochs: int = 1) -> Any:
    """Returns an oracle.

    Args:
        kind: "random", "bayesian" or "hyperband".
        trials: Number of trials; None for a whole sweep of Hyperband.
        epochs: Of a trial; with Hyperband of the longest ones.
        seed: Of what is drawn.
        least_epochs: Epochs before which no score counts.

    Raises:
        ConfigError: There is no such oracle.
    """
    options = {
        "objective": keras_tuner.Objective(SCORE, "min"),
        "seed": seed + 1,  # 0 would be drawn anew every time
        "max_consecutive_failed_trials": _FAILURES,
    }
    if kind == "random":
        oracle = RandomOracle(max_trials=trials, **options)
    elif kind == "bayesian":
        first = max(3, math.ceil((trials or 1) / 3))
        oracle = BayesianOracle(max_trials=trials, num_initial_points=first, **options)
    elif kind == "hyperband":
        oracle = HyperbandOracle(epochs, min(least_epochs, epochs), **options)
        oracle.max_trials = trials
    else:
        raise ConfigError(f"tuner: expected one of {', '.join(TUNERS)}, got {kind!r}.")
    oracle.verbose = 0
    return oracle
