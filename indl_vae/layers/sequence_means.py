"""What is the same in all segments of a sequence: a table of means (Hsu, Zhang & Glass 2017)."""

from __future__ import annotations

import math
from typing import NamedTuple

import keras
from keras import ops

from indl_vae.errors import ConfigError


class SequenceMeansOutput(NamedTuple):
    """What `SequenceMeans` returns.

    Attributes:
        mean: `(B, D)`: row of the table, or the estimate from the trial's own segments where the sequence has no row.
        mean_nlp: `(B,)` nats: -log p(mean), a trial's share: divided by the segments of the sequence, times its own.
        discriminative: `(B,)` nats, summed over segments: -log q(sequence | f); 0 outside of training and without row.
    """

    mean: keras.KerasTensor
    mean_nlp: keras.KerasTensor
    discriminative: keras.KerasTensor


@keras.saving.register_keras_serializable(package="indl_vae")
class SequenceMeans(keras.layers.Layer):
    """Holds the means mu of sequences: `mu ~ N(0, mean_std^2 I)`, `f | mu ~ N(mu, given_std^2 I)` in every segment.

    A sequence without a row gets the most probable mean, `sum of q's means / (n + given_std^2 / mean_std^2)` of its n
    segments. The discriminative term is the softmax cross-entropy of the row, with logits `-|q's mean - mu_j|^2 /
    (2 given_std^2)` over all rows j (FHVAE: Hsu, Zhang & Glass 2017, eq. 8; Hsu & Glass 2018).

    Args:
        dim: Size D of f.
        rows: Rows K of the table.
        mean_std: Deviation of the means.
        given_std: Deviation of f around its mean.
        seed: Of the table's first values, N(0, 1).

    Call arguments:
        loc: `(B, S, D)`: means of q(f) of each segment.
        counted: `(B, S)`, 1 where there is a segment.
        sequence: `(B,)`: number of each trial's sequence; None, or a number that no row is for, has none.

    Attributes:
        table: Weight `(K, D)`.
        members: Weight `(K,)`, not trained: number of the sequence that each row is for; 0, 1, ... at the start.
        sizes: Weight `(K,)`, not trained: segments of each row's sequence in a pass.

    Raises:
        ConfigError: A size or deviation is out of range.
    """

    def __init__(
        self,
        dim: int,
        rows: int,
        mean_std: float = 1.0,
        given_std: float = 0.5,
        seed: int | None = None,
        **kwargs,
    ) -> None:
        # whatever the policy: in half precision log-densities lose their digits, and sequences their numbers
        super().__init__(**{**kwargs, "dtype": "float32"})
        if int(dim) < 1 or int(rows) < 1:
            raise ConfigError(f"SequenceMeans: expected dim and rows of at least 1, got {dim} and {rows}.")
        if not (mean_std > 0 and given_std > 0):
            raise ConfigError(f"SequenceMeans: expected deviations above 0, got {mean_std} and {given_std}.")
        self.dim, self.rows, self.seed = int(dim), int(rows), seed
        self.mean_std, self.given_std = float(mean_std), float(given_std)
        start = keras.initializers.RandomNormal(stddev=1.0, seed=seed)
        self.table = self.add_weight(shape=(self.rows, self.dim), initializer=start, name="table")
        self.members = self.add_weight(shape=(self.rows,), initializer="zeros", trainable=False, name="members")
        self.members.assign(ops.arange(self.rows, dtype="float32"))
        self.sizes = self.add_weight(shape=(self.rows,), initializer="ones", trainable=False, name="sizes")
        self.built = True

    def call(self, loc, counted, sequence=None, training=False):
        own = ops.sum(counted, axis=1)
        row = ops.full_like(own, -1.0) if sequence is None else sequence
        matches = ops.abs(row[:, None] - ops.convert_to_tensor(self.members)) < 0.5  # whole numbers, held as floats
        known, place = ops.any(matches, axis=1), ops.argmax(matches, axis=1)
        mean = ops.where(known[:, None], ops.take(self.table, place, axis=0), self.estimate(loc, counted))
        of_sequence = ops.where(known, ops.take(self.sizes, place), own)
        nlp = self._mean_nlp(mean) * own / ops.maximum(of_sequence, 1.0)
        if not training:
            return SequenceMeansOutput(mean, nlp, ops.zeros_like(own))
        told = ops.where(known[:, None], self._cross_entropy(loc, place) * counted, 0.0)
        return SequenceMeansOutput(mean, nlp, ops.sum(told, axis=1))

    def estimate(self, loc, counted):
        """Returns the most probable mean `(B, D)` given the segments' f, `(B, S, D)`, that count, `(B, S)`."""
        total, count = ops.sum(loc * counted[..., None], axis=1), ops.sum(counted, axis=1)
        return total / (count + (self.given_std / self.mean_std) ** 2)[:, None]

    def _mean_nlp(self, mean):
        scaled = 0.5 * ops.sum(ops.square(mean / self.mean_std), axis=-1)
        return scaled + self.dim * (math.log(self.mean_std) + 0.5 * math.log(2.0 * math.pi))

    def _cross_entropy(self, loc, row):
        """Returns `(B, S)`; |f|^2 is the same for all rows and left out of the logits."""
        table = ops.convert_to_tensor(self.table)
        logits = ops.matmul(loc, ops.transpose(table)) - 0.5 * ops.sum(ops.square(table), axis=-1)
        logits = logits / self.given_std**2
        right = ops.take_along_axis(logits, ops.broadcast_to(row[:, None, None], (*ops.shape(logits)[:2], 1)), axis=-1)
        return ops.logsumexp(logits, axis=-1) - right[..., 0]

    def compute_output_spec(self, loc, counted, sequence=None, training=False):
        per_trial = [keras.KerasTensor((loc.shape[0],), dtype="float32") for _ in range(2)]
        return SequenceMeansOutput(keras.KerasTensor((loc.shape[0], self.dim), dtype="float32"), *per_trial)

    def get_config(self) -> dict:
        names = ("dim", "rows", "mean_std", "given_std", "seed")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}


@keras.saving.register_keras_serializable(package="indl_vae")
class AboutMean(keras.layers.Layer):
    """Returns segments' vectors `(B, S, D)` less the mean of their sequence `(B, D)`.

    A divergence between two normals does not change when both are moved: that from N(mean, s^2) is that of what is left
    from N(0, s^2).
    """

    def __init__(self, **kwargs) -> None:
        super().__init__(**{**kwargs, "dtype": "float32"})  # whatever the policy: small differences of large numbers

    def call(self, values, mean):
        return values - mean[:, None]
