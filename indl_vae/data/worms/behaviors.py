"""The behaviours of the lab's files: their names, scales and signs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from indl_vae.data.worms.recording import WormRecording
from indl_vae.errors import ConfigError

#: What a network is given unless told otherwise.
DEFAULT_BEHAVIORS = ("velocity", "head_angle", "pumping")
#: Names in the lab's HDF5 files, and those in the files of WormWideWeb.
WEB_NAMES = {
    "velocity": "velocity",
    "head_angle": "head_curvature",
    "pumping": "pumping",
    "angular_velocity": "angular_velocity",
    "worm_curvature": "body_curvature",
    "reversal_vec": "reversal_vec",
}
#: Standard deviations over all animals of Atanas et al. 2023 (Cell 186:4134), by which behaviours are divided.
LAB_SCALES = {"velocity": 0.06030961137253011, "head_angle": 0.49429038957075727, "pumping": 1.2772001409506841}
#: Behaviours whose sign says dorsal or ventral.
SIGNED_BY_SIDE = ("head_angle", "angular_velocity")


def behavior_names(names: Sequence[str]) -> tuple[str, ...]:
    """Returns the lab's names of behaviours, which WormWideWeb calls otherwise.

    Raises:
        ConfigError: There is none of a name, or no name.
    """
    lab_name = {web: lab for lab, web in WEB_NAMES.items()} | {lab: lab for lab in WEB_NAMES}
    unknown = [name for name in names if name not in lab_name]
    if isinstance(names, str) or unknown or not names:
        raise ConfigError(f"behaviors: {names!r}, expected a list of some of {', '.join(WEB_NAMES)}.")
    return tuple(lab_name[name] for name in names)


def behavior_scales(names: Sequence[str], recordings: Sequence[WormRecording]) -> np.ndarray:
    """Returns a divisor for each behaviour, `(Tb,)` float32: the published one, else the deviation in these recordings.

    Args:
        names: Of the lab.
        recordings: Whose columns of behaviour have these names.
    """
    divisors = []
    for column, name in enumerate(names):
        seen = np.concatenate([one.behavior[one.behavior_mask[:, column] > 0, column] for one in recordings])
        spread = float(seen.std(dtype=np.float64)) if len(seen) else 0.0
        divisors.append(LAB_SCALES.get(name, spread if spread > 0 else 1.0))
    return np.array(divisors, np.float32)
