"""The data of a run: from a loader, a synthetic set or a file, as `data.data_source` says."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from indl_vae.data import Dataset, dataset_of_regions, load_by_name, load_for
from indl_vae.data.assemble import assemble
from indl_vae.data.keys import SPLITS, find_key
from indl_vae.data.loaders import LOADERS, find_loader, import_file
from indl_vae.data.session_read import read_session
from indl_vae.data.synthetic import make
from indl_vae.data.synthetic.registry import SYNTHETIC
from indl_vae.data.synthetic.set_options import options_for
from indl_vae.data.trial_options import TrialOptions
from indl_vae.errors import ConfigError
from indl_vae.importers.mrsds_layout.arguments import Arguments
from indl_vae.importers.mrsds_layout.run_config import RunConfig
from indl_vae.params import Params

#: Published names of simulations, and the set that stands for each.
SIMULATIONS = {
    "double-well-2smoothnew": "double_well",
    "double-well-2smoothnew2b": "double_well",
    "lv-multiswitch": "lotka_volterra",
    "lv-multiswitch2": "lotka_volterra",
}
_ENDINGS = (".h5", ".hdf5", ".mat", ".npz", ".npy", ".nwb")
#: Formats whose files are divided by rules of their own.
_OWN_RULES = (".npy", ".nwb")
#: Keys of `data` that are read here.
_READ = ("data_source", "tlim", "inputs")


def load_source(arguments: Arguments, config: RunConfig, params: Params) -> Dataset:
    """Loads the data of a run and divides them, unless they are divided.

    A source is the name of a registered loader, "module:function" or "file.py:function"; a published or a library's
    name of a synthetic set; or a file in the folder of the data, with or without its ending.

    Raises:
        ConfigError: There is no such source, or it does not take an option.
        DataError: The data do not pass a check.
    """
    for file in arguments.loaders:
        import_file(file)
    source = str(config.data["data_source"])
    synthetic = SIMULATIONS.get(source, source.replace("-", "_"))
    if source in LOADERS or ":" in source:
        dataset = _of_loader(source, arguments, config, params)
    elif synthetic in SYNTHETIC:
        dataset = _of_set(source, synthetic, arguments, config)
    else:
        dataset = _of_file(_file(source, arguments.datapath), arguments, config, params)
    _check_inputs(dataset, config.data.get("inputs"))
    return dataset


def _options(arguments: Arguments, config: RunConfig) -> dict[str, Any]:
    shares = {name: config.training[name] for name in ("test_perc", "valid_perc")}
    return {**shares, "dataseed": arguments.dataseed, "tlim": config.data.get("tlim")}


def _of_loader(source: str, arguments: Arguments, config: RunConfig, params: Params) -> Dataset:
    offered = {"datapath": str(arguments.datapath), "dataseed": arguments.dataseed} | _further(config.data)
    taken = inspect.signature(find_loader(source)).parameters
    takes_all = any(one.kind is inspect.Parameter.VAR_KEYWORD for one in taken.values())
    options = offered if takes_all else {name: value for name, value in offered.items() if name in taken}
    _warn_of_unread(source, set(_further(config.data)) - set(options))
    trials = load_by_name(source, **options)
    how = _options(arguments, config)
    how["seed"] = how.pop("dataseed")
    return dataset_of_regions(trials.ys, trials.us, trials.region_sizes, **how, **_settings(params))


def _of_set(source: str, name: str, arguments: Arguments, config: RunConfig) -> Dataset:
    further = _further(config.data)
    options = options_for(SYNTHETIC.get(name), further)
    _warn_of_unread(source, set(further) - set(options))
    return make(name, **{"seed": arguments.dataseed, **options}).dataset()


def _of_file(path: Path, arguments: Arguments, config: RunConfig, params: Params) -> Dataset:
    _warn_of_unread(str(path), set(_further(config.data)))
    if path.suffix.lower() in _OWN_RULES:
        return load_for(params, path)
    options = TrialOptions(**_options(arguments, config), if_undivided=True)
    session = read_session(path, trials=options)
    there = tuple(name for name in SPLITS if any(find_key(session.arrays, name, field) for field in ("x", "encod")))
    return assemble(session, there or SPLITS[:2], **_settings(params))


def _file(source: str, datapath: Path) -> Path:
    places = [datapath] if datapath.is_file() else [datapath / f"{source}{ending}" for ending in ("", *_ENDINGS)]
    found = next((place for place in places if place.is_file()), None)
    if found is None:
        raise ConfigError(
            f"data.data_source: {source!r}, expected a loader ({', '.join(LOADERS.names()) or 'none is registered'}; "
            f"--loaders FILE registers those of a file), module:function, a synthetic set ({', '.join(SIMULATIONS)}; "
            f"{', '.join(SYNTHETIC.names())}), or a file in {datapath}."
        )
    return found


def _settings(params: Params) -> dict[str, Any]:
    return {name: params[name] for name in ("likelihood", "missing", "bin_width_s")}


def _further(data: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in data.items() if name not in _READ}


def _warn_of_unread(source: str, names: set[str]) -> None:
    if names:
        warnings.warn(
            f"data: {source} does not take {', '.join(sorted(names))}; without effect.", UserWarning, stacklevel=4
        )


def _check_inputs(dataset: Dataset, inputs: Any) -> None:
    width = dataset.spec.ext_input_dim
    if inputs is not None and inputs != width:
        warnings.warn(
            f"data.inputs: {inputs!r}, but the data have {width} external inputs, which is what counts.",
            UserWarning,
            stacklevel=3,
        )
