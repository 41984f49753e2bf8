"""Trains the vanilla RNN behind the synthetic set `itb_rnn` and writes its weights.

    python examples/train_itb_rnn.py --out itb_rnn_weights.npz

The task is integration to a bound (Sussillo et al. 2016, arXiv:1608.06315): the input of each of 100 bins is normal
with mean 0 and standard deviation 0.25, the target is the running sum of the input, clipped to [-1, 1]. The file that
the library ships, indl_vae/data/synthetic/itb_rnn_weights.npz, was made by this command, in four minutes on a shared
core. A seed gives the same weights again on the same machine and library versions; elsewhere, rounding leads to others
that are about as good.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

N_UNITS, N_BINS, INPUT_STD = 50, 100, 0.25
BATCH_SIZE, STEPS_PER_ROUND = 256, 200
#: As wide as the published network was before training.
INITIAL_SCALE = 0.8 / np.sqrt(N_UNITS)


def draw_task(rng: np.random.RandomState, n_trials: int) -> tuple[np.ndarray, np.ndarray]:
    """Returns inputs and targets, `(n_trials, 100, 1)` float32 each."""
    inputs = rng.randn(n_trials, N_BINS) * INPUT_STD
    targets = np.clip(np.cumsum(inputs, axis=1), -1.0, 1.0)
    return inputs[:, :, None].astype(np.float32), targets[:, :, None].astype(np.float32)


def build(n_steps: int, learning_rate: float):
    """Returns the compiled network: h_t = tanh(h_{t-1} Wh + b + u_t Bu), z_t = h_t Wro + bro."""
    import keras

    def normal() -> keras.initializers.Initializer:
        return keras.initializers.RandomNormal(stddev=INITIAL_SCALE)

    recurrent = keras.layers.SimpleRNN(
        N_UNITS, return_sequences=True, kernel_initializer=normal(), recurrent_initializer=normal()
    )
    model = keras.Sequential([keras.Input((N_BINS, 1)), recurrent, keras.layers.Dense(1, kernel_initializer=normal())])
    schedule = keras.optimizers.schedules.CosineDecay(learning_rate, n_steps, alpha=1e-3)
    model.compile(optimizer=keras.optimizers.Adam(schedule, global_clipnorm=1.0), loss="mse")
    return model


def train(seed: int, n_rounds: int, learning_rate: float):
    """Returns the trained network; every round trains on trials that were not seen before."""
    import keras
    import tensorflow as tf

    keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()
    rng = np.random.RandomState(seed)
    model = build(n_rounds * STEPS_PER_ROUND, learning_rate)
    for number in range(n_rounds):
        inputs, targets = draw_task(rng, BATCH_SIZE * STEPS_PER_ROUND)
        history = model.fit(inputs, targets, batch_size=BATCH_SIZE, shuffle=False, verbose=0)
        print(f"round {number + 1} of {n_rounds}: mean squared error {history.history['loss'][0]:.6f}", flush=True)
    return model


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("itb_rnn_weights.npz"), help="File to write.")
    parser.add_argument("--seed", type=int, default=5, help="Seed of the first weights and of the trials.")
    parser.add_argument("--rounds", type=int, default=80, help=f"Rounds of {STEPS_PER_ROUND} steps.")
    parser.add_argument("--learning-rate", type=float, default=2e-3, help="First learning rate.")
    arguments = parser.parse_args()
    model = train(arguments.seed, arguments.rounds, arguments.learning_rate)
    inputs, targets = draw_task(np.random.RandomState(arguments.seed + 1_000_000), 4000)
    mse = float(np.mean((model.predict(inputs, verbose=0) - targets) ** 2))
    kernel, recurrent, bias, readout, readout_bias = model.get_weights()
    np.savez(
        arguments.out, Wh=recurrent, b=bias, Bu=kernel, Wro=readout, bro=readout_bias, mse=mse, seed=arguments.seed
    )
    print(f"Mean squared error on 4000 new trials {mse:.6f} (variance of the targets {targets.var():.4f})")
    print(f"Wrote {arguments.out}")


if __name__ == "__main__":
    main()
