"""The state of a population: who trains with what, who scored what, who copies whom."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from indl_vae.errors import RunError, TrainingDivergedError
from indl_vae.json_file import write_json
from indl_vae.tuning.member import read_json
from indl_vae.tuning.pbt.exploit import EXPLOIT
from indl_vae.tuning.pbt.explore import EXPLORE
from indl_vae.tuning.pbt.hyper_parameter import first_values
from indl_vae.tuning.pbt.population_settings import PopulationSettings

FILE = "population.json"


class Population:
    """Generation by generation: members report scores, then some copy others and vary their values.

    The whole state is written to `population.json`: whoever opens the folder goes on from there.
    Choices of a generation are drawn from the seed and its number alone, so that they do not depend on interruptions.

    Args:
        folder: Of the population.
        settings: Its settings.
        burn_in: Epochs that the first generation has besides.
    """

    def __init__(self, folder: str | Path, settings: PopulationSettings, burn_in: int = 0) -> None:
        self.file, self.settings, self.burn_in = Path(folder) / FILE, settings, burn_in
        self.state: dict[str, Any] = read_json(self.file, {}) or self._first()
        self.state["assigned"] = {}  # to workers of an earlier process, which are gone
        self._reopen()
        self._began = time.monotonic()
        #: Whether there are no workers to train it, which is no part of the state.
        self.is_stuck = False

    @property
    def generation(self) -> int:
        """Number of the generation that is trained, from 1."""
        return int(self.state["generation"])

    @property
    def history(self) -> list[dict[str, Any]]:
        """The generations that are done: number, epoch, members (values, score, copied), seconds."""
        return self.state["history"]

    @property
    def finished(self) -> str:
        """Why there is no further generation; empty if there is one."""
        return self.state["finished"]

    def waiting(self) -> list[int]:
        """Returns the members that have yet to be trained in this generation."""
        if self.finished:
            return []
        return [number for number, one in enumerate(self.state["members"]) if not one["reported"] and not one["lost"]]

    def assign(self, worker: int) -> int | None:
        """Gives a worker a member that waits for one, and returns it; None, and the worker has none, if none does."""
        taken = set(self.state["assigned"].values())
        free = [member for member in self.waiting() if member not in taken]
        if free:
            self.state["assigned"][str(worker)] = free[0]
        return free[0] if free else None

    def release(self, worker: int) -> int | None:
        """Takes a worker's member away, and returns it."""
        return self.state["assigned"].pop(str(worker), None)

    def epochs_after(self, generation: int) -> int:
        """Returns the epochs that are done after a generation."""
        return self.burn_in + generation * self.settings.epochs_per_generation if generation else 0

    def report(self, member: int, generation: int, score: float | None, lost: bool = False, said: str = "") -> bool:
        """Takes the score of a member, once; a report of another generation, or a second one, is passed over.

        Args:
            member: Number of the member.
            generation: That it has trained.
            score: Lower is better; None, or a number that is not finite, if it diverged or failed.
            lost: Whether the member cannot be trained any more.
            said: Why there is no score.

        Returns:
            Whether it was the report that was awaited.
        """
        one = self.state["members"][member]
        if generation != self.generation or one["reported"] or self.finished:
            return False
        finite = score is not None and math.isfinite(score)
        one.update(reported=True, score=float(score) if finite else None, lost=lost or one["lost"], said=said)
        return True

    def advance(self) -> dict[str, Any]:
        """Ends a generation that every member has reported of; begins the next, if there is to be one.

        Returns:
            The generation that was ended, as `history` holds it.

        Raises:
            TrainingDivergedError: No member has a score.
        """
        members = self.state["members"]
        if self.waiting():
            raise RunError(f"generation {self.generation}: members {self.waiting()} have yet to report.")
        scores = {number: one["score"] for number, one in enumerate(members)}
        if all(score is None for score in scores.values()):
            words = "; ".join(dict.fromkeys(one["said"] for one in members if one["said"]))
            raise TrainingDivergedError(
                f"Every member of generation {self.generation} diverged or failed ({words or 'no score'}). Narrow the "
                "ranges (learning_rate first), or look into the logs of the members."
            )
        done = {
            "generation": self.generation,
            "epoch": self.epochs_after(self.generation),
            "members": [{key: one[key] for key in ("values", "score", "copied", "said")} for one in members],
            "seconds": round(time.monotonic() - self._began, 1),
        }
        self._began = time.monotonic()
        self.history.append(done)
        self._note_best(scores)
        self.state["finished"] = self._reason_to_end()
        if not self.finished:
            self._begin_next(scores)
        return done

    def best_scores(self) -> list[float]:
        """Returns the best score of each generation that is done."""
        return [min(one["score"] for one in done["members"] if one["score"] is not None) for done in self.history]

    def improvement(self) -> float:
        """Returns how far the best score fell over the last `patience` generations, relative to their mean."""
        scores = self.best_scores()[-max(1, self.settings.patience) :]
        return (scores[0] - min(scores)) / max(float(np.mean(np.abs(scores))), 1e-300)

    def write(self) -> None:
        """Writes the state, in which workers find what to do."""
        write_json(self.state, self.file)

    def _reopen(self) -> None:
        """Goes on with a population that had ended, where more generations are asked for now."""
        if self.finished and not self._reason_to_end():
            self._begin_next({number: one["score"] for number, one in enumerate(self.state["members"])})
            self.state["finished"] = ""

    def _first(self) -> dict[str, Any]:
        rng = np.random.default_rng([self.settings.seed, 0])
        values = [first_values(self.settings.space, rng) for _ in range(self.settings.size)]
        members = [_member(one) for one in values]
        epochs = [0, self.epochs_after(1)]
        return {
            "generation": 1,
            "epochs": epochs,
            "members": members,
            "assigned": {},
            "history": [],
            "best": None,
            "finished": "",
        }

    def _note_best(self, scores: Mapping[int, float | None]) -> None:
        member, score = min(
            ((number, one) for number, one in scores.items() if one is not None), key=lambda pair: pair[1]
        )
        best = self.state["best"]
        if best is None or score < best["score"]:
            self.state["best"] = {"member": member, "generation": self.generation, "score": score}

    def _reason_to_end(self) -> str:
        settings = self.settings
        if self.generation >= settings.generations:
            return f"all {settings.generations} generations are done"
        enough = bool(settings.patience) and len(self.history) >= settings.patience
        if enough and self.improvement() <= settings.min_improvement:
            return f"the best score fell by {self.improvement():.2g} of itself in {settings.patience} generations"
        return ""

    def _begin_next(self, scores: Mapping[int, float | None]) -> None:
        self._exchange(scores)
        self.state["epochs"] = [self.epochs_after(self.generation), self.epochs_after(self.generation + 1)]
        self.state["generation"] += 1

    def _exchange(self, scores: Mapping[int, float | None]) -> None:
        """Lets members copy others, whose values they vary; all choices are made before anything changes."""
        rng = np.random.default_rng([self.settings.seed, self.generation])
        members = self.state["members"]
        alive = {number: scores[number] for number, one in enumerate(members) if not one["lost"]}
        copies = EXPLOIT[self.settings.exploit](alive, rng)
        explore = EXPLORE[self.settings.explore]
        after = [_member(one["values"], lost=one["lost"]) for one in members]
        for member, donor in sorted(copies.items()):
            after[member] = _member(explore(members[donor]["values"], self.settings.space, rng), copied=donor)
        self.state["members"] = after


def order_of(state: Mapping[str, Any], member: int) -> dict[str, Any]:
    """Returns what a member has to do in the generation that a population's state is in.

    Returns:
        member, generation, first_epoch and last_epoch (epochs done before and after), values by name, and copied: the
        member whose state it takes over, or None.
    """
    one, epochs = state["members"][member], state["epochs"]
    return {
        "member": member,
        "generation": state["generation"],
        "first_epoch": epochs[0],
        "last_epoch": epochs[1],
        "values": one["values"],
        "copied": one["copied"],
    }


def _member(values: Mapping[str, float], copied: int | None = None, lost: bool = False) -> dict[str, Any]:
    return {
        "values": dict(values),
        "copied": copied,
        "reported": False,
        "score": None,
        "lost": lost,
        "said": "",
    }
