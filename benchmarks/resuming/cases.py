"""The models and settings of which each is killed and resumed, and the small data that they are trained on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from indl_vae.data import write_dataset, write_worms
from indl_vae.data.synthetic.worms import make_worms

N_TRAIN, N_VALID, N_BINS, N_CHANNELS = 16, 6, 12, 8
#: Of every run: 6 epochs of at least 2 steps, a checkpoint after each of them, sizes that compile fast.
SHARED: dict[str, Any] = {"batch_size": 8, "checkpoint_every_s": 0, "tensorboard": False, "seed": 3, "n_epochs": 6}


class Case(NamedTuple):
    """A family with settings, and the name of its data."""

    family: str
    settings: dict[str, Any]
    data: str = "counts"


_LFADS = {"f_units": [6], "f_latent_size": 3, "z1_units": 4, "con_units": 4, "gen_units": 6, "n_factors": 3,
          "kl_ramp_length": 2, "l2_ramp_length": 2, "coordinated_dropout_rate": 0.2, "dropout_rate": 0.1}  # fmt: skip
_DSAE = {"f_units": [5], "f_latent_size": 3, "z1_units": 4, "z2_units": 7, "z_latent_size": 2, "feature_units": [6],
         "decoder_units": [6], "z_prior_units": 5, "gen_units": 6, "n_factors": 4, "dropout_rate": 0.1}  # fmt: skip
_FHVAE = {"f_units": [5], "f_latent_size": 3, "z1_units": 5, "z2_units": 6, "z_latent_size": 2, "decoder_units": [6],
          "segment_length": 4, "segment_shift": 2, "n_factors": 4}  # fmt: skip
_PLRNN = {"z_latent_size": 9, "n_bases": 3, "n_hidden": 11}
_FORCED = {**_PLRNN, "training": "teacher_forcing", "forcing_interval": 3, "seq_len": 6, "batches_per_epoch": 3}
_REGIONS = {"region_sizes": [5, 3], "embedding_units": [6], "z1_units": 5, "dynamics_units": [7], "n_states": 2,
            "start_steps": 20, "kl_ramp_length": 2}  # fmt: skip
_WORMS = {"preset": "small", "neuron_units": 5, "model_size": 6, "decoder_hidden": 7, "window_T": 20, "stride": 10,
          "kl_ramp_length": 2}  # fmt: skip

CASES: dict[str, Case] = {
    "lfads, plain": Case("lfads", _LFADS),
    "lfads, external inputs, negative binomial": Case(
        "lfads", {**_LFADS, "likelihood": "negative_binomial", "heldout_channels": 2}, "inputs"
    ),
    "lfads, stages": Case(
        "lfads",
        {**_LFADS, "n_epochs": 4, "stages": [{"n_epochs": 2, "frozen": ["inference"], "learning_rate": 1e-3}]},
    ),
    "lfads, restarts": Case("lfads", {**_LFADS, "restarts": 2, "restart_epochs": 1}),
    "lfads, several sessions": Case("lfads", {**_LFADS, "input_factors": 3}, "sessions"),
    "lfads, train_plateau": Case(
        "lfads", {**_LFADS, "lr_rule": "train_plateau", "lr_patience": 1, "lr_decay": 0.7, "csv_log": "fitlog"}
    ),
    "lfads, valid_plateau, smoothing": Case(
        "lfads",
        {**_LFADS, "lr_rule": "valid_plateau", "lr_patience": 1, "learning_rate": 0.1, "kl_ramp_length": 1,
         "l2_ramp_length": 1, "smoothing": 0.5},
    ),
    "lfads, cosine after a warm-up": Case(
        "lfads", {**_LFADS, "lr_rule": "cosine", "lr_warmup_steps": 5, "lr_decay_steps": 7}
    ),
    "lfads, ramps by step": Case("lfads", {**_LFADS, "ramp_unit": "step", "kl_ramp_length": 9, "l2_ramp_length": 5}),
    "lfads, mixed precision": Case("lfads", {**_LFADS, "mixed_precision": True}),
    "lfads, without XLA": Case("lfads", {**_LFADS, "jit_compile": False}),
    "lfads, spikes jittered, channels shifted": Case("lfads", {**_LFADS, "spike_jitter_width": 1, "shift_std": 1.0}),
    "autolfads, plain": Case("autolfads", _LFADS),
    "dsae, full": Case("dsae", _DSAE),
    "dsae, factorized": Case("dsae", {**_DSAE, "variant": "factorized", "z2_units": 0}),
    "fhvae, lstm": Case("fhvae", _FHVAE),
    "fhvae, simple": Case("fhvae", {**_FHVAE, "variant": "simple"}),
    "fhvae, sequences drawn anew": Case("fhvae", {**_FHVAE, "n_means": 6}),
    "dendplrnn, svae": Case("dendplrnn", {**_PLRNN, "reg": [[0.5, 1.0], [0.3, 0.1]]}, "values"),
    "dendplrnn, teacher forcing": Case("dendplrnn", _FORCED, "values"),
    "dendplrnn, inverse forcing": Case(
        "dendplrnn", {**_FORCED, "forcing_signal": "inverse", "input_noise": 0.1}, "values"
    ),
    "dendplrnn, generalized forcing": Case(
        "dendplrnn", {**_FORCED, "training": "generalized_teacher_forcing", "forcing_every": 2}, "values"
    ),
    "dendplrnn, forced by an encoder": Case(
        "dendplrnn",
        {**_PLRNN, "training": "svae_forced", "forced_states": 5, "forcing_interval": 2, "rec_model": "cnn",
         "metrics_every": 2},
        "values",
    ),
    "mrsds, svae": Case("mrsds", {**_REGIONS, "inference": "svae", "n_states": 1}, "regions"),
    "mrsds, s_svae": Case("mrsds", {**_REGIONS, "inference": "s_svae"}, "regions"),
    "mrsds, mean_field": Case("mrsds", {**_REGIONS, "inference": "mean_field"}, "regions"),
    "mrsds, slds": Case("mrsds", {**_REGIONS, "inference": "slds", "smoother_sweeps": 2}, "regions"),
    "mrsds, stages of steps": Case(
        "mrsds",
        {**_REGIONS, "n_steps": 6, "lr_rule": "cosine", "stages": [{"n_steps": 6, "lr_warmup_steps": 3}]},
        "regions",
    ),
    "mrsds, transformer": Case(
        "mrsds",
        {**_REGIONS, "sequence_encoder": "transformer", "n_heads": 2, "head_size": 3, "block_units": 9,
         "mlp_units": [11], "window_rate": 0.3, "channel_dropout_rate": 0.3},
        "regions",
    ),
    "ceneurovae, attention": Case("ceneurovae", _WORMS, "worms"),
    "ceneurovae, published": Case("ceneurovae", {**_WORMS, "preset": "parity", "n_layers": 1, "n_heads": 2}, "worms"),
    "ceneurovae, conv": Case("ceneurovae", {**_WORMS, "backbone": "conv", "kernel_size": 3}, "worms"),
    "ceneurovae, gru, sequence": Case(
        "ceneurovae", {**_WORMS, "backbone": "gru", "conditioning": "film", "latent_mode": "sequence"}, "worms"
    ),
}  # fmt: skip


def counts(seed: int = 0, n_channels: int = N_CHANNELS, inputs: bool = False) -> dict[str, np.ndarray]:
    """Spike counts whose rates follow a sine, and external inputs if asked for."""
    rng, time = np.random.default_rng(seed), np.linspace(0, 6, N_BINS)
    arrays: dict[str, np.ndarray] = {}
    for split, n in (("train", N_TRAIN), ("valid", N_VALID)):
        rates = np.exp(np.sin(time + rng.normal(size=(n, 1)))[..., None] * rng.normal(size=n_channels))
        arrays[f"{split}_data"] = rng.poisson(rates).astype("float32")
        if inputs:
            arrays[f"{split}_ext_input"] = rng.normal(size=(n, N_BINS, 2)).astype("float32")
    return arrays


def values(seed: int = 0, inputs: bool = False) -> dict[str, np.ndarray]:
    """As `counts`, with the noise of measured values."""
    rng, arrays = np.random.default_rng(seed + 1), counts(seed, inputs=inputs)
    noisy = {key: value + rng.normal(size=value.shape) * 0.1 for key, value in arrays.items() if "data" in key}
    return arrays | {key: value.astype("float32") for key, value in noisy.items()}


def _file(make: Callable[[], dict[str, np.ndarray]]) -> Callable[[Path], Path]:
    return lambda path: write_dataset(make(), path.with_suffix(".h5"), bin_width_s=0.01)


def _sessions(path: Path) -> Path:
    for number, (name, n_channels) in enumerate({"mon": 8, "tue": 5}.items()):
        write_dataset(counts(number, n_channels), path.with_name(f"{path.name}_{name}.h5"), bin_width_s=0.01)
    return path


def _worms(path: Path) -> Path:
    return write_worms(make_worms(n_animals=3, n_bins=90, n_classes=8).worms, path.with_suffix(".h5"))


#: Functions that write a data set below a path and return what `--data` is given.
DATA: dict[str, Callable[[Path], Path]] = {
    "counts": _file(counts),
    "inputs": _file(lambda: counts(inputs=True)),
    "values": _file(values),
    "regions": _file(lambda: values(inputs=True)),
    "sessions": _sessions,
    "worms": _worms,
}
