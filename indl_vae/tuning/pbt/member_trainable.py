"""A worker of a population, as Ray Tune runs it."""

from __future__ import annotations

import math
import time
from pathlib import Path
from typing import Any

from ray import tune

from indl_vae.data import load_for
from indl_vae.params import Params
from indl_vae.tuning.member import read_json
from indl_vae.tuning.pbt.population import FILE, order_of

#: Seconds between looks for something to do.
_PAUSE_S = 0.2


class MemberTrainable(tune.Trainable):
    """Trains in each step the member that `population.json` assigns to it for a generation.

    A trial of Ray Tune is a worker, not a member: all state lies in the folders of the members, so that a worker can
    train one member after the other, and another can take over from one that died. Its model is built and compiled
    once: only variables change.
    """

    def setup(self, config: dict[str, Any]) -> None:
        """Loads the data and builds the model; `config` holds worker, folder and source."""
        from indl_vae.tuning.pbt.member_trainer import MemberTrainer  # loads TensorFlow, in the worker

        self._folder, self._worker = Path(config["folder"]), config["worker"]
        params = Params.from_yaml(self._folder / "members.yaml")
        self._trainer = MemberTrainer(params, load_for(params, config["source"]), self._folder / "members")
        self._is_known = False

    def step(self) -> dict[str, Any]:
        """Trains the next member for a generation; the first step only says that the worker is there."""
        if not self._is_known:
            self._is_known = True
            return self._result()
        state = self._awaited()
        if state["finished"]:
            return self._result()
        order = order_of(state, state["assigned"][str(self._worker)])
        return self._result(order["member"], order["generation"], self._trainer.train(order)["score"])

    def save_checkpoint(self, checkpoint_dir: str) -> dict[str, Any]:
        """Saves nothing: the state of the members is theirs."""
        return {"worker": self._worker}

    def load_checkpoint(self, checkpoint: Any) -> None:
        """Takes nothing: each step loads the state that it begins with."""

    def _awaited(self) -> dict[str, Any]:
        """Returns the state of the population once there is something to do for this worker, or nothing any more."""
        while True:
            state = read_json(self._folder / FILE, {})
            if state.get("finished") or str(self._worker) in state.get("assigned", {}):
                return state
            time.sleep(_PAUSE_S)

    def _result(self, member: int = -1, generation: int = 0, score: float = math.inf) -> dict[str, Any]:
        return {"worker": self._worker, "member": member, "generation": generation, "score": score}
