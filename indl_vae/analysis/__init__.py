"""What comes out: scores, figures and reports. Importing this room loads NumPy alone."""

from indl_vae.analysis.merge_splits import merge_splits
from indl_vae.analysis.rates_hz import rates_hz

__all__ = ["merge_splits", "rates_hz"]
