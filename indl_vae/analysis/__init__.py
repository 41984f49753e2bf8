"""What comes out: scores, figures and reports. Importing this room loads NumPy alone."""

from indl_vae.analysis.rates_hz import rates_hz

__all__ = ["rates_hz"]
