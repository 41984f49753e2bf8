"""A trial of a search: one drawn setting, one run folder."""

from __future__ import annotations

import math
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from indl_vae.params import Params
from indl_vae.run_folder import RunFolder
from indl_vae.tuning.job import Job, Launcher
from indl_vae.tuning.member import Member
from indl_vae.tuning.member_scores import rows_of
from indl_vae.tuning.selection import best_score

TRIALS = "trials"


class TrialMember(Member):
    """A trial: its run lies in `out/trials/<number>/run`, with .log, .yaml and .json beside it.

    Args:
        number: Of the trial, as text.
        settings: Values that were drawn.
        params: Its parameters; None to look at what there is of it.
        out: Folder of the search.
    """

    def __init__(self, number: str, settings: Mapping[str, Any], params: Params | None, out: Path) -> None:
        super().__init__(number, 1, settings, params, out / TRIALS / number)

    def __post_init__(self) -> None:
        self.folder = self.place / "run"
        self.log, self.config, self.outcome_file = (self.place / f"run.{end}" for end in ("log", "yaml", "json"))
        self.scores_file = self.folder / "metrics.json"

    @property
    def label(self) -> str:
        """What messages call it."""
        return f"trial {self.name}"

    def score(self) -> tuple[float, int] | None:
        """Returns the best score after the ramps and its epoch, None without one."""
        return best_score(rows_of(RunFolder(self.folder).metrics))

    def continues(self, earlier: TrialMember) -> None:
        """Begins with a copy of the run of another trial, which is whole or not there."""
        if self.folder.exists() or not earlier.folder.exists():
            return
        self.place.mkdir(parents=True, exist_ok=True)
        part = self.place / ".run.part"
        shutil.rmtree(part, ignore_errors=True)  # of a process that was killed
        shutil.copytree(earlier.folder, part)
        os.replace(part, self.folder)


class TrialLauncher(Launcher):
    """Starts the training of trials, or goes on with it, to the number of epochs that they ask for."""

    def __call__(self, member: Member) -> Job:
        member.place.mkdir(parents=True, exist_ok=True)
        seconds = 0.0
        words = ["train", "--data", self.data, "--out", str(member.folder)]
        if member.can_resume():
            words += ["--resume", "--set", f"n_epochs={member.params.n_epochs}"]
            seconds = member.outcome().get("seconds", 0.0)
        else:
            member.put_aside()
            member.params.to_yaml(member.config)
            words += ["--config", str(member.config)]
        member.note(exit_code=None, said=None, seconds=seconds)
        return Job(member, "", self._start(member, words), seconds)


def finite(score: tuple[float, int] | None) -> bool:
    """Returns whether there is a score that counts."""
    return score is not None and math.isfinite(score[0])
