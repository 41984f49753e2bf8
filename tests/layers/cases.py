"""Every layer of the room with the options that change its path; the contract tests run over all of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import keras
import numpy as np

from indl_vae import layers
from indl_vae.distributions import GaussianPosterior

B, T, N = 10, 7, 4  # no other width is 10 or 7, so that these two can be told apart from the rest
#: What an array holds, by the first word of its name.
BINARY = ("mask", "observed", "visible", "steps", "seen", "session", "sequence")


class Case(NamedTuple):
    """A layer, its inputs, and what is known of it.

    Attributes:
        make: From keyword arguments of every Keras layer (name, dtype) and a seed to the layer.
        shapes: Input name to shape.
        call: From the layer and its inputs by name to the outputs.
        random: Whether it draws while training.
    """

    make: Callable[..., keras.layers.Layer]
    shapes: dict[str, tuple[int, ...]]
    call: Callable[..., Any] = lambda layer, *, training=False, **inputs: layer(*inputs.values())
    random: bool = False


def _trained(layer, *, training=False, **inputs):
    return layer(*inputs.values(), training=training)


def _unseeded(cls, **options):
    return lambda seed=1, **kwargs: cls(**options, **kwargs)


def _seeded(cls, **options):
    return lambda seed=1, **kwargs: cls(seed=seed, **options, **kwargs)


def _bidirectional(seed=1, dtype=None, **kwargs):
    one = [
        layers.ClippedGRU(3, return_sequences=True, seed=seed + i, go_backwards=bool(i), dtype=dtype) for i in (0, 1)
    ]
    return keras.layers.Bidirectional(one[0], backward_layer=one[1], dtype=dtype, **kwargs)


def _complex_rnn(learn_initial_state=True, route="fused", **options):
    def make(seed=1, dtype=None, **kwargs):
        sizes = {"units_gen": 6, "units_con": 5, "factors_dim": 3, "dropout": 0.3}
        cell = layers.ComplexCell(**{**sizes, **options}, seed=seed, dtype=dtype, name="cell")
        return layers.ComplexRNN(cell, learn_initial_state, route, dtype=dtype, **kwargs)

    return make


def _rates_fed(route):
    def make(seed=1, dtype=None, **kwargs):
        dense = keras.layers.Dense(8, kernel_initializer=keras.initializers.RandomNormal(seed=seed), dtype=dtype)
        readout = layers.RateReadout(dense, 4, limits=(-20, 10), dtype=dtype)
        return _complex_rnn(co_dim=2, route=route, rate_readout=readout)(seed, dtype, **kwargs)

    return make


def _rate_readout(seed=1, dtype=None, **kwargs):
    dense = keras.layers.Dense(8, kernel_initializer=keras.initializers.RandomNormal(seed=seed), dtype=dtype)
    return layers.RateReadout(dense, 4, dtype=dtype, **kwargs)


def _scaled_readout(seed=1, **kwargs):
    start = keras.initializers.RandomNormal(seed=seed)
    return layers.ScaledReadout(6, n_channels=3, kernel_initializer=start, **kwargs)


def _shifted(layer, *, training=False, **inputs):
    return layer(list(inputs.values()), training=training)


def _masked(layer, *, training=False, x, mask):
    return layer(x, mask=mask)


def _one_step(layer, *, training=False, x, **states):
    output, new = layer(x, list(states.values()), training=training)
    return [output, *new]


def _heads(layer, *, training=False, loc, raw):
    return layer([loc, raw], training=training)


def _of_step(cls, kind=layers.ClippedDendriticStep, input_dim=0, **options):
    def make(seed=1, dtype=None, **kwargs):
        return cls(kind(3, input_dim=input_dim, seed=seed), **options, **kwargs)

    return make


def _inverse(seed=1, dtype=None, **kwargs):
    dense = keras.layers.Dense(N, kernel_initializer=keras.initializers.RandomNormal(seed=seed))
    return layers.InverseReadout(dense, 5, **kwargs)


def _forced(layer, *, training=False, start, target, mask, ext_input):
    return layer(start, target, seen=mask, inputs=ext_input)


def _unseeded32(cls, **options):
    return lambda seed=1, dtype=None, **kwargs: cls(**options, **kwargs)


def _float32(cls, **options):
    """Layers that keep full precision whatever the policy."""
    return lambda seed=1, dtype=None, **kwargs: cls(seed=seed, **options, **kwargs)


def _switching(kind=None, n_states=2, input_dim=2, triangular=False, correction_dim=0, dropout=0.0, noise=0.1):
    """Makes a system of two regions with two latents each, or a layer that takes one."""

    def make(seed=1, dtype=None, **kwargs):
        system = layers.SwitchingDynamics(
            layers.RegionDynamics(
                2,
                2,
                n_states,
                input_dim,
                (5,),
                ("tanh", None),
                correction_dim=correction_dim,
                dropout=dropout,
                seed=seed,
            ),
            layers.DiscreteTransition(n_states, 4, input_dim, units=6, seed=seed),
            layers.SwitchingStart(n_states, 4, triangular, seed=seed),
            triangular,
            noise,
            **({} if kind else kwargs),
        )
        return kind(system, seed=seed, **kwargs) if kind else system

    return make


def _unseeded_kind(cls):
    return lambda system, seed=1, **kwargs: cls(system, **kwargs)


def _path_cost(layer, *, training=False, x, loc, scale, ext_input, steps):
    return layer(x, loc, scale, ext_input, steps, training=training)


def _rolled(layer, *, training=False, loc, scale, ext_input=None, steps=None, state_logits=None):
    return layer(loc, scale, ext_input, steps, state_logits, training=training)


X = {"x": (B, T, N)}
LATENTS = {"x": (B, T, 4), "ext_input": (B, T, 2)}
POSTERIOR = {"loc": (B, T, 4), "scale": (B, T, 4)}
Z = {"z": (B, T, 3), "ext_input": (B, T, 2)}
CODES = {"code": (B, T, N), "gen_init": (B, 6)}
GRU = {"units": 3, "clip_value": 0.5, "learn_initial_state": True}
SEEN = {"seen_channels": [0, 2, 3]}

CASES: dict[str, Case] = {
    "ChannelScale": Case(_unseeded(layers.ChannelScale), X),
    "ClippedGRU": Case(_seeded(layers.ClippedGRU, **GRU, return_sequences=True), X),
    "ClippedGRU last": Case(_seeded(layers.ClippedGRU, units=3, gate_bias="forget", kernel_init="joint_normal"), X),
    "ClippedGRU scaled": Case(_seeded(layers.ClippedGRU, units=3, gate_scale=2.0), X),
    "ClippedGRU masked": Case(
        _seeded(layers.ClippedGRU, **GRU, return_sequences=True, go_backwards=True), {**X, "mask": (B, T)}, _masked
    ),
    "ClippedGRU states": Case(_seeded(layers.ClippedGRU, **GRU, return_state=True), X),
    "ClippedGRU by Keras": Case(_seeded(layers.ClippedGRU, **GRU, route="keras", return_sequences=True), X),
    "AboutMean": Case(_unseeded(layers.AboutMean), {**X, "mean": (B, N)}),
    "BatchToFrames": Case(_unseeded(layers.BatchToFrames), {"images": (B * T, 2, 3, 2), **X}),
    "BySequence": Case(_unseeded(layers.BySequence, length=3), {"values": (B * 3, 5), **X}),
    "CutSegments": Case(_unseeded(layers.CutSegments, length=3), X),
    "FoldSegments": Case(_unseeded(layers.FoldSegments), {"codes": (B, T, 5)}),
    "FramesToBatch": Case(_unseeded(layers.FramesToBatch, image_shape=[1, 2, 2]), X),
    "JoinSegments": Case(_unseeded(layers.JoinSegments, length=3), {"segments": (B * 3, 3, 5), **X}),
    "SegmentSteps": Case(_unseeded(layers.SegmentSteps, length=3), X),
    "SegmentSteps masked": Case(_unseeded(layers.SegmentSteps, length=3), {**X, "steps": (B, T)}),
    "SequenceMeans": Case(
        _seeded(layers.SequenceMeans, dim=3, rows=2), {"loc": (B, 4, 3), "mask": (B, 4), "sequence": (B,)}, _trained
    ),
    "Beside": Case(_unseeded(layers.Beside), {**X, "ext_input": (B, T, 2)}),
    "Bidirectional": Case(_bidirectional, X),
    "ClippedGRUCell": Case(
        _seeded(layers.ClippedGRUCell, units=3, clip_value=None), {"x": (B, N), "state": (B, 3)}, _one_step
    ),
    "ComplexCell": Case(
        _seeded(layers.ComplexCell, units_gen=6, units_con=5, factors_dim=3, co_dim=2, ext_input_dim=2),
        {"x": (B, 6), "gen": (B, 6), "con": (B, 5), "factors": (B, 3)},
        _one_step,
        random=True,
    ),
    "ComplexRNN": Case(_complex_rnn(co_dim=2), CODES, _trained, random=True),
    "ComplexRNN external": Case(
        _complex_rnn(co_dim=2, ext_input_dim=2, dropout_placement="indl", learn_initial_state=False),
        {**CODES, "ext_input": (B, T, 2)},
        _trained,
        random=True,
    ),
    "ComplexRNN by Keras": Case(_complex_rnn(co_dim=2, route="keras"), CODES, _trained, random=True),
    "ComplexRNN autonomous": Case(
        _complex_rnn(co_dim=0, unit_norm_factors=False), {"code": (B, T, 0), "gen_init": (B, 6)}, _trained, random=True
    ),
    "ComplexRNN scaled": Case(
        _complex_rnn(co_dim=2, con_scale=2.0, gen_input_scale=3.0, gen_recurrent_scale=0.5, dropout_placement="lite"),
        CODES,
        _trained,
        random=True,
    ),
    "ComplexRNN rates": Case(_rates_fed("fused"), CODES, _trained, random=True),
    "ComplexRNN rates by Keras": Case(_rates_fed("keras"), CODES, _trained, random=True),
    "CoordinatedDropout": Case(_seeded(layers.CoordinatedDropout, rate=0.4), X, _trained, random=True),
    "CountedBins": Case(_unseeded(layers.CountedBins), {"ext_input": (B, T, 2), "steps": (B, T)}),
    "Dropout": Case(_seeded(layers.Dropout, rate=0.4), X, _trained, random=True),
    "EmptyCodes": Case(_unseeded(layers.EmptyCodes, extra_bins=2), X),
    "EncoderView": Case(_unseeded(layers.EncoderView), X),
    "EncoderView all": Case(
        _unseeded(layers.EncoderView, **SEEN, heldout_bins=2), {**X, "observed": (B, T), "visible": (B, T, N)}
    ),
    "GradientGate": Case(_seeded(layers.GradientGate, pass_rate=0.4), {"seen": (B, T, N)}, _trained, random=True),
    "LearnedState": Case(_unseeded(layers.LearnedState, units=3), X),
    "LogVariance": Case(_unseeded(layers.LogVariance), {"scale": (B, 3)}),
    "LogVariance triangular": Case(_unseeded(layers.LogVariance), {"scale": (B, 3, 3)}),
    "MeanCorrelation": Case(_unseeded(layers.MeanCorrelation), {"means": (B, T, 3), "steps": (B, T)}),
    "RateReadout": Case(_rate_readout, X),
    "ScaledReadout": Case(_scaled_readout, X),
    "SessionChannels": Case(
        _unseeded(layers.SessionChannels, n_channels=N, seen=[[0, 2], [1]]), {**X, "session": (B,)}
    ),
    "SessionReadIn": Case(_seeded(layers.SessionReadIn, channels=[2, N], units=3), {**X, "session": (B,)}),
    "SessionReadIn alone": Case(_seeded(layers.SessionReadIn, channels=[N], units=3), X),
    "SessionReadOut": Case(
        _seeded(layers.SessionReadOut, channels=[2, 5], per_channel=2), {"factors": (B, T, 3), "session": (B,)}
    ),
    "SliceBins": Case(_unseeded(layers.SliceBins, bins=3), {"steps": (B, T)}),
    "SpikeJitter": Case(_seeded(layers.SpikeJitter, width=2), {"counts": (B, T, N), "mask": (B, T, N)}, _trained, True),
    "StandardDeviation": Case(_unseeded(layers.StandardDeviation), X),
    "StepMask": Case(_unseeded(layers.StepMask), {"observed": (B, T, N)}),
    "StepMask of bins": Case(_unseeded(layers.StepMask, heldout_bins=2), {"observed": (B, T)}),
    "TemporalShift": Case(_seeded(layers.TemporalShift), {**X, "mask": (B, T, N)}, _shifted, random=True),
    "TileOverTime": Case(_unseeded(layers.TileOverTime), {"static": (B, 3), **X}),
    "TimeLag": Case(_unseeded(layers.TimeLag, lag=2, extra_bins=1), X),
    "TimeLag sum": Case(_unseeded(layers.TimeLag, lag=1, merge="sum"), {**X, "steps": (B, T)}),
    "TimeLag one way": Case(_unseeded(layers.TimeLag, lag=1, bidirectional=False), X),
    "VisibleMask": Case(_unseeded(layers.VisibleMask, n_channels=N), {"seen": (B, T, N)}),
    "VisibleMask all": Case(
        _unseeded(layers.VisibleMask, n_channels=6, **SEEN, head_bins=2, heldout_bins=1), {"seen": (B, T, 3)}
    ),
    "AlmostLinearStep": Case(_float32(layers.AlmostLinearStep, dim=3, input_dim=2), Z),
    "ClippedDendriticStep": Case(_float32(layers.ClippedDendriticStep, dim=3, input_dim=2, n_bases=5), Z),
    "ClippedDendriticStep as published": Case(
        _float32(layers.ClippedDendriticStep, dim=3, input_dim=2, width=5.0, slope=0.18, mean_centering=True), Z
    ),
    "ClippedShallowStep": Case(_float32(layers.ClippedShallowStep, dim=3, input_dim=2, n_hidden=5), Z),
    "DiscreteTransition": Case(_float32(layers.DiscreteTransition, n_states=3, dim=4, input_dim=2, units=5), LATENTS),
    "NoiseScale": Case(_unseeded32(layers.NoiseScale, dim=4), {"x": (B, T, 4)}),
    "NoiseScale full": Case(_unseeded32(layers.NoiseScale, dim=4, triangular=True), {"x": (B, T, 4)}),
    "PairNetworks": Case(
        _seeded(
            layers.PairNetworks,
            n_targets=3,
            n_sources=3,
            in_dim=2,
            out_dim=3,
            units=[5],
            activations=["tanh", None],
            n_states=2,
            state_as_input=True,
            context_dim=2,
            cross="linear",
        ),
        {"sources": (B, 3, 2), "context": (B, 3, 2)},
    ),
    "PathKL": Case(
        _switching(_unseeded_kind(layers.PathKL)),
        {"x": (B, T, 4), **POSTERIOR, "ext_input": (B, T, 2), "steps": (B, T)},
        _path_cost,
    ),
    "Positions": Case(_unseeded(layers.Positions), X),
    "PotentialsPosterior": Case(
        _switching(layers.PotentialsPosterior, noise=1.0),
        {"loc": (B, T, 4), "scale": (B, T, 4), "ext_input": (B, T, 2), "steps": (B, T)},
        _trained,
        random=True,
    ),
    "RegionDynamics": Case(_float32(layers.RegionDynamics, n_regions=2, dim=2, n_states=3, input_dim=2), LATENTS),
    "RegionDynamics conditional": Case(
        _float32(
            layers.RegionDynamics,
            n_regions=2,
            dim=2,
            n_states=3,
            input_dim=2,
            communication="conditional",
            state_as_input=True,
            input_networks="together",
            input_units=[5],
            input_activations=["tanh", None],
            conditional_inputs=True,
            residual=True,
        ),
        LATENTS,
    ),
    "RegionDynamics corrected": Case(
        _float32(layers.RegionDynamics, n_regions=2, dim=2, correction_dim=2, communication="additive-nonlinear"),
        {"x": (B, T, 4), "loc": (B, T, 4)},
        lambda layer, *, training=False, x, loc: layer(x, None, loc),
    ),
    "RolledPosterior": Case(
        _switching(layers.RolledPosterior, dropout=0.3), {**POSTERIOR, "ext_input": (B, T, 2)}, _rolled, random=True
    ),
    "RolledPosterior given": Case(
        _switching(layers.RolledPosterior, triangular=True, correction_dim=2),
        {"loc": (B, T, 4), "scale": (B, T, 4), "ext_input": (B, T, 2), "steps": (B, T), "state_logits": (B, T, 2)},
        _rolled,
        random=True,
    ),
    "RolledPosterior alone": Case(
        _switching(layers.RolledPosterior, n_states=1, input_dim=0), POSTERIOR, _rolled, random=True
    ),
    "SwitchingDynamics": Case(_switching(), LATENTS),
    "SwitchingStart": Case(_float32(layers.SwitchingStart, n_states=3, dim=4), {"x": (B, 4)}),
    "TransformerBlock": Case(
        _seeded(layers.TransformerBlock, n_heads=2, head_size=3, units=5, dropout=0.3),
        {"x": (B, T, N), "steps": (B, T)},
        _trained,
        random=True,
    ),
    "DendriticStep": Case(_float32(layers.DendriticStep, dim=3, input_dim=2, start="teacher_forcing"), Z),
    "PlainStep": Case(_float32(layers.PlainStep, dim=3, input_dim=2, clip_range=2.0), Z),
    "ShallowStep": Case(_float32(layers.ShallowStep, dim=3, input_dim=2, n_hidden=5, start="teacher_forcing"), Z),
    "CompleteState": Case(_float32(layers.CompleteState, dim=6), {"x": (B, N)}),
    "FirstStates": Case(_unseeded(layers.FirstStates, n_channels=2), X),
    "ForcedRollout": Case(
        _of_step(layers.ForcedRollout, input_dim=2, n_forced=2, interval=3),
        {"start": (B, 3), "target": (B, T, 2), "mask": (B, T, 2), "ext_input": (B, T, 2)},
        _forced,
    ),
    "ForcedRollout shallow": Case(
        _of_step(layers.ForcedRollout, layers.ShallowStep, weight=0.3), {"start": (B, 3), "target": (B, T, 3)}
    ),
    "ForcingTargets": Case(
        _float32(layers.ForcingTargets, noise=0.1),
        {"x": (B, T, N), "seen": (B, T, N), "observed": (B, T), "visible": (B, T, N)},
        _trained,
        random=True,
    ),
    "InverseReadout": Case(_inverse, {"target": (B, T, N), "mask": (B, T, N)}),
    "LogStdSum": Case(
        _unseeded(layers.LogStdSum),
        {"steps": (B, T), "scale": (B, T, 3)},
        lambda layer, *, training=False, steps, scale: layer(scale, steps),
    ),
    "ManifoldAttractor": Case(
        _of_step(layers.ManifoldAttractor, layers.PlainStep, ratios=[0.4, 0.3], strengths=[1.0, 0.5]), X
    ),
    "NeighbourSmoothing": Case(_unseeded(layers.NeighbourSmoothing), {**X, "steps": (B, T)}),
    "PathDistance": Case(
        _unseeded(layers.PathDistance), {"encoded": (B, T, 2), "generated": (B, T, 3), "steps": (B, T)}
    ),
    "RollForward": Case(_of_step(layers.RollForward, n_bins=2), {"z": (B, T, 3)}),
    "GaussianPosterior": Case(
        _seeded(GaussianPosterior, dim=3, off_diag=True), {"loc": (B, T, 3), "raw": (B, T, 6)}, _heads, random=True
    ),
}


def draw_inputs(case: str, n_bins: int = T) -> dict[str, np.ndarray]:
    """Returns arrays for a case: real numbers, 0 and 1 for masks, booleans for what was seen."""
    rng = np.random.default_rng(1)
    arrays = {}
    for name, shape in CASES[case].shapes.items():
        shape = tuple(n_bins if size == T else size for size in shape)
        values = rng.random(shape) < 0.6 if name in BINARY else rng.normal(size=shape)
        values = np.round(4 * np.abs(values)) if name == "counts" else values
        arrays[name] = values if name == "seen" else values.astype("float32")
    if "scale" in arrays:
        arrays["scale"] = np.abs(arrays["scale"]) + 0.1
    return arrays


def symbols(case: str) -> dict[str, Any]:
    """Returns Keras inputs for a case, with open numbers of trials and bins."""
    return {
        name: keras.Input(
            tuple(None if size == T else size for size in shape[1:]),
            name=name,
            dtype="bool" if name == "seen" else None,
        )
        for name, shape in CASES[case].shapes.items()
    }
