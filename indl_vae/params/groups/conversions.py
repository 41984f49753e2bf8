"""Values of other codes turned into those of the fields they are aliases of."""

from __future__ import annotations

import math
from typing import Any

#: Decimals kept when a rate is one less another, so that a keep probability of 0.95 is a rate of exactly 0.05.
_DECIMALS = 12
#: Longer than any trial: what other codes write to mean "all bins".
_ALL_BINS = 1_000_000
_TRUE = frozenset({"true", "yes", "on", "1"})
_FALSE = frozenset({"false", "no", "off", "0"})


def truth(value: Any) -> bool:
    """Returns a flag that may be written as text, as run_lfads.py's `--x=true` is.

    Raises:
        ValueError: The value is neither true nor false.
    """
    text = str(value).lower()
    if text not in _TRUE | _FALSE:
        raise ValueError("expected true or false")
    return text in _TRUE


def complement(value: Any) -> float:
    """Returns the rate that goes with a probability of keeping."""
    return round(1.0 - float(value), _DECIMALS)


def std_from_variance(value: Any) -> float:
    """Returns the standard deviation of a variance.

    Raises:
        ValueError: The variance is negative.
    """
    if float(value) < 0:
        raise ValueError("a variance is not negative")
    return math.sqrt(float(value))


def seconds_from_ms(value: Any) -> float | None:
    """Returns milliseconds in seconds; 0 means unknown."""
    return round(float(value) / 1000.0, _DECIMALS) or None


def from_last_channels(value: Any) -> int | None:
    """Returns the number of held-out channels at the end, None for 0."""
    return int(value) or None


def from_seen_channels(value: Any) -> str:
    """Returns the slice of the channels that come after the ones that are seen.

    Raises:
        ValueError: The number of seen channels is not positive.
    """
    if int(value) < 1:
        raise ValueError("at least one channel has to be seen")
    return f"{int(value)}:"


def segment_bins(value: Any) -> int:
    """Returns the number of leading bins the f encoder sees, 0 where other codes write a huge number for all."""
    return 0 if int(value) >= _ALL_BINS else int(value)


def read_in_width(value: Any) -> int:
    """Returns the width of the read-in, 0 where AutoLFADS writes -1 for none."""
    return max(int(value), 0)


def reduction(value: Any) -> str:
    """Returns the reduction that a flag "take the mean" stands for."""
    return "mean" if truth(value) else "sum"


def plateau_rule(value: Any) -> str:
    """Returns the learning-rate rule that lfads-torch's scheduler flag stands for."""
    return "valid_plateau" if truth(value) else "none"


def z_encoder_type(causal: Any) -> str:
    """Returns the z encoder of a causal or acausal controller: the causal one reads no backward codes."""
    return "GRUClip" if truth(causal) else "BidirectionalGRUClip"


def autoregressive_process(value: Any) -> str:
    """Returns the prior that AutoLFADS's flag "autoregressive" stands for."""
    return "AR1" if truth(value) else "tiled"


def class_name(value: Any) -> str:
    """Returns the last part of a dotted class name, as a Hydra `_target_` holds it."""
    return str(value).rpartition(".")[2]


def prior_process(value: Any) -> str:
    """Returns the prior that one of lfads-torch's classes stands for.

    Raises:
        ValueError: The class is another one.
    """
    processes = {"AutoregressiveMultivariateNormal": "AR1", "MultivariateNormal": "tiled", "Null": "null"}
    if class_name(value) not in processes:
        raise ValueError(f"expected one of {', '.join(processes)}")
    return processes[class_name(value)]


def static_prior(value: Any) -> str:
    """Returns the prior over f that one of lfads-torch's classes stands for.

    Raises:
        ValueError: The class is another one.
    """
    processes = {"MultivariateNormal": "normal", "Null": "null"}
    if class_name(value) not in processes:
        raise ValueError(f"expected one of {', '.join(processes)}")
    return processes[class_name(value)]


def independent_bins(value: Any) -> tuple[tuple[str, Any], ...]:
    """Returns what a prior without autoregression implies in AutoLFADS and lfads-torch.

    Its mean is learnt, its variance is not, and its KL is averaged over bins.

    Args:
        value: AutoLFADS's flag "autoregressive", or the class name of lfads-torch's prior.
    """
    try:
        independent = prior_process(value) == "tiled"
    except ValueError:
        independent = not truth(value)
    learnt = (("z_prior_train_mean", True), ("z_prior_train_var", False), ("kl_z_reduction", "mean"))
    return learnt if independent else ()


def autoencoder(variational: Any) -> tuple[tuple[str, Any], ...]:
    """Returns what lfads-torch's flag "variational" implies: without it, both priors are null."""
    return () if truth(variational) else (("f_prior_process", "null"), ("z_prior_process", "null"))


def tiles_input(value: Any) -> bool:
    """Returns whether indl's `zs_to_dec` ("initial conditions" or "tile") repeats f in every bin."""
    return str(value).lower().startswith("tile")


def is_learned(value: Any) -> bool:
    """`f_prior`: "standard" for N(0, I) throughout, "learned" for mean and variance that are learnt."""
    if value not in ("standard", "learned"):
        raise ValueError("expected 'standard' or 'learned'")
    return bool(value == "learned")


def learned_variance(value: Any) -> tuple[tuple[str, Any], ...]:
    """The variance is learnt where the mean is."""
    return (("f_prior_train_var", value == "learned"),)


def gradient_clipping(value: Any) -> Any:
    """Returns the largest norm of gradients; nothing, or 0, is no limit in the code published with dendPLRNN."""
    return 1e10 if value is None or value == 0 else value
