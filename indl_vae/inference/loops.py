"""Small helpers of the time loops: stacked outputs, shifted sequences, products over all steps at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

from indl_vae.inference.compilation import is_compiled

#: Largest number of inputs for which a sum of products is faster than a matrix product.
_THIN = 4

Tensor = tf.Tensor
Body = Callable[[Tensor, tuple[Tensor, ...]], tuple[tuple[Tensor, ...], tuple[Tensor, ...]]]


def n_steps(sequence: Tensor | Unstacked) -> int | Tensor:
    """Returns the length of the first axis: a Python int where it is static, so that XLA sees the trip count."""
    if isinstance(sequence, Unstacked):
        return sequence.length
    return sequence.shape[0] if sequence.shape[0] is not None else tf.shape(sequence)[0]


def scan(
    body: Body, states: Sequence[Tensor], length: int | Tensor, n_outputs: int, reverse: bool = False
) -> tuple[Tensor, ...]:
    """Runs `states, outputs = body(t, states)` over time and stacks the outputs.

    `tf.while_loop` with TensorArrays is the one loop that both XLA and the plain executor run well; AutoGraph and
    `tf.scan` add copies of every state.

    Args:
        body: Takes the step and the states; returns the new states and `n_outputs` tensors.
        states: Tensors carried from step to step.
        length: Number of steps.
        n_outputs: Number of stacked outputs.
        reverse: Whether time runs backwards; outputs stay in their own places.

    Returns:
        The stacked outputs, `(T, ...)` each, followed by the final states.
    """
    dtype = states[0].dtype
    arrays = tuple(tf.TensorArray(dtype, length, clear_after_read=False) for _ in range(n_outputs))

    def step(i: Tensor, carried: tuple[Tensor, ...], arrays: tuple[tf.TensorArray, ...]):
        t = length - 1 - i if reverse else i
        carried, outputs = body(t, carried)
        return i + 1, tuple(carried), tuple(a.write(t, o) for a, o in zip(arrays, outputs, strict=True))

    _, final, arrays = tf.while_loop(
        lambda i, *_: i < length, step, (tf.constant(0), tuple(states), arrays), maximum_iterations=length
    )
    return (*(a.stack() for a in arrays), *final)


class Unstacked:
    """A sequence `(T, ...)` as a list of steps, for loops that TensorFlow differentiates.

    The gradient of `sequence[t]` is as large as the whole sequence, at every step; that of a list's element is not.
    """

    def __init__(self, sequence: Tensor) -> None:
        self.length = n_steps(sequence)
        self._steps = tf.TensorArray(sequence.dtype, self.length, clear_after_read=False).unstack(sequence)

    def __getitem__(self, t: Tensor) -> Tensor:
        return self._steps.read(t)


def per_step(function: Callable[..., Any], *sequences: Any) -> Callable[[Tensor], Any]:
    """Returns `t -> function(the sequences at step t)`, for an elementwise function that gives a named tuple.

    Where a compiler works on the loop, the function is called within it and fused with what follows, which spares
    arrays over all of time. Elsewhere it is called once, for all steps.

    Args:
        function: Takes and returns named tuples or tensors, elementwise over a leading time axis or without one.
        sequences: `(T, ...)` each: tensors, named tuples of tensors, or None.
    """
    if is_compiled():
        return lambda t: function(*(at(t, sequence) for sequence in sequences))
    whole = function(*sequences)
    return lambda t: at(t, whole)


def at(t: Tensor, sequence: Any) -> Any:
    """Returns a tensor, or a named tuple of tensors, at step `t`; None where there is none."""
    if sequence is None:
        return None
    return sequence[t] if tf.is_tensor(sequence) else type(sequence)(*(at(t, part) for part in sequence))


def shifted(sequence: Tensor, first: Tensor) -> Tensor:
    """Returns the sequence one step late, `first` in front: the value before each step."""
    return tf.concat([first[None], sequence[:-1]], 0)


def outer(left: Tensor, right: Tensor) -> Tensor:
    """Returns the sum over time and batch of left times right, `(P, Q)` from `(T, B, P)` and `(T, B, Q)`.

    One large product.
    """
    flat = lambda a: tf.reshape(a, (-1, a.shape[-1]))  # noqa: E731
    return tf.matmul(flat(left), flat(right), transpose_a=True)


def product(inputs: Tensor, kernel: Tensor) -> Tensor:
    """Returns `inputs @ kernel` for all leading axes in one product, `(..., Q)` from `(..., P)`; zeros when P is 0."""
    if kernel.shape[0] == 0:  # TensorFlow cannot multiply by a matrix of no rows
        return tf.zeros((*tf.unstack(tf.shape(inputs)[:-1]), kernel.shape[1]), kernel.dtype)
    if len(inputs.shape) == 2:
        return tf.matmul(inputs, kernel)
    flat = tf.matmul(tf.reshape(inputs, (-1, kernel.shape[0])), kernel)
    lead = tf.shape(inputs)[:-1]
    return tf.ensure_shape(
        tf.reshape(flat, tf.concat([lead, [kernel.shape[1]]], 0)), (*inputs.shape[:-1], kernel.shape[1])
    )


def thin_product(inputs: Tensor, kernel: Tensor) -> Tensor:
    """Returns `inputs @ kernel`, `(B, Q)` from `(B, P)`; for few inputs a sum that compilers fuse with its neighbours.

    A matrix product has a fixed cost, which is most of it when P is 1 or 2 (inferred inputs, say).
    """
    if kernel.shape[0] > _THIN:
        return tf.matmul(inputs, kernel)
    return tf.add_n([inputs[:, p : p + 1] * kernel[p] for p in range(kernel.shape[0])])


def time_major(sequence: Tensor) -> Tensor:
    """Swaps the first two axes: `(B, T, ...)` to `(T, B, ...)` or back."""
    return tf.transpose(sequence, (1, 0, *range(2, len(sequence.shape))))
