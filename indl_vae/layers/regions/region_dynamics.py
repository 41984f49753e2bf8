"""How the latents of several regions drive one another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import keras
import tensorflow as tf

from indl_vae.errors import ConfigError
from indl_vae.layers.regions.pair_networks import PairNetworks
from indl_vae.numerics import derive_seed

#: Kinds of communication, and what they make of the activations between different regions.
COMMUNICATIONS = {"additive": "same", "additive-linear": "linear", "additive-nonlinear": "relu", "conditional": "same"}
INPUT_NETWORKS = ("separate", "together")


class RegionStep(NamedTuple):
    """The expected next states of all regions, and what they are the sums of.

    Attributes:
        mean: `(..., K, R * d)`.
        messages: `(..., K, R, R, d)`: to the region of the third axis from the end, from that of the second.
        input_messages: `(..., K, R, L, d)`: to each region from each of L input networks; L may be 0.
    """

    mean: tf.Tensor
    messages: tf.Tensor
    input_messages: tf.Tensor


@keras.saving.register_keras_serializable(package="indl_vae")
class RegionDynamics(keras.layers.Layer):
    """`f_k^i(x, u) = sum_j F_k^ij(x^j) + sum_l G_k^il(u_l)`: the mean of region i's next state in discrete state k.

    The terms are the messages between regions (Karniol-Tambour et al. 2024).

    Args:
        n_regions: Number of regions R.
        dim: Number of latents d of a region.
        n_states: Number of discrete states K.
        input_dim: Width U of the external input; 0 without one.
        units: Widths of the hidden layers of F.
        activations: Of F: one for each hidden layer and one for the outputs.
        communication: "additive"; "additive-linear", no activations between different regions; "additive-nonlinear",
            a rectifier in all layers there, the last included; "conditional", every layer sees the target's state.
        state_as_input: Whether one set of networks sees the discrete state, instead of one set for each.
        input_networks: "separate", a network for each of the U inputs, or "together", one for all of them.
        input_units: Widths of the hidden layers of G.
        input_activations: Of G.
        conditional_inputs: Whether every layer of G sees the target's state.
        correction_dim: Width of what F's first layer sees besides of each source region; 0 for nothing.
        residual: Whether F changes the state rather than giving the next one: x^i is added.
        dropout: Share of F's hidden units that are left out while training.
        seed: Of the initial weights.

    Call arguments:
        x: `(..., R * d)`: states, regions one after another.
        u: `(..., U)`: the input that enters the transition; None where U is 0.
        correction: Optional `(..., R * correction_dim)`; none is as zeros.
        kept: What `draw_kept` returned.

    Returns:
        A `RegionStep`.

    Raises:
        ConfigError: A kind is none of the above.
    """

    def __init__(
        self,
        n_regions: int,
        dim: int,
        n_states: int = 1,
        input_dim: int = 0,
        units: Sequence[int] = (32, 32),
        activations: Sequence[str | None] = ("relu", "relu", None),
        communication: str = "additive",
        state_as_input: bool = False,
        input_networks: str = "separate",
        input_units: Sequence[int] = (),
        input_activations: Sequence[str | None] = (None,),
        conditional_inputs: bool = False,
        correction_dim: int = 0,
        residual: bool = False,
        dropout: float = 0.0,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**{**kwargs, "dtype": "float32"})  # errors of a step add up over time
        self.n_regions, self.dim, self.n_states, self.input_dim = (
            int(n_regions),
            int(dim),
            int(n_states),
            int(input_dim),
        )
        self.units, self.activations, self.communication = tuple(units), tuple(activations), communication
        self.state_as_input, self.input_networks = bool(state_as_input), input_networks
        self.input_units, self.input_activations = tuple(input_units), tuple(input_activations)
        self.conditional_inputs, self.correction_dim = bool(conditional_inputs), int(correction_dim)
        self.residual, self.dropout, self.seed = bool(residual), float(dropout), seed
        self._check()
        self.between = self._make_between()
        self.from_inputs = self._make_from_inputs() if self.input_dim else None
        self.built = True

    def call(self, x, u=None, correction=None, kept=None):
        lead, (between, given) = tf.shape(x)[:-1], self._terms(x, u, correction, kept)
        mean = tf.reduce_sum(between, 2) + (0.0 if given is None else tf.reduce_sum(given, 2))
        mean = tf.transpose(mean, (2, 0, 1, 3))  # (N, K, R, d)
        if self.residual:
            mean = mean + tf.reshape(x, (-1, 1, self.n_regions, self.dim))
        shape = tf.concat([lead, [self.n_states, self.n_regions * self.dim]], 0)
        mean = tf.reshape(mean, shape)
        mean.set_shape((*x.shape[:-1], *self._last()))
        return RegionStep(mean, self._unflatten(between, lead, x), self._unflatten(given, lead, x))

    def next_mean(self, x: tf.Tensor, u: Any = None, correction: Any = None, kept: Any = None) -> tf.Tensor:
        """Returns the mean `(..., K, R * d)` alone."""
        return self.call(x, u, correction, kept).mean

    def linearized(self, x: tf.Tensor, u: Any = None) -> tuple[tf.Tensor, tf.Tensor]:
        """Returns the means `(N, K, R * d)` of points `(N, R * d)`, and their Jacobians `(N, K, R * d, R * d)`."""
        states = tf.reshape(x, (-1, self.n_regions, self.dim))
        sources = tf.pad(states, [[0, 0], [0, 0], [0, self.correction_dim]])
        made = self.between.with_slopes(sources, states if self.communication == "conditional" else None)
        means, slopes = tf.reduce_sum(made.values, 2), made.by_source[..., : self.dim, :]
        own = None if made.by_context is None else tf.reduce_sum(made.by_context, 2)
        if self.from_inputs is not None:
            given = self.from_inputs.with_slopes(self._input_sources(u), states if self.conditional_inputs else None)
            means = means + tf.reduce_sum(given.values, 2)
            if given.by_context is not None:
                felt = tf.reduce_sum(given.by_context, 2)
                own = felt if own is None else own + felt
        if own is not None:  # what a region's networks see of the region itself
            here = tf.eye(self.n_regions, dtype=x.dtype)[:, :, None, None, None]
            slopes = slopes + here * own[:, :, None]
        shape = (-1, self.n_states, self.n_regions * self.dim)
        means = tf.reshape(tf.transpose(means, (2, 0, 1, 3)), shape)
        jacobian = tf.reshape(tf.transpose(slopes, (3, 0, 1, 5, 2, 4)), (*shape, shape[-1]))
        if not self.residual:
            return means, jacobian
        return means + x[:, None], jacobian + tf.eye(shape[-1], dtype=x.dtype)

    def draw_kept(self) -> list[tf.Tensor] | None:
        """Returns the hidden units of a training batch that are kept; None without dropout."""
        return self.between.draw_kept()

    def _terms(self, x, u, correction, kept) -> tuple[tf.Tensor, tf.Tensor | None]:
        """Returns the messages `(K, R, S, N, d)` between regions and from inputs."""
        states = tf.reshape(x, (-1, self.n_regions, self.dim))
        sources = states
        if self.correction_dim:
            wide = (-1, self.n_regions, self.correction_dim)
            shown = tf.zeros_like(states[..., :1]) * tf.ones(self.correction_dim, states.dtype)
            shown = shown if correction is None else tf.reshape(correction, wide)
            sources = tf.concat([states, shown], -1)
        between = self.between(sources, states if self.communication == "conditional" else None, kept)
        if self.from_inputs is None:
            return between, None
        return between, self.from_inputs(self._input_sources(u), states if self.conditional_inputs else None)

    def _input_sources(self, u: tf.Tensor) -> tf.Tensor:
        each = 1 if self.input_networks == "separate" else self.input_dim
        return tf.reshape(u, (-1, self.input_dim // each, each))

    def _unflatten(self, terms: tf.Tensor | None, lead: tf.Tensor, x: tf.Tensor) -> tf.Tensor:
        if terms is None:
            return tf.zeros(tf.concat([lead, [self.n_states, self.n_regions, 0, self.dim]], 0), x.dtype)
        last = [self.n_states, self.n_regions, terms.shape[2], self.dim]
        return tf.reshape(tf.transpose(terms, (3, 0, 1, 2, 4)), tf.concat([lead, last], 0))

    def _last(self) -> tuple[int, int]:
        return self.n_states, self.n_regions * self.dim

    def _make_between(self) -> PairNetworks:
        return PairNetworks(
            self.n_regions,
            self.n_regions,
            self.dim + self.correction_dim,
            self.dim,
            self.units,
            self.activations,
            self.n_states,
            self.state_as_input,
            self.dim if self.communication == "conditional" else 0,
            COMMUNICATIONS[self.communication],
            dropout=self.dropout,
            seed=derive_seed(self.seed or 0, "between"),
            dtype="float32",
            name="between",
        )

    def _make_from_inputs(self) -> PairNetworks:
        each = 1 if self.input_networks == "separate" else self.input_dim
        return PairNetworks(
            self.n_regions,
            self.input_dim // each,
            each,
            self.dim,
            self.input_units,
            self.input_activations,
            self.n_states,
            self.state_as_input,
            self.dim if self.conditional_inputs else 0,
            use_bias=False,  # a bias would be one of the regions', over again
            seed=derive_seed(self.seed or 0, "from_inputs"),
            dtype="float32",
            name="from_inputs",
        )

    def _check(self) -> None:
        if self.communication not in COMMUNICATIONS:
            raise ConfigError(
                f"RegionDynamics: `communication` must be one of {', '.join(COMMUNICATIONS)}, got "
                f"{self.communication!r}."
            )
        if self.input_networks not in INPUT_NETWORKS:
            raise ConfigError(
                f"RegionDynamics: `input_networks` must be one of {', '.join(INPUT_NETWORKS)}, got "
                f"{self.input_networks!r}."
            )
        if min(self.n_regions, self.dim, self.n_states) < 1:
            raise ConfigError(
                "RegionDynamics: expected at least one region, latent and discrete state, got "
                f"{self.n_regions}, {self.dim} and {self.n_states}."
            )

    def compute_output_spec(self, x, u=None, correction=None, kept=None):
        made = lambda *last: keras.KerasTensor((*x.shape[:-1], self.n_states, *last), dtype=self.compute_dtype)  # noqa: E731
        n_inputs = self.from_inputs.n_sources if self.from_inputs is not None else 0
        regions, dim = self.n_regions, self.dim
        return RegionStep(made(regions * dim), made(regions, regions, dim), made(regions, n_inputs, dim))

    def get_config(self) -> dict[str, Any]:
        names = (
            "n_regions dim n_states input_dim units activations communication state_as_input input_networks "
            "input_units input_activations conditional_inputs correction_dim residual dropout seed"
        )
        return {**super().get_config(), **{name: getattr(self, name) for name in names.split()}}
