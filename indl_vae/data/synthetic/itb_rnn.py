"""Spikes of a trained network that sums a noisy input up to a bound."""

from __future__ import annotations

import os

import numpy as np

from indl_vae.data.synthetic.chaotic_rnn import (
    DT,
    MAX_RATE_HZ,
    N_BINS,
    draw_spikes,
    normalise,
    session_arrays,
    split_fields,
)
from indl_vae.data.synthetic.registry import SYNTHETIC
from indl_vae.data.synthetic.synthetic_set import SyntheticSet
from indl_vae.data.synthetic.vanilla_rnn import load_vanilla_rnn, run_vanilla_rnn


@SYNTHETIC.register("itb_rnn")
def itb_rnn(
    seed: int = 5,
    n_conditions: int = 800,
    n_replications: int = 5,
    u_std: float = 0.25,
    weights: str | os.PathLike[str] | None = None,
) -> SyntheticSet:
    """Makes spikes of a network trained on integration to a bound, seen through a random projection.

    The task: the input of each bin is normal, the output the running sum of the input, clipped to [-1, 1] (the sum
    itself goes on beyond the bound). Source: Sussillo et al. (2016), arXiv:1608.06315. The network is our
    own, trained by examples/train_itb_rnn.py; its weights decide the data as much as the seed does.

    Args:
        seed: Seed of projection and spikes; seed + 1 is that of the inputs.
        n_conditions: Different inputs.
        n_replications: Trials of each input.
        u_std: Standard deviation of the input in each bin.
        weights: An npz file with another network's weights, see `load_vanilla_rnn`.

    Returns:
        Counts and truth; `*_latent` is the network's state, `*_input_truth` (also `*_inputs_u`) its input,
        `*_outputs_u` its output, `P_sxn` the projection. Truth / conversion_factor is in expected counts per bin, as
        in the other sets; the published files hold the inverse factor.

    Raises:
        ConfigError: Fewer than two replications.
        DataError: The weights cannot be read.
    """
    rnn = load_vanilla_rnn(weights)
    rng = np.random.RandomState(seed)
    n_units = len(rnn.bias)
    projection = rng.randn(n_units, n_units) / np.sqrt(n_units)
    inputs = np.random.RandomState(seed + 1).randn(n_conditions, N_BINS) * u_std
    states, outputs = run_vanilla_rnn(rnn, inputs)
    condition = np.repeat(np.arange(n_conditions), n_replications)
    truth = normalise(projection @ states)[condition]
    spikes = draw_spikes(rng, truth)
    arrays = session_arrays(spikes, truth, states[condition], condition, n_replications, 1.0 / (MAX_RATE_HZ * DT))
    inputs = inputs[condition][:, :, None].astype(np.float32)
    outputs = outputs[condition].astype(np.float32)
    arrays.update(
        split_fields({"input_truth": inputs, "inputs_u": inputs, "outputs_u": outputs}, n_replications),
        P_sxn=projection,
        u_std=np.float64(u_std),
        max_firing_rate=np.float64(MAX_RATE_HZ),
    )
    return SyntheticSet("itb_rnn", {"": arrays}, DT)
