"""AutoLFADS is LFADS with other settings."""

from indl_vae.families.lfads.wiring import wire

__all__ = ["wire"]
