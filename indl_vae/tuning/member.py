"""A member of a scan: one combination, one seed, one run folder."""

from __future__ import annotations

import json
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from indl_vae.errors import ConfigError
from indl_vae.json_file import write_json
from indl_vae.params import Params
from indl_vae.run_folder import RunFolder
from indl_vae.tuning.argument import RUN, Argument
from indl_vae.tuning.combinations import Combination, sets_seed

#: Exit codes of what was asked to end and saved its state, and of what was ended before it could ask for that.
INTERRUPTED = (130, 143, -2, -15)
#: What stands in front of the command line in a log, at each start.
START = "$ "


@dataclass(eq=False)
class Member:
    """A member: what it is, where its files lie, and how it ended.

    Attributes:
        name: Of its combination.
        run: Number of its run, from 1.
        settings: Values of the scan's arguments, and the seed.
        params: Its parameters.
        place: Folder of the combination's runs.
    """

    name: str
    run: int
    settings: Mapping[str, Any]
    params: Params
    place: Path

    def __post_init__(self) -> None:
        self.folder = self.place / f"{self.run:03d}"
        self.log = self.place / f"{self.run:03d}.log"
        self.config = self.place / f"{self.run:03d}.yaml"
        self.outcome_file = self.place / f"{self.run:03d}.json"
        self.scores_file = self.folder / "metrics.json"

    @property
    def label(self) -> str:
        """What messages call it."""
        return f"{self.name}/{self.run:03d}"

    def outcome(self) -> dict[str, Any]:
        """Returns exit codes and seconds of the last time that it ended; empty if that is not known."""
        return read_json(self.outcome_file, {})

    def note(self, **changes: Any) -> None:
        """Writes down how it ended; None takes a key away."""
        noted = {**self.outcome(), **changes}
        write_json({key: value for key, value in noted.items() if value is not None}, self.outcome_file)

    def is_finished(self) -> bool:
        """Returns whether it was trained to its end."""
        return self.outcome().get("exit_code") == 0 and RunFolder(self.folder).best.exists()

    def is_evaluated(self) -> bool:
        """Returns whether the scores of `indl-vae evaluate` are there."""
        return self.scores_file.exists()

    def status(self) -> str:
        """Returns finished, failed, interrupted, started (its end is not known) or not started."""
        code = self.outcome().get("exit_code")
        if code is None:
            return "started" if self.folder.exists() or self.log.exists() else "not started"
        return "finished" if self.is_finished() else "interrupted" if code in INTERRUPTED else "failed"

    def can_resume(self) -> bool:
        """Returns whether there is a state to go on from."""
        return (RunFolder(self.folder).checkpoints / "checkpoint").exists()

    def last_words(self) -> str:
        """Returns the last line of its log, empty if its last process said nothing."""
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        return lines[-1] if lines and not lines[-1].startswith(START) else ""

    def put_aside(self) -> None:
        """Moves what a member left that ended before its first checkpoint, so that it can start anew."""
        if not self.folder.exists():
            return
        number = 1
        while (aside := self.place / f"{self.run:03d}.aside{number}").exists():
            number += 1
        self.folder.rename(aside)
        if (aside / "params.yaml").exists():  # by which commands for many runs would find it
            (aside / "params.yaml").rename(aside / "params.aside.yaml")


def make_members(
    combinations: Sequence[Combination], arguments: Sequence[Argument], n_runs: int, out: Path
) -> list[Member]:
    """Returns the members of all combinations: the runs of one stand together, with seeds `seed + run - 1`.

    Raises:
        ConfigError: The runs of a combination would be copies of one another, their number is given twice, or a seed is
            out of its range.
    """
    listed = next((list(argument.values) for argument in arguments if argument.name == RUN), None)
    if listed and n_runs > 1:
        raise ConfigError(f"n_runs: expected 1 beside an argument run, got {n_runs}. Leave one of them out.")
    runs, params = listed or list(range(1, n_runs + 1)), combinations[0].params
    seeded = sets_seed(params, arguments)
    if seeded and len(runs) > 1:
        raise ConfigError(
            f"seed: is an argument, so {len(runs)} runs of a combination would be copies. Leave the runs out, or give "
            "the first seed among the settings."
        )
    return [_member(one, run, seeded, out) for one in combinations for run in runs]


def _member(one: Combination, run: int, seeded: bool, out: Path) -> Member:
    params = one.params if seeded else one.params.replace(seed=one.params.seed + run - 1)
    return Member(one.name, run, {**one.chosen, "seed": params.seed}, params, out / one.name)


def code_in_words(code: int) -> str:
    """Returns an exit code, with the name of the signal where one ended the process."""
    names = {one.value: one.name for one in signal.Signals}
    return f"{code} ({names[-code]})" if -code in names else str(code)


def read_json(path: Path, otherwise: Any) -> Any:
    """Returns what a JSON file holds; something else where it is missing or was cut short by a crash."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return otherwise
