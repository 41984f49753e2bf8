"""The canonical names of LFADS weights and the shapes they must have.

The names are those of AutoLFADS-TF2 checkpoints without the leading `model/`. Layouts are Keras's: kernels `(in, out)`,
GRU gates in the order update z, reset r, candidate; `fac_linear/kernel` as stored, its columns not yet normalised.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from indl_vae.errors import DataError

CELL = "decoder/rnn/cell"
READIN = ("readin/kernel", "readin/bias")
#: A model that has one of these has a controller and must have all of them; others may linger in models without one.
_CONTROLLER_MARKS = ("encoder/ci_enc_bigru/", f"{CELL}/con_gru_cell/kernel", f"{CELL}/co_mean_linear/")


@dataclass(frozen=True)
class LFADSSizes:
    """Widths of an LFADS model; those of the controller are 0 where it has none.

    Attributes:
        n_encoded: Channels (or read-in factors) that the encoders see.
        n_outputs: Width of the read-out: the channels, held-out ones included.
        ic_enc_dim: Units of the initial-condition encoder, a direction.
        ic_dim: Width of the initial condition.
        ci_enc_dim: Units of the controller-input encoder, a direction.
        con_dim: Units of the controller.
        co_dim: Width of the inferred input.
        ext_input_dim: Width of the measured external input.
        gen_dim: Units of the generator.
        fac_dim: Number of factors.
        readin_channels: Channels that a linear read-in maps to `n_encoded` factors; 0 without one.
        encoder_ext_dim: Width of a measured external input that the encoders see beside the channels.
    """

    n_encoded: int
    n_outputs: int
    ic_enc_dim: int
    ic_dim: int
    ci_enc_dim: int
    con_dim: int
    co_dim: int
    ext_input_dim: int
    gen_dim: int
    fac_dim: int
    readin_channels: int = 0
    encoder_ext_dim: int = 0

    @property
    def n_heldout(self) -> int:
        """Trailing channels that the read-out predicts and the encoders do not see."""
        return self.n_outputs - (self.readin_channels or self.n_encoded)

    def params(self) -> dict[str, Any]:
        """Returns the sizes under the parameter names of `indl_vae`."""
        return {
            "f_units": [self.ic_enc_dim],
            "f_latent_size": self.ic_dim,
            "z1_units": self.ci_enc_dim,
            "con_units": self.con_dim,
            "z_latent_size": self.co_dim,
            "gen_units": self.gen_dim,
            "n_factors": self.fac_dim,
            "ext_input_dim": self.ext_input_dim or self.encoder_ext_dim,
            "input_factors": self.n_encoded if self.readin_channels else 0,
            "heldout_channels": self.n_heldout or None,
        }


def has_controller(weights: Mapping[str, np.ndarray]) -> bool:
    """Returns whether any weight belongs to a controller."""
    return any(name.startswith(_CONTROLLER_MARKS) for name in weights)


def infer_sizes(weights: Mapping[str, np.ndarray], source: str, encoder_ext_dim: int = 0) -> LFADSSizes:
    """Reads the widths of a model off its weights.

    Args:
        weights: Arrays under canonical names, none missing.
        source: Where they come from, for messages.
        encoder_ext_dim: Width of the external input that the encoders see.

    Raises:
        DataError: If a weight that fixes a width has the wrong number of axes.
    """
    controller = has_controller(weights)

    def width(name: str, axis: int, rank: int = 2) -> int:
        shape = np.shape(weights[name])
        if len(shape) != rank:
            raise DataError(f"{source}: {name} has shape {shape}, expected {rank} axes: not an LFADS weight.")
        return int(shape[axis])

    co_dim = width(f"{CELL}/co_mean_linear/kernel", 1) if controller else 0
    return LFADSSizes(
        n_encoded=width("encoder/ic_enc_bigru/forward_layer/cell/kernel", 0) - encoder_ext_dim,
        n_outputs=width("decoder/rate_linear/kernel", 1),
        ic_enc_dim=width("encoder/ic_enc_bigru/forward_layer/cell/recurrent_kernel", 0),
        ic_dim=width("ic_prior_mean", 0, rank=1),
        ci_enc_dim=width("encoder/ci_enc_bigru/forward_layer/cell/recurrent_kernel", 0) if controller else 0,
        con_dim=width(f"{CELL}/con_gru_cell/recurrent_kernel", 0) if controller else 0,
        co_dim=co_dim,
        ext_input_dim=max(width(f"{CELL}/gen_gru_cell/kernel", 0) - co_dim, 0),
        gen_dim=width(f"{CELL}/fac_linear/kernel", 0),
        fac_dim=width(f"{CELL}/fac_linear/kernel", 1),
        readin_channels=width(READIN[0], 0) if READIN[0] in weights else 0,
        encoder_ext_dim=encoder_ext_dim,
    )


def expected_shapes(sizes: LFADSSizes) -> dict[str, tuple[int, ...]]:
    """Returns every canonical name of a model of these sizes with the shape its weight must have."""
    s = sizes
    shapes: dict[str, tuple[int, ...]] = {"ic_prior_mean": (s.ic_dim,), "ic_prior_logvar": (s.ic_dim,)}
    shapes |= _encoder("ic", s.n_encoded + s.encoder_ext_dim, s.ic_enc_dim)
    shapes |= _linear("encoder/ic_mean_linear", 2 * s.ic_enc_dim, s.ic_dim)
    shapes |= _linear("encoder/ic_logvar_linear", 2 * s.ic_enc_dim, s.ic_dim)
    shapes |= _linear("decoder/ic_to_g0", s.ic_dim, s.gen_dim)
    shapes |= _gru(f"{CELL}/gen_gru_cell", s.co_dim + s.ext_input_dim, s.gen_dim)
    shapes |= {f"{CELL}/fac_linear/kernel": (s.gen_dim, s.fac_dim)}
    shapes |= _linear("decoder/rate_linear", s.fac_dim, s.n_outputs)
    if s.co_dim:
        shapes |= _encoder("ci", s.n_encoded + s.encoder_ext_dim, s.ci_enc_dim)
        shapes |= _gru(f"{CELL}/con_gru_cell", 2 * s.ci_enc_dim + s.fac_dim, s.con_dim)
        shapes |= {f"{CELL}/con_gru_cell/h0": (1, s.con_dim)}
        shapes |= _linear(f"{CELL}/co_mean_linear", s.con_dim, s.co_dim)
        shapes |= _linear(f"{CELL}/co_logvar_linear", s.con_dim, s.co_dim)
        shapes |= {"logtaus": (s.co_dim,), "lognvars": (s.co_dim,)}
    if s.readin_channels:
        shapes |= {READIN[0]: (s.readin_channels, s.n_encoded), READIN[1]: (s.n_encoded,)}
    return shapes


def expected_names(weights: Mapping[str, np.ndarray]) -> tuple[str, ...]:
    """Returns the names that must be there: with those of controller and read-in if any of theirs is."""
    controller, readin = int(has_controller(weights)), int(any(name in weights for name in READIN))
    return tuple(expected_shapes(LFADSSizes(1, 1, 1, 1, controller, controller, controller, 0, 1, 1, readin)))


def check_weights(
    weights: Mapping[str, np.ndarray],
    source: str,
    display: Mapping[str, str] | None = None,
    encoder_ext_dim: int = 0,
) -> tuple[dict[str, np.ndarray], LFADSSizes]:
    """Checks that a model is whole and consistent.

    Args:
        weights: Arrays under canonical names; names that are none are passed over.
        source: Where they come from, for messages.
        display: Canonical name -> name in the source, for messages; absent where the two are the same.
        encoder_ext_dim: Width of the external input that the encoders see.

    Returns:
        The canonical weights as float32 arrays, in a fixed order, and the sizes of the model.

    Raises:
        DataError: Naming all weights that are missing, of the wrong shape, or not finite.
    """
    shown = {name: (display or {}).get(name, name) for name in expected_names(weights)}
    raise_missing([shown[name] for name in shown if name not in weights], source)
    sizes = infer_sizes(weights, source, encoder_ext_dim)
    shapes = expected_shapes(sizes)
    wrong = [
        f"{shown[name]} is {np.shape(weights[name])}, expected {shape}"
        for name, shape in shapes.items()
        if np.shape(weights[name]) != shape
    ]
    if wrong:
        raise DataError(
            f"{source}: weights whose shapes (input, output) do not fit the others: {'; '.join(wrong)}. "
            "Import all weights of one model, none of them transposed or cut."
        )
    if (sizes.readin_channels or sizes.n_encoded) > sizes.n_outputs:
        raise DataError(
            f"{source}: the encoders see {sizes.readin_channels or sizes.n_encoded} channels but the read-out has "
            f"{sizes.n_outputs}; expected at least as many. Such a model cannot be imported."
        )
    with np.errstate(over="ignore"):
        arrays = {name: np.asarray(weights[name], dtype=np.float32) for name in shapes}
    broken = [shown[name] for name in shapes if not np.all(np.isfinite(arrays[name]))]
    if broken:
        raise DataError(
            f"{source}: NaN or infinity in {', '.join(broken)}; expected finite weights. The training run diverged: "
            "import its best checkpoint rather than its last."
        )
    return arrays, sizes


def raise_missing(missing: list[str], source: str) -> None:
    """Raises a DataError that lists the missing weights, if there are any."""
    if missing:
        raise DataError(
            f"{source}: {len(missing)} weights of an LFADS model are missing: {', '.join(missing)}. "
            "Import the checkpoint of a whole LFADS model; other architectures cannot be imported."
        )


def _linear(name: str, n_in: int, n_out: int) -> dict[str, tuple[int, ...]]:
    return {f"{name}/kernel": (n_in, n_out), f"{name}/bias": (n_out,)}


def _gru(name: str, n_in: int, units: int) -> dict[str, tuple[int, ...]]:
    return {
        f"{name}/kernel": (n_in, 3 * units),
        f"{name}/recurrent_kernel": (units, 3 * units),
        f"{name}/bias": (3 * units,),
    }


def _encoder(which: str, n_in: int, units: int) -> dict[str, tuple[int, ...]]:
    shapes: dict[str, tuple[int, ...]] = {f"encoder/{which}_enc_h0": (1, 2, units)}
    for way in ("forward", "backward"):
        shapes |= _gru(f"encoder/{which}_enc_bigru/{way}_layer/cell", n_in, units)
    return shapes
