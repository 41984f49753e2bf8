"""Every layer of the room with the options that change its path; the contract tests run over all of them."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from indl_vae import layers
from indl_vae.distributions import GaussianPosterior
from tests.layers.case import BINARY, B, Case, N, T, float32, seeded, trained, unseeded, unseeded32
from tests.layers.neuron_cases import NEURON_CASES
from tests.layers.region_cases import REGION_CASES


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


X = {"x": (B, T, N)}
Z = {"z": (B, T, 3), "ext_input": (B, T, 2)}
CODES = {"code": (B, T, N), "gen_init": (B, 6)}
GRU = {"units": 3, "clip_value": 0.5, "learn_initial_state": True}
SEEN = {"seen_channels": [0, 2, 3]}

CASES: dict[str, Case] = {
    **NEURON_CASES,
    **REGION_CASES,
    "ChannelScale": Case(unseeded(layers.ChannelScale), X),
    "ClippedGRU": Case(seeded(layers.ClippedGRU, **GRU, return_sequences=True), X),
    "ClippedGRU last": Case(seeded(layers.ClippedGRU, units=3, gate_bias="forget", kernel_init="joint_normal"), X),
    "ClippedGRU scaled": Case(seeded(layers.ClippedGRU, units=3, gate_scale=2.0), X),
    "ClippedGRU masked": Case(
        seeded(layers.ClippedGRU, **GRU, return_sequences=True, go_backwards=True), {**X, "mask": (B, T)}, _masked
    ),
    "ClippedGRU states": Case(seeded(layers.ClippedGRU, **GRU, return_state=True), X),
    "ClippedGRU by Keras": Case(seeded(layers.ClippedGRU, **GRU, route="keras", return_sequences=True), X),
    "AboutMean": Case(unseeded(layers.AboutMean), {**X, "mean": (B, N)}),
    "BatchToFrames": Case(unseeded(layers.BatchToFrames), {"images": (B * T, 2, 3, 2), **X}),
    "BySequence": Case(unseeded(layers.BySequence, length=3), {"values": (B * 3, 5), **X}),
    "CutSegments": Case(unseeded(layers.CutSegments, length=3), X),
    "FoldSegments": Case(unseeded(layers.FoldSegments), {"codes": (B, T, 5)}),
    "FramesToBatch": Case(unseeded(layers.FramesToBatch, image_shape=[1, 2, 2]), X),
    "JoinSegments": Case(unseeded(layers.JoinSegments, length=3), {"segments": (B * 3, 3, 5), **X}),
    "SegmentSteps": Case(unseeded(layers.SegmentSteps, length=3), X),
    "SegmentSteps masked": Case(unseeded(layers.SegmentSteps, length=3), {**X, "steps": (B, T)}),
    "SequenceMeans": Case(
        seeded(layers.SequenceMeans, dim=3, rows=2), {"loc": (B, 4, 3), "mask": (B, 4), "sequence": (B,)}, trained
    ),
    "Beside": Case(unseeded(layers.Beside), {**X, "ext_input": (B, T, 2)}),
    "Bidirectional": Case(_bidirectional, X),
    "ClippedGRUCell": Case(
        seeded(layers.ClippedGRUCell, units=3, clip_value=None), {"x": (B, N), "state": (B, 3)}, _one_step
    ),
    "ComplexCell": Case(
        seeded(layers.ComplexCell, units_gen=6, units_con=5, factors_dim=3, co_dim=2, ext_input_dim=2),
        {"x": (B, 6), "gen": (B, 6), "con": (B, 5), "factors": (B, 3)},
        _one_step,
        random=True,
    ),
    "ComplexRNN": Case(_complex_rnn(co_dim=2), CODES, trained, random=True),
    "ComplexRNN external": Case(
        _complex_rnn(co_dim=2, ext_input_dim=2, dropout_placement="indl", learn_initial_state=False),
        {**CODES, "ext_input": (B, T, 2)},
        trained,
        random=True,
    ),
    "ComplexRNN by Keras": Case(_complex_rnn(co_dim=2, route="keras"), CODES, trained, random=True),
    "ComplexRNN autonomous": Case(
        _complex_rnn(co_dim=0, unit_norm_factors=False), {"code": (B, T, 0), "gen_init": (B, 6)}, trained, random=True
    ),
    "ComplexRNN scaled": Case(
        _complex_rnn(co_dim=2, con_scale=2.0, gen_input_scale=3.0, gen_recurrent_scale=0.5, dropout_placement="lite"),
        CODES,
        trained,
        random=True,
    ),
    "ComplexRNN rates": Case(_rates_fed("fused"), CODES, trained, random=True),
    "ComplexRNN rates by Keras": Case(_rates_fed("keras"), CODES, trained, random=True),
    "ChannelDropout": Case(seeded(layers.ChannelDropout, rate=0.4, trials=0.5), X, trained, random=True),
    "CoordinatedDropout": Case(seeded(layers.CoordinatedDropout, rate=0.4), X, trained, random=True),
    "CountedBins": Case(unseeded(layers.CountedBins), {"ext_input": (B, T, 2), "steps": (B, T)}),
    "HeardBins": Case(float32(layers.HeardBins, rate=0.4, window=2, unheard=1), X, trained, random=True),
    "PathRoughness": Case(unseeded32(layers.PathRoughness), {"x": (B, T, N), "steps": (B, T)}),
    "TrainedConstant": Case(unseeded(layers.TrainedConstant, units=3), X),
    "Dropout": Case(seeded(layers.Dropout, rate=0.4), X, trained, random=True),
    "EmptyCodes": Case(unseeded(layers.EmptyCodes, extra_bins=2), X),
    "EncoderView": Case(unseeded(layers.EncoderView), X),
    "EncoderView all": Case(
        unseeded(layers.EncoderView, **SEEN, heldout_bins=2), {**X, "observed": (B, T), "visible": (B, T, N)}
    ),
    "GradientGate": Case(seeded(layers.GradientGate, pass_rate=0.4), {"seen": (B, T, N)}, trained, random=True),
    "LearnedState": Case(unseeded(layers.LearnedState, units=3), X),
    "LogVariance": Case(unseeded(layers.LogVariance), {"scale": (B, 3)}),
    "LogVariance triangular": Case(unseeded(layers.LogVariance), {"scale": (B, 3, 3)}),
    "MeanCorrelation": Case(unseeded(layers.MeanCorrelation), {"means": (B, T, 3), "steps": (B, T)}),
    "RateReadout": Case(_rate_readout, X),
    "ScaledReadout": Case(_scaled_readout, X),
    "SessionChannels": Case(unseeded(layers.SessionChannels, n_channels=N, seen=[[0, 2], [1]]), {**X, "session": (B,)}),
    "SessionReadIn": Case(seeded(layers.SessionReadIn, channels=[2, N], units=3), {**X, "session": (B,)}),
    "SessionReadIn alone": Case(seeded(layers.SessionReadIn, channels=[N], units=3), X),
    "SessionReadOut": Case(
        seeded(layers.SessionReadOut, channels=[2, 5], per_channel=2), {"factors": (B, T, 3), "session": (B,)}
    ),
    "SliceBins": Case(unseeded(layers.SliceBins, bins=3), {"steps": (B, T)}),
    "SpikeJitter": Case(seeded(layers.SpikeJitter, width=2), {"counts": (B, T, N), "mask": (B, T, N)}, trained, True),
    "StandardDeviation": Case(unseeded(layers.StandardDeviation), X),
    "StepMask": Case(unseeded(layers.StepMask), {"observed": (B, T, N)}),
    "StepMask of bins": Case(unseeded(layers.StepMask, heldout_bins=2), {"observed": (B, T)}),
    "TemporalShift": Case(seeded(layers.TemporalShift), {**X, "mask": (B, T, N)}, _shifted, random=True),
    "TileOverTime": Case(unseeded(layers.TileOverTime), {"static": (B, 3), **X}),
    "TimeLag": Case(unseeded(layers.TimeLag, lag=2, extra_bins=1), X),
    "TimeLag sum": Case(unseeded(layers.TimeLag, lag=1, merge="sum"), {**X, "steps": (B, T)}),
    "TimeLag one way": Case(unseeded(layers.TimeLag, lag=1, bidirectional=False), X),
    "VisibleMask": Case(unseeded(layers.VisibleMask, n_channels=N), {"seen": (B, T, N)}),
    "VisibleMask all": Case(
        unseeded(layers.VisibleMask, n_channels=6, **SEEN, head_bins=2, heldout_bins=1), {"seen": (B, T, 3)}
    ),
    "AlmostLinearStep": Case(float32(layers.AlmostLinearStep, dim=3, input_dim=2), Z),
    "ClippedDendriticStep": Case(float32(layers.ClippedDendriticStep, dim=3, input_dim=2, n_bases=5), Z),
    "ClippedDendriticStep as published": Case(
        float32(layers.ClippedDendriticStep, dim=3, input_dim=2, width=5.0, slope=0.18, mean_centering=True), Z
    ),
    "ClippedShallowStep": Case(float32(layers.ClippedShallowStep, dim=3, input_dim=2, n_hidden=5), Z),
    "DendriticStep": Case(float32(layers.DendriticStep, dim=3, input_dim=2, start="teacher_forcing"), Z),
    "PlainStep": Case(float32(layers.PlainStep, dim=3, input_dim=2, clip_range=2.0), Z),
    "ShallowStep": Case(float32(layers.ShallowStep, dim=3, input_dim=2, n_hidden=5, start="teacher_forcing"), Z),
    "CompleteState": Case(float32(layers.CompleteState, dim=6), {"x": (B, N)}),
    "FirstStates": Case(unseeded(layers.FirstStates, n_channels=2), X),
    "ForcedRollout": Case(
        _of_step(layers.ForcedRollout, input_dim=2, n_forced=2, interval=3),
        {"start": (B, 3), "target": (B, T, 2), "mask": (B, T, 2), "ext_input": (B, T, 2)},
        _forced,
    ),
    "ForcedRollout shallow": Case(
        _of_step(layers.ForcedRollout, layers.ShallowStep, weight=0.3), {"start": (B, 3), "target": (B, T, 3)}
    ),
    "ForcingTargets": Case(
        float32(layers.ForcingTargets, noise=0.1),
        {"x": (B, T, N), "seen": (B, T, N), "observed": (B, T), "visible": (B, T, N)},
        trained,
        random=True,
    ),
    "InverseReadout": Case(_inverse, {"target": (B, T, N), "mask": (B, T, N)}),
    "LogStdSum": Case(
        unseeded(layers.LogStdSum),
        {"steps": (B, T), "scale": (B, T, 3)},
        lambda layer, *, training=False, steps, scale: layer(scale, steps),
    ),
    "ManifoldAttractor": Case(
        _of_step(layers.ManifoldAttractor, layers.PlainStep, ratios=[0.4, 0.3], strengths=[1.0, 0.5]), X
    ),
    "NeighbourSmoothing": Case(unseeded(layers.NeighbourSmoothing), {**X, "steps": (B, T)}),
    "PathDistance": Case(
        unseeded(layers.PathDistance), {"encoded": (B, T, 2), "generated": (B, T, 3), "steps": (B, T)}
    ),
    "RollForward": Case(_of_step(layers.RollForward, n_bins=2), {"z": (B, T, 3)}),
    "GaussianPosterior": Case(
        seeded(GaussianPosterior, dim=3, off_diag=True), {"loc": (B, T, 3), "raw": (B, T, 6)}, _heads, random=True
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
