"""A small run by the published arguments, that the tests of this folder share."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from indl_vae.importers.mrsds_layout import Arguments

LOADERS = """
import numpy as np

def load_mydata(n=24, dataseed=0):
    rng = np.random.default_rng(3)
    lengths = rng.integers(9, 13, n)
    phases = rng.uniform(0, 6, n)
    waves = [np.stack([np.sin(p + 0.5 * np.arange(m)), np.cos(p + 0.5 * np.arange(m))], 1) for p, m in zip(phases, lengths)]
    readout = np.random.default_rng(0).normal(size=(2, 7))
    ys = [wave @ readout + 0.1 * rng.normal(size=(len(wave), 7)) for wave in waves]
    return ys, [np.ones((len(y), 1)) * (i % 2) for i, y in enumerate(ys)], [4, 3], 2
"""

CONFIG = """
data: {{data_source: "{loaders}:load_mydata", tlim: 12, inputs: 1}}
model:
  xz: true
  uz: false
  xtransition: {{zcond: false, dynamics: {{layers: [4], activations: [relu, null]}}}}
inference: {{embedding: {{layers: [4], activations: [relu]}}}}
training: {{batch_size: 8, num_steps: 6, learning_rate: 0.01, log_steps: 2, save_steps: 4, test_perc: 0.2}}
initialisation: random
start_steps: 0
n_blocks: 1
jit_compile: false
stages: [{{n_steps: 4, frozen: [inference]}}]
"""


def arguments(folder: Path, **changes) -> Arguments:
    """Arguments of a run, whose loader and configuration are written into a folder."""
    loaders, config = folder / "my_loaders.py", folder / "config.yaml"
    if not config.exists():
        loaders.write_text(LOADERS)
        config.write_text(CONFIG.format(loaders=loaders))
    given = {"datapath": folder, "resultpath": folder / "results", "configpath": config, "name": "my-seeds0-1-2"}
    given |= {"k": 2, "d": 2, "dataseed": 0, "modelseed": 1, "trainseed": 2}
    return Arguments(**(given | changes))


def trials(folder: Path) -> list[np.ndarray]:
    """What the loader returns for ys."""
    names: dict = {}
    exec((folder / "my_loaders.py").read_text(), names)
    return names["load_mydata"]()[0]
