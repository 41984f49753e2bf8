"""The errors a user can cause, each with a message that says how to mend it."""

from __future__ import annotations


class IndlVaeError(Exception):
    """Root of the library's own errors, so that a caller can catch them all at once."""


class ConfigError(IndlVaeError, ValueError):
    """A parameter, configuration file or combination of settings is not usable."""


class DataError(IndlVaeError, ValueError):
    """A data file or array is not usable; the message names file, key, trial, bin and channel where known."""


class RunError(IndlVaeError, ValueError):
    """A run folder is missing, incomplete, already there, or belongs to another model."""


class TrainingDivergedError(IndlVaeError, RuntimeError):
    """Training produced non-finite numbers; the message says when and what to try."""
