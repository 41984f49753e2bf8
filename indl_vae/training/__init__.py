"""Training into run folders, and what is done with them afterwards."""

from indl_vae.data import load_for
from indl_vae.run_folder import RunFolder
from indl_vae.training.run import Run, load_run
from indl_vae.training.train import train

__all__ = ["Run", "RunFolder", "load_for", "load_run", "train"]
