"""Region dynamics as a loop over pairs of small networks, in NumPy."""

from __future__ import annotations

import numpy as np

ACTIVATIONS = {"tanh": np.tanh, "relu": lambda x: np.maximum(x, 0.0), None: lambda x: x}


def network(layer, k, i, j, source, context=None):
    """Returns the output of the network of state k, to i, from j, for one source `(in,)` and the target's state."""
    weights = {weight.name: weight.numpy() for weight in layer.weights}
    hidden, one = source, layer.state_as_input
    for n in range(len(layer.units) + 1):
        made = hidden @ weights[f"kernel_{n}"][0 if one else k, i, j]
        if f"context_{n}" in weights:
            made = made + context @ weights[f"context_{n}"][0 if one else k, i, j]
        if f"state_{n}" in weights:
            made = made + weights[f"state_{n}"][k, i, j, 0]
        if f"bias_{n}" in weights:
            made = made + weights[f"bias_{n}"][0 if one else k, i, j, 0]
        act = ACTIVATIONS[layer.activations[n]]
        if i != j and layer.cross != "same":
            act = ACTIVATIONS["relu" if layer.cross == "relu" else None]
        hidden = act(made)
    return hidden


def next_means(dynamics, x, u=None, correction=None):
    """Returns the means `(K, R * d)` of one state `(R * d,)`, and messages `(K, R, R, d)`."""
    regions, dim = dynamics.n_regions, dynamics.dim
    blocks = x.reshape(regions, dim)
    shown = blocks
    if dynamics.correction_dim:
        extra = np.zeros((regions, dynamics.correction_dim)) if correction is None else correction.reshape(regions, -1)
        shown = np.concatenate([blocks, extra], -1)
    messages = np.zeros((dynamics.n_states, regions, regions, dim))
    means = np.zeros((dynamics.n_states, regions, dim))
    for k in range(dynamics.n_states):
        for i in range(regions):
            context = blocks[i] if dynamics.communication == "conditional" else None
            for j in range(regions):
                messages[k, i, j] = network(dynamics.between, k, i, j, shown[j], context)
            means[k, i] = messages[k, i].sum(0) + (blocks[i] if dynamics.residual else 0.0)
            if u is not None:
                each = [u] if dynamics.input_networks == "together" else [u[n : n + 1] for n in range(len(u))]
                context = blocks[i] if dynamics.conditional_inputs else None
                for n, one in enumerate(each):
                    means[k, i] += network(dynamics.from_inputs, k, i, n, one, context)
    return means.reshape(dynamics.n_states, -1), messages
