"""From latents, behaviour and identities to the neurons' values."""

from __future__ import annotations

from typing import Any

from keras import ops

from indl_vae.builders.create_likelihood import create_likelihood
from indl_vae.builders.dense import make_dense
from indl_vae.layers import BehaviorDropout, FiLM, IdentityReadOut, NeuronReadout, Positions
from indl_vae.layers.exact_gelu import exact_gelu
from indl_vae.numerics import derive_seed
from indl_vae.params import NeuronDecoderGroup, narrow


def create_neuron_decoder(params: Any, latents: Any, codes: Any, behavior: Any = None) -> Any:
    """Decodes every bin by itself: a state from latents and behaviour, then each neuron's value from it and its code.

    Args:
        params: `Params` or a dict in the seed's keys. Reads `decoder_hidden`, `identity_mixing`, `conditioning`,
            `behavior_dropout`, `pos_decoder`, `likelihood` and its options, `seed`.
        latents: `(B, T, L)`.
        codes: `(B, N, E)`: vectors of identities.
        behavior: Optional `(B, T, U)`.

    Returns:
        Raw likelihood parameters `(B, T, N * parameters per channel)`; `likelihood_of` has the layer. A Gaussian's
        deviation is, with `gaussian_scale` "per_channel", one for each identity.
    """
    group = narrow(NeuronDecoderGroup, params)
    state = _states(group, latents, behavior)
    likelihood = create_likelihood(_of_entries(group), codes.shape[1])
    constant = int(group.likelihood == "gaussian" and group.gaussian_scale == "per_channel")
    outputs = likelihood.params_per_channel - constant
    seed = derive_seed(group.seed, "neuron_readout")
    if group.identity_mixing == "product":
        readout = IdentityReadOut(outputs, constant, seed, name="neuron_readout")
    else:
        readout = NeuronReadout(group.decoder_hidden, outputs, constant, seed, name="neuron_readout")
    return likelihood(readout(state, codes))


def _states(group: NeuronDecoderGroup, latents: Any, behavior: Any) -> Any:
    hidden = latents
    if behavior is not None:
        seed = derive_seed(group.seed, "behavior_dropout")
        behavior = BehaviorDropout(group.behavior_dropout, seed=seed, name="behavior_dropout")(behavior)
        if group.conditioning == "concat":
            hidden = ops.concatenate([hidden, behavior], axis=-1)
    if not group.decoder_hidden:
        return hidden
    for i, activation in enumerate((exact_gelu, None)):
        hidden = make_dense(group.decoder_hidden, group.seed, f"state_{i}", activation=activation)(hidden)
        if behavior is not None and group.conditioning == "film":
            hidden = FiLM(seed=derive_seed(group.seed, f"film_{i}"), name=f"film_{i}")(hidden, behavior)
        if i == 0 and group.pos_decoder:
            hidden = Positions(name="decoder_positions")(hidden)
    return hidden


def _of_entries(group: NeuronDecoderGroup) -> dict[str, Any]:
    """Returns the likelihood's options where neurons change from trial to trial: deviations come with the entries."""
    options = {name: group[name] for name in ("likelihood", "huber_delta", "poisson_full", "clip_log_rate")}
    options |= {name: group[name] for name in ("gamma_loc", "n_levels")}
    return options | {"gaussian_scale": "fixed" if group.gaussian_scale == "fixed" else "per_bin"}
