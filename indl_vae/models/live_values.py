"""Parameters that may change while training: read and set without building or compiling anything anew."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import keras

from indl_vae.errors import ConfigError
from indl_vae.layers import ComplexCell
from indl_vae.models.host_value import host_value

if TYPE_CHECKING:
    from indl_vae.models.sequential_vae import SequentialVAE

#: Terms of the loss whose weight a parameter is.
_TERMS = {
    "kl_f_weight": ("kl_f",),
    "kl_z_weight": ("kl_z", "free_bits"),
    "co_mean_corr_scale": ("co_mean_corr",),
    "mean_prior_weight": ("mean_nlp",),
    "discriminative_weight": ("discriminative",),
    **{f"l2_{part}_scale": (f"l2_{part}",) for part in ("gen", "con", "f", "z")},
}
#: Layers whose rate a parameter is; `dropout_rate` is that of every ComplexCell, too.
_LAYERS = {
    "dropout_rate": ("input_dropout", "f_dropout", "gen_dropout", "ext_dropout"),
    "coordinated_dropout_rate": ("coordinated_dropout",),
}


def live_values(model: SequentialVAE) -> dict[str, float]:
    """Returns the values, as they are now, of the live parameters that have a part in a compiled model."""
    found = {name: _variables(model, name) for name in type(model.params).live_fields()}
    return {name: host_value(variables[0]) for name, variables in found.items() if variables}


def set_live_values(model: SequentialVAE, values: Mapping[str, Any]) -> None:
    """Sets live parameters of a model; `model.params` holds them from then on.

    They are variables of the training step, which goes on as it was compiled. A model that is saved afterwards is
    built with the new values.

    Args:
        model: The model, compiled.
        values: By the name of the parameter; aliases are accepted.

    Raises:
        ConfigError: A value is out of its bounds, or the parameter is not live or has no part in this model.
    """
    params = model.params.replace(**values)
    changed = [name for name, one in {**params}.items() if one != model.params[name] or name in values]
    found = {name: _variables(model, name) for name in changed}
    for name, variables in found.items():
        _check(model, name, variables)
    for name, variables in found.items():
        for variable in variables:
            variable.assign(params[name])
    model.params = params


def _check(model: SequentialVAE, name: str, variables: list[Any]) -> None:
    live = type(model.params).live_fields()
    if name not in live:
        raise ConfigError(
            f"{name}: expected a parameter that may change while training ({', '.join(live)}), got one that is built "
            "into the model. Train another model with it."
        )
    if not variables:
        raise ConfigError(
            f"{name}: has no part in this model, which was built with {name} = {model.params[name]!r}. Build it with "
            "a value above 0, which may then be changed."
        )


def _variables(model: SequentialVAE, name: str) -> list[Any]:
    """Returns the variables that hold a parameter, none where it has no part in the model."""
    if name == "learning_rate":
        return [model.optimizer.learning_rate]
    if name in _TERMS:
        return [model.terms[term].weight_value for term in _TERMS[name] if term in model.terms]
    return [rate for layer in _rated(model, name) if (rate := getattr(layer, "rate_value", None)) is not None]


def _rated(model: SequentialVAE, name: str) -> list[keras.layers.Layer]:
    layers = model.core._flatten_layers()
    if name == "dropout_rate":
        return [one for one in layers if one.name in _LAYERS[name] or isinstance(one, ComplexCell)]
    return [one for one in layers if one.name in _LAYERS.get(name, ())]
