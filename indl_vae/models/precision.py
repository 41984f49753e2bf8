"""The floating-point policy under which a model's layers are made."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import keras


@contextlib.contextmanager
def precision_scope(mixed: bool) -> Iterator[None]:
    """Makes layers compute in bfloat16 with float32 weights where `mixed`; puts the policy back afterwards.

    Likelihoods, priors and terms of the loss stay in float32: they would lose their digits.
    """
    before = keras.config.dtype_policy()
    if mixed:
        keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)
