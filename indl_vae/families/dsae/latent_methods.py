"""What a trained DSAE can do with its two latents: exchange them, fix them, draw them anew (names of TFP's example)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from indl_vae.errors import ConfigError
from indl_vae.families.dsae.latent_decoder import LatentDecoder
from indl_vae.models.batch import SEEN_KEYS, as_batch
from indl_vae.models.posterior import own_randomness
from indl_vae.numerics import derive_seed

Arrays = dict[str, np.ndarray]


def bound_to(decoder: LatentDecoder) -> dict[str, Callable[..., Any]]:
    """Returns the methods by name; the first argument of each is the model."""
    functions = (
        generate,
        reconstruct,
        decode,
        sample_static_prior,
        sample_static_posterior,
        sample_dynamic_prior,
        sample_dynamic_posterior,
    )
    return {function.__name__: partial(_call, function, decoder) for function in functions}


def _call(function: Callable[..., Any], decoder: LatentDecoder, model: Any, *args: Any, **kwargs: Any) -> Any:
    return function(model, decoder, *args, **kwargs)


def generate(
    model: Any,
    decoder: LatentDecoder,
    batch: int = 1,
    length: int | None = None,
    fix_static: bool = False,
    fix_dynamic: bool = False,
    seed: int = 0,
    ext_input: Any = None,
    session: Any = None,
) -> Arrays:
    """Generates trials from the priors.

    Args:
        model: The model; bound already in `model.generate`.
        decoder: Bound already.
        batch: Number of trials.
        length: Bins of each; that of the training data by default.
        fix_static: Whether all trials share one static latent.
        fix_dynamic: Whether all trials share one dynamic latent.
        seed: The same seed gives the same trials.
        ext_input: `(batch, length, U)`, for a model with measured external input.
        session: Numbers `(batch,)` of the trials' sessions, for a model of several.

    Returns:
        rates (expected values) `(B, T, N)`, factors, static `(B, D)`, dynamic `(B, T, Z)`.

    Raises:
        ConfigError: The length is not known, or something is missing that the model needs.
    """
    bins = length or model.spec.n_bins
    static = sample_static_prior(model, decoder, batch, fix_static, seed)
    dynamic = sample_dynamic_prior(model, decoder, batch, bins, fix_dynamic, seed)
    return _decoded(decoder, static, dynamic, {"ext_input": ext_input, "session": session})


def reconstruct(
    model: Any,
    decoder: LatentDecoder,
    data: Any,
    sample_static: bool = False,
    sample_dynamic: bool = False,
    swap_static: bool = False,
    swap_dynamic: bool = False,
    fix_static: bool = False,
    fix_dynamic: bool = False,
    push_mean: bool = False,
    seed: int = 0,
) -> Arrays:
    """Decodes the latents of trials, one or both of them exchanged, fixed or drawn from the prior.

    Args:
        model: The model; bound already in `model.reconstruct`.
        decoder: Bound already.
        data: Array `(B, T, N)`, dict of Batch keys, or a split of a dataset.
        sample_static: Draw the static latent from its prior.
        sample_dynamic: Draw the dynamic latent from its prior.
        swap_static: Give each trial the static latent of its opposite in the reversed order of the batch.
        swap_dynamic: The same with the dynamic latent.
        fix_static: Give all trials one static latent: the first trial's, or one draw with `sample_static`.
        fix_dynamic: The same with the dynamic latent.
        push_mean: Use posterior means rather than one draw.
        seed: The same seed gives the same numbers.

    Returns:
        rates (expected values) `(B, T, N)`, factors, static `(B, D)`, dynamic `(B, T, Z)`.

    Raises:
        ConfigError: A latent is to be swapped and drawn from its prior, or fixed, at once.
    """
    _check_choices(static=(sample_static, swap_static, fix_static), dynamic=(sample_dynamic, swap_dynamic, fix_dynamic))
    batch = _seen(model, data)
    n_trials, n_bins = batch["x"].shape[:2]
    static, dynamic = _posterior_draw(model, decoder, batch, push_mean, seed)
    static = _arranged(static, swap_static, fix_static)
    dynamic = _arranged(dynamic, swap_dynamic, fix_dynamic)
    if sample_static:
        static = sample_static_prior(model, decoder, n_trials, fix_static, seed)
    if sample_dynamic:
        dynamic = sample_dynamic_prior(model, decoder, n_trials, n_bins, fix_dynamic, seed)
    return _decoded(decoder, static, dynamic, batch)


def decode(
    model: Any, decoder: LatentDecoder, static: Any, dynamic: Any, ext_input: Any = None, session: Any = None
) -> Arrays:
    """Decodes latents of any origin: f of one trial with z of another, one dimension moved, ...

    Args:
        model: The model; bound already in `model.decode`.
        decoder: Bound already.
        static: `(B, D)`.
        dynamic: `(B, T, Z)`.
        ext_input: `(B, T, U)`, for a model with measured external input.
        session: Numbers `(B,)` of the trials' sessions, for a model of several.

    Returns:
        rates (expected values) `(B, T, N)`, factors, static and dynamic as given.

    Raises:
        ConfigError: Shapes do not go together, or something is missing that the model needs.
    """
    static, dynamic = np.asarray(static, np.float32), np.asarray(dynamic, np.float32)
    sizes = (model.params.f_latent_size, model.params.z_latent_size)
    fitting = static.ndim == 2 and dynamic.ndim == 3 and len(static) == len(dynamic)
    if not fitting or (static.shape[-1], dynamic.shape[-1]) != sizes:
        raise ConfigError(
            f"static, dynamic: expected shapes (trials, {sizes[0]}) and (trials, bins, {sizes[1]}) of as many trials, "
            f"got {static.shape} and {dynamic.shape}."
        )
    return _decoded(decoder, static, dynamic, {"ext_input": ext_input, "session": session})


def sample_static_prior(model: Any, decoder: LatentDecoder, batch: int, fixed: bool = False, seed: int = 0):
    """Returns draws of the static latent from its prior, `(batch, D)`; all the same one with `fixed`."""
    drawn = decoder.f_prior.sample(1 if fixed else batch, seed=derive_seed(seed, "f")).numpy()
    return np.repeat(drawn, batch, axis=0) if fixed else drawn


def sample_dynamic_prior(
    model: Any, decoder: LatentDecoder, batch: int, length: int | None = None, fixed: bool = False, seed: int = 0
):
    """Returns draws of the dynamic latent from its prior, `(batch, length, Z)`; all the same one with `fixed`."""
    bins = length or model.spec.n_bins
    drawn = decoder.z_prior.sample(1 if fixed else batch, bins, seed=derive_seed(seed, "z")).numpy()
    return np.repeat(drawn, batch, axis=0) if fixed else drawn


def sample_static_posterior(
    model: Any, decoder: LatentDecoder, data: Any, push_mean: bool = False, seed: int = 0
) -> np.ndarray:
    """Returns one draw of each trial's static latent from its posterior, or the mean, `(B, D)`."""
    return _posterior_draw(model, decoder, _seen(model, data), push_mean, seed)[0]


def sample_dynamic_posterior(
    model: Any, decoder: LatentDecoder, data: Any, push_mean: bool = False, seed: int = 0
) -> np.ndarray:
    """Returns one draw of each trial's dynamic latent from its posterior, or the mean, `(B, T, Z)`.

    In the full variant, q(z | x, f) is that of the f drawn with it (the mean, with `push_mean`).
    """
    return _posterior_draw(model, decoder, _seen(model, data), push_mean, seed)[1]


def _check_choices(**chosen: tuple[bool, bool, bool]) -> None:
    for name, (sample, swap, fix) in chosen.items():
        if swap and (sample or fix):
            other = f"sample_{name}" if sample else f"fix_{name}"
            raise ConfigError(
                f"swap_{name}: expected False with {other} = True, got True; the {name} latent can come from one place "
                "only. Leave one of them out."
            )


def _seen(model: Any, data: Any) -> dict[str, Any]:
    batch = as_batch(data.batch() if hasattr(data, "batch") else data, model.spec)
    return {key: value for key, value in batch.items() if key in SEEN_KEYS}


def _posterior_draw(
    model: Any, decoder: LatentDecoder, batch: dict[str, Any], push_mean: bool, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    with own_randomness(model, seed):
        static, dynamic = decoder.latents(batch, sampled=not push_mean)
    return static.numpy(), dynamic.numpy()


def _arranged(latent: np.ndarray, swap: bool, fix: bool) -> np.ndarray:
    latent = latent[::-1] if swap else latent
    return np.repeat(latent[:1], len(latent), axis=0) if fix else latent


def _decoded(decoder: LatentDecoder, static: np.ndarray, dynamic: np.ndarray, beside: dict[str, Any]) -> Arrays:
    outputs = decoder.decode(static, dynamic, beside)
    kept = {name: outputs[name].numpy() for name in ("rates", "factors")}
    return {**kept, "static": static, "dynamic": dynamic}
