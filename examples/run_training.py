"""Trains MR-SDS by the arguments of the script published with it, into the same files.

    python -u run_training.py -datapath mydata -resultpath myresults -configpath my_config.yaml
        -name myrun-seeds0-0-0 -gpu 0 -k 1 -d 2 -mtype svae -dataseed 0 -modelseed 0 -trainseed 0

The configuration is that of the published script (data, model, inference, training). data.data_source is a loader, as
--loaders my_loaders.py registers it (`indl_vae.data.register_loader`) or as my_loaders.py:load_mydata names it; a
simulation (double-well-2smoothnew2b, lv-multiswitch2, or any set of `indl-vae synth`); or a file in -datapath.

Written to -resultpath: NAME-log.txt (printed as well; it may be what the output is redirected to), NAME-logs (events
for TensorBoard), NAME-models and, for later stages of training, NAME-models-do (checkpoints), NAME_latents.mat, and
NAME, the run folder of `indl-vae train`, for all its commands. The same call again goes on with a run that was ended.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import typer

from indl_vae.cli.boundary import reported_errors
from indl_vae.cli.devices import parse_device, use_device


def main(words: Sequence[str] | None = None) -> int:
    """Trains and returns the exit code: 0 done, 2 bad input, 3 diverged, 130 and 143 ended from outside."""
    from indl_vae.importers.mrsds_layout import read_arguments, run_training

    arguments = read_arguments(words, __doc__)
    try:
        with reported_errors():
            use_device(parse_device(arguments.device))
            run_training(arguments)
    except typer.Exit as stop:
        return stop.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
