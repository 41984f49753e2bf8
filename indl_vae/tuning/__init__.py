"""Searches: many runs, each a process of its own. No TensorFlow here: what is started loads it."""

from indl_vae.tuning.argument import Argument
from indl_vae.tuning.scan import scan

__all__ = ["Argument", "scan"]
