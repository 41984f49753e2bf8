"""A recurrence whose inner values are computed again in the backward pass instead of being kept."""

from __future__ import annotations

from collections.abc import Callable

import tensorflow as tf

from indl_vae.inference import loops

Tensors = tuple[tf.Tensor, ...]
Recurrence = Callable[[Tensors, Tensors, Tensors], tuple[Tensors, Tensors]]


def in_segments(
    recurrence: Recurrence, sequences: Tensors, states: Tensors, weights: Tensors, bins: int, n_outputs: int
) -> tuple[Tensors, Tensors]:
    """Runs a recurrence segment by segment; the backward pass runs each segment again before it differentiates it.

    Kept are inputs, outputs and the states between segments: of what else a recurrence needs for its backward pass,
    one segment at a time (Chen et al. 2016, "Training deep nets with sublinear memory cost"). The price is a second
    forward pass.

    Args:
        recurrence: Takes sequences `(L, B, ...)`, states `(B, ...)` and weights; returns outputs `(L, B, ...)` and the
            states at the end. All that is differentiable must be an argument.
        sequences: `(T, B, ...)` each.
        states: Those before the first bin.
        weights: Tensors of any shape.
        bins: Length L of a segment, 0 for one that holds everything. A shorter rest at the end is run as it is; so is
            all, where T is unknown or no longer than a segment.
        n_outputs: Number of outputs.
    """
    length = sequences[0].shape[0]
    if not bins or length is None or length <= bins:
        return recurrence(sequences, states, weights)
    whole = length // bins * bins
    cut = tuple(tf.reshape(s[:whole], (-1, bins, *_sizes(s)[1:])) for s in sequences)
    outputs, states = _recomputed(recurrence, cut, states, weights, n_outputs)
    outputs = tuple(tf.reshape(o, (whole, *_sizes(o)[2:])) for o in outputs)
    if whole == length:
        return outputs, states
    rest, states = recurrence(tuple(s[whole:] for s in sequences), states, weights)
    return tuple(tf.concat(parts, 0) for parts in zip(outputs, rest, strict=True)), states


def _recomputed(recurrence, sequences, states, weights, n_outputs):
    """The segments as a loop `(S, L, B, ...)` with its own backward pass."""
    ends = (len(sequences), len(sequences) + len(states))
    n_segments = sequences[0].shape[0]

    def split(flat):
        return tuple(flat[: ends[0]]), tuple(flat[ends[0] : ends[1]]), tuple(flat[ends[1] :])

    @tf.custom_gradient
    def run(*flat):
        given, first, weights = split(flat)

        def body(i, carried):
            outputs, after = recurrence(tuple(s[i] for s in given), carried, weights)
            return after, (*outputs, *carried)

        stacked = loops.scan(body, first, n_segments, n_outputs + len(first))
        outputs, before, last = split_stacked(stacked)

        def gradient(*d_flat):
            def back(i, carried):
                arguments = (*(s[i] for s in given), *(b[i] for b in before), *weights)
                with tf.GradientTape() as tape:
                    tape.watch(arguments)
                    again, after = recurrence(*split(arguments))
                upstream = (*(d[i] for d in d_flat[:n_outputs]), *carried[: len(first)])
                d_given, d_before, d_weights = split(
                    tape.gradient((*again, *after), arguments, upstream, unconnected_gradients="zero")
                )
                summed = (a + b for a, b in zip(carried[len(first) :], d_weights, strict=True))
                return (*d_before, *summed), d_given

            start = (*d_flat[n_outputs:], *(tf.zeros_like(w) for w in weights))
            return loops.scan(back, start, n_segments, len(given), reverse=True)

        return (*outputs, *last), gradient

    def split_stacked(stacked):
        kept = n_outputs + len(states)
        return stacked[:n_outputs], stacked[n_outputs:kept], stacked[kept:]

    results = run(*(tf.convert_to_tensor(a) for a in (*sequences, *states, *weights)))
    return results[:n_outputs], results[n_outputs:]


def _sizes(tensor: tf.Tensor) -> tuple:
    """Returns the sizes of a tensor, Python integers where they are known."""
    dynamic = tf.shape(tensor)
    return tuple(dynamic[axis] if size is None else size for axis, size in enumerate(tensor.shape))
