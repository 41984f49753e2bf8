"""Hypothesis strategies for parameters, derived from the fields themselves."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from pydantic.fields import FieldInfo

from indl_vae.params import Params, spec_of

#: Fields whose values depend on those of others; the family sets them.
DEPENDENT = {"family", "preset", "z_in_cell", "z2_units", "gen_cell_type", "gen_tile_input", "select_on"}
DEPENDENT |= {"f_prior_kappa", "f_prior_var_min", "f_prior_var_max", "con_units", "z1_units", "hidden_rate"}
DEPENDENT |= {"spike_jitter_width", "co_mean_corr_scale", "kl_z_reduction", "feedback"}
DEPENDENT |= {"train_io_only", "train_f_encoder_only", "train_encoders_only"}
#: Values at which a bound of another field could be broken.
DEPENDENT |= {"learning_rate", "lr_stop"}
#: Fields that only some variants have a use for, or that must fit the width of the data.
DEPENDENT |= {"variant", "z1_rnn_type", "f_inputs_pre_z1", "image_shape", "conv_filters", "decoder"}
#: Lists that go together, and settings that only one way of training has.
DEPENDENT |= {"reg", "reg_ratios", "reg_alphas", "annealing", "annealing_factor", "metrics", "training", "latent_step"}
DEPENDENT |= {"forcing_interval", "forcing_signal", "forced_states", "readout", "n_bases", "n_rectified", "lr_rule"}
#: Activations, of which there is one for each layer, and what goes with the likelihood or with separate regions.
DEPENDENT |= {"dynamics_activations", "input_activations", "embedding_activations", "emission_activations"}
DEPENDENT |= {"emission_link", "communication"}
#: Stages of training, and what goes with a kind of inference or a number of states or of bins ahead.
DEPENDENT |= {"stages", "inference", "discrete", "full_posterior", "n_states", "state_balance", "emission_on"}
DEPENDENT |= {"overshoot", "overshoot_weights", "temperature", "input_factors"}
DEPENDENT |= {"dynamics_only"}
#: What a family has no use for must stay as it is.
DEPENDENT |= {"f_enc_input_samps", "heldout_bins", "z1_lag", "l2_con_scale", "l2_gen_scale"}
#: What a family of neurons with identities has no use for, and sizes that must divide one another.
OF_NEURONS = {"dropout_rate", "coordinated_dropout_rate", "scale_channels", "z_latent_off_diag"}
OF_NEURONS |= {"model_size", "n_heads", "kernel_size", "backbone", "neuron_pooling", "identity_mixing"}
OF_NEURONS |= {"z_prior_process", "z_prior_off_diag"}
#: Choices that another field must be set for.
IN_NEED = {"ordinal", "categorical"}
#: 0 means that a model has no such latent or layer, which not every family or setting can do.
LEAST = {"f_latent_size": 1, "z_latent_size": 1, "decoder_hidden": 1}
_NARROWEST = 1e-6


def values(cls: type[Params], name: str) -> st.SearchStrategy[Any]:
    """Values that one field accepts."""
    field = cls.model_fields[name]
    if choices := cls.choices_of(name):
        return st.sampled_from([choice for choice in choices if choice not in IN_NEED])
    if name == "heldout_channels":
        return st.one_of(
            st.none(), st.integers(1, 9), st.just("3::4"), st.lists(st.integers(0, 50), min_size=1, unique=True)
        )
    if field.annotation == tuple[int, ...]:
        return st.lists(st.integers(1, 300), min_size=1, max_size=3)
    plain = {bool: st.booleans(), str: st.text("ab_", min_size=1, max_size=5)}
    for kind, strategy in plain.items():
        if field.annotation in (kind, kind | None):
            return strategy if field.annotation is kind else st.none() | strategy
    numbers = _numbers(field, LEAST.get(name))
    return st.none() | numbers if "None" in str(field.annotation) else numbers


def _numbers(field: FieldInfo, least: int | None = None) -> st.SearchStrategy[Any]:
    bounds = dict(spec_of(field).bounds) | ({} if least is None else {">=": least})
    low, high = bounds.get(">=", bounds.get(">", 0)), bounds.get("<=", bounds.get("<", 10_000))
    if "int" in str(field.annotation):
        return st.integers(int(low), int(high))
    low = low + _NARROWEST if ">" in bounds else low
    high = high - _NARROWEST if "<" in bounds else high
    return st.floats(low, high, allow_nan=False)


def changes(cls: type[Params]) -> st.SearchStrategy[dict[str, Any]]:
    """Some fields that are free of one another, with values that they accept."""
    bound = DEPENDENT | ({"likelihood"} if "forcing_signal" in cls.model_fields else set())  # forcing needs real values
    bound = bound | (OF_NEURONS if "neuron_units" in cls.model_fields else set())
    free = [name for name in cls.model_fields if name not in bound]
    return st.lists(st.sampled_from(free), unique=True, max_size=8).flatmap(
        lambda names: st.fixed_dictionaries({name: values(cls, name) for name in names})
    )
