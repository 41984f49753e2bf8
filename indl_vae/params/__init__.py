"""What can be set: one flat, frozen, checked model a family, made of field groups. No TensorFlow here."""

from indl_vae.params.activations import for_layers
from indl_vae.params.base import Params
from indl_vae.params.describe import describe, markdown_table
from indl_vae.params.field import Alias, ParamSpec, SearchRange, When, param, spec_of
from indl_vae.params.foreign import UnusedSettingWarning
from indl_vae.params.groups import *  # noqa: F403
from indl_vae.params.groups import __all__ as _groups
from indl_vae.params.heldout import check_seen_bins, resolve_heldout
from indl_vae.params.make import make_params, params_of_layers
from indl_vae.params.narrow import narrow
from indl_vae.params.yaml_io import dump_yaml, load_yaml, parse_value, read_yaml

__all__ = [
    "Alias",
    "ParamSpec",
    "Params",
    "SearchRange",
    "UnusedSettingWarning",
    "When",
    "check_seen_bins",
    "describe",
    "dump_yaml",
    "for_layers",
    "load_yaml",
    "make_params",
    "markdown_table",
    "narrow",
    "param",
    "params_of_layers",
    "parse_value",
    "read_yaml",
    "resolve_heldout",
    "spec_of",
    *_groups,
]
