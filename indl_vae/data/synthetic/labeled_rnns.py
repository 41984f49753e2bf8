"""Two chaotic networks seen through one projection; a label, given as external input, tells which one ran."""

from __future__ import annotations

import numpy as np

from indl_vae.data.synthetic.chaotic_rnn import (
    DT,
    MAX_RATE_HZ,
    N_BINS,
    draw_initial_states,
    draw_rnn,
    draw_spikes,
    normalise,
    run_rnn,
    session_arrays,
    split_fields,
)
from indl_vae.data.synthetic.registry import SYNTHETIC
from indl_vae.data.synthetic.synthetic_set import SyntheticSet


@SYNTHETIC.register("chaotic_rnns_labeled")
def chaotic_rnns_labeled(
    seed: int = 5, n_conditions: int = 400, n_replications: int = 10, n_units: int = 50
) -> SyntheticSet:
    """Makes spikes of one of two chaotic networks, drawn for each trial, with the label as external input.

    Both networks (drawn from seed + 1 and seed + 2) run from the same initial states and are seen through the same
    projection; spikes are drawn for both, and each trial keeps those of its own network, whose state is the latent one.
    """
    rng = np.random.RandomState(seed)
    rnns = [draw_rnn(np.random.RandomState(seed + k), n_units, gain=1.5) for k in (1, 2)]
    label = rng.randint(2, size=n_conditions * n_replications)
    states, condition = draw_initial_states(rng, n_units, n_conditions, n_replications)
    projection = rng.randn(n_units, n_units) / np.sqrt(n_units)
    latent, truth = (np.empty((len(label), n_units, N_BINS)) for _ in range(2))
    spikes = np.empty(truth.shape, np.int32)
    for k, rnn in enumerate(rnns):
        rates = run_rnn(rnn, states)
        seen = normalise(projection @ rates)
        for kept, made in ((latent, rates), (truth, seen), (spikes, draw_spikes(rng, seen))):
            kept[label == k] = made[label == k]
    arrays = session_arrays(spikes, truth, latent, condition, n_replications, 1.0 / (MAX_RATE_HZ * DT))
    ext_input = np.repeat(label[:, None, None], N_BINS, axis=1).astype(np.float32)
    arrays.update(split_fields({"ext_input": ext_input, "static_label": label}, n_replications))
    arrays.update(P_sxn=projection, nspikifications=np.int64(n_replications))
    return SyntheticSet("chaotic_rnns_labeled", {"": arrays}, DT)
