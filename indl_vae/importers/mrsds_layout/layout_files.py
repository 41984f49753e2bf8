"""The files of a run under the published names, beside its folder."""

from __future__ import annotations

import re
from pathlib import Path

from indl_vae.errors import ConfigError, RunError
from indl_vae.run_folder import RunFolder

LOG_ENDING = "-log.txt"
_SEEDS = re.compile(r"-seeds\d+-\d+-\d+$")


class LayoutFiles:
    """Names the files of a run.

    Args:
        resultpath: Folder of all results.
        name: Name of the run.

    Attributes:
        run: The run folder.
        log: Text log.
        logs: TensorBoard events.
        models: Checkpoints of the first stage.
        models_do: Checkpoints of the stages after it, in which the dynamics alone are trained.
        latents: Latents, states, messages and scores.
        data: The data as they were divided.
        config: The configuration that the run was made from.
        arguments: The arguments likewise.
        series: Scores of each time that the model was evaluated.

    Raises:
        ConfigError: The name is none for files.
    """

    def __init__(self, resultpath: str | Path, name: str) -> None:
        if not name or Path(name).name != name or name in (".", ".."):
            raise ConfigError(f"-name {name!r}: expected a name without folders; -resultpath says where it lies.")
        self.resultpath, self.name = Path(resultpath), name
        self.run = RunFolder(self.resultpath / name)
        self.log = self._beside(LOG_ENDING)
        self.logs = self._beside("-logs")
        self.models = self._beside("-models")
        self.models_do = self._beside("-models-do")
        self.latents = self._beside("_latents.mat")
        self.data = self._beside("-data.h5")
        self.config = self._beside("-config.yaml")
        self.arguments = self._beside("-arguments.json")
        self.series = self._beside("-scores.jsonl")

    def _beside(self, ending: str) -> Path:
        return self.resultpath / f"{self.name}{ending}"

    @property
    def began(self) -> bool:
        """Whether a run has begun here."""
        return self.run.params.is_file()

    @property
    def resumable(self) -> bool:
        """Whether there is a state to go on from."""
        return self.began and (self.run.checkpoints / "checkpoint").is_file()

    @classmethod
    def of_log(cls, log: str | Path) -> LayoutFiles:
        """Returns the files of the run whose text log is named.

        A log without the seeds that the run has in its name (`-seeds0-0-0`), or with seeds that it does not have, is
        taken for that of the run if there is but one such.

        Raises:
            RunError: The name does not end as that of a log, or there is no such run, or there are several.
        """
        log = Path(log)
        if not log.name.endswith(LOG_ENDING):
            raise RunError(f"{log}: expected the text log of a run, a name that ends in {LOG_ENDING}.")
        name, folder = log.name.removesuffix(LOG_ENDING), log.parent
        near = [one.parent.name for one in sorted(folder.glob(f"*/{RunFolder('').params.name}"))]
        found = [one for one in near if one == name] or [
            one for one in near if _SEEDS.sub("", one) == name or one == _SEEDS.sub("", name)
        ]
        if len(found) != 1:
            what = (
                f"several runs could be meant ({', '.join(found)})" if found else "no run of that name lies beside it"
            )
            raise RunError(f"{log}: {what}; name the log as the run is named, or move the run's files together.")
        return cls(folder, found[0])
