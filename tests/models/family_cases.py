"""Every family but LFADS, whose own tests are older, with the options that lead through other code."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from indl_vae import make_params
from indl_vae.models import SequentialVAE, build_model
from indl_vae.typing import DataSpec

B, T, N, U = 4, 6, 8, 2
_DSAE: dict[str, Any] = {
    "f_units": [5], "f_latent_size": 3, "z1_units": 4, "z2_units": 7, "z_latent_size": 2, "feature_units": [9],
    "decoder_units": [10], "z_prior_units": 11, "gen_units": 12, "n_factors": 13,
}  # fmt: skip
_FACTORIZED = {**_DSAE, "variant": "factorized", "z2_units": 0}
_FHVAE: dict[str, Any] = {
    "f_units": [5, 4], "f_latent_size": 3, "z1_units": 7, "z2_units": 9, "z_latent_size": 2, "decoder_units": [10, 11],
    "segment_length": 4, "segment_shift": 2, "n_factors": 13, "n_means": 3,
}  # fmt: skip
_SIMPLE = {**_FHVAE, "variant": "simple"}
_DEND: dict[str, Any] = {"z_latent_size": 9, "n_bases": 3, "n_hidden": 11, "batch_size": 4}
_FORCED = {**_DEND, "training": "teacher_forcing", "forcing_interval": 3}
_REGIONS: dict[str, Any] = {
    "region_sizes": [5, 3],
    "embedding_units": [6],
    "z1_units": 5,
    "dynamics_units": [7],
    "n_states": 2,
    "batch_size": 4,
    "initialisation": "random",
    "process_noise": 1.0,
    "posterior_std": 0.5,
    "kl_ramp_length": 0,
}
_ATTENTION = {
    **_REGIONS,
    "sequence_encoder": "transformer",
    "n_heads": 2,
    "head_size": 3,
    "block_units": 9,
    "mlp_units": [11],
}
_MTF = {**_DEND, "training": "svae_forced", "forced_states": 5, "forcing_interval": 2, "rec_model": "cnn"}


_NEURONS: dict[str, Any] = {"preset": "small", "neuron_units": 5, "model_size": 6, "decoder_hidden": 7, "kl_ramp_length": 0,
                            "identity_size": 3, "batch_size": 4}  # fmt: skip


class FamilyCase(NamedTuple):
    """A family with some options, and whether its data have a measured external input."""

    family: str
    options: dict[str, Any]
    ext_input_dim: int = 0


CASES: dict[str, FamilyCase] = {
    "dsae full": FamilyCase("dsae", _DSAE),
    "dsae factorized": FamilyCase("dsae", _FACTORIZED),
    "dsae f into the second layer": FamilyCase("dsae", {**_DSAE, "f_inputs_pre_z1": False, "f_enc_input_samps": 3}),
    "dsae recurrent generator": FamilyCase(
        "dsae",
        {**_DSAE, "decoder": "rnn", "l2_gen_scale": 1.0, "l2_f_scale": 1.0, "l2_z_scale": 1.0, "l2_biases": True},
        U,
    ),
    "dsae generator that is told f": FamilyCase(
        "dsae", {**_FACTORIZED, "decoder": "rnn", "gen_tile_input": True, "gen_cell_type": "LSTM"}
    ),
    "dsae external input to the encoders": FamilyCase("dsae", {**_DSAE, "inject_ext_input_to_gen": False}, U),
    "dsae external input to the decoder": FamilyCase("dsae", _DSAE, U),
    "dsae free running": FamilyCase("dsae", {**_FACTORIZED, "z_prior_mode": "free_running"}),
    "dsae learned priors": FamilyCase(
        "dsae", {**_DSAE, "f_prior": "learned", "z_prior_process": "AR1", "kl_sample": "analytic"}
    ),
    "dsae other prior": FamilyCase("dsae", {**_DSAE, "z_prior_process": "GRU", "co_mean_corr_scale": 1.0}),
    "dsae full covariances": FamilyCase("dsae", {**_DSAE, "f_latent_off_diag": True, "z_latent_off_diag": True,
                                                  "z_prior_process": "tiled"}),
    "dsae held out": FamilyCase(
        "dsae",
        {**_DSAE, "heldout_channels": 2, "heldout_bins": 1, "coordinated_dropout_rate": 0.3, "input_factors": 6,
         "q_samples": 2, "dropout_rate": 0.1},
    ),
    "dsae gaussian": FamilyCase("dsae", {**_DSAE, "likelihood": "gaussian", "gaussian_scale": "per_channel"}),
    "dsae bernoulli": FamilyCase("dsae", {**_FACTORIZED, "likelihood": "bernoulli", "activation": "tanh"}),
    "dsae ordinal": FamilyCase("dsae", {**_FACTORIZED, "likelihood": "ordinal", "n_levels": 3}),
    "dsae images": FamilyCase(
        "dsae",
        {**_DSAE, "image_shape": [2, 4, 1], "conv_filters": [5], "likelihood": "gaussian", "scale_channels": False},
    ),
    "fhvae lstm": FamilyCase("fhvae", _FHVAE),
    "fhvae simple": FamilyCase("fhvae", _SIMPLE),
    "fhvae one layer, both ways": FamilyCase(
        "fhvae",
        {**_FHVAE, "f_rnn_type": "BidirectionalGRU", "z1_rnn_type": "BidirectionalLSTM", "z2_units": 0,
         "gen_cell_type": "GRUClip", "l2_f_scale": 1.0, "l2_z_scale": 1.0},
    ),
    "fhvae last layer": FamilyCase("fhvae", {**_FHVAE, "f_states": "last_layer", "likelihood": "negative_binomial"}),
    "fhvae gaussian": FamilyCase("fhvae", {**_FHVAE, "likelihood": "gaussian"}),
    "fhvae held out": FamilyCase(
        "fhvae",
        {**_SIMPLE, "heldout_channels": 2, "coordinated_dropout_rate": 0.3, "input_factors": 6, "q_samples": 2,
         "dropout_rate": 0.1},
    ),
    "dendplrnn": FamilyCase("dendplrnn", {**_DEND, "reg": [[0.5, 1.0], [0.3, 0.1]]}),
    "dendplrnn published": FamilyCase("dendplrnn", {"preset": "published", **_DEND}, U),
    "dendplrnn convolutions, plain": FamilyCase(
        "dendplrnn", {**_DEND, "rec_model": "cnn", "rec_activation": "tanh", "n_bases": 0, "mean_centering": True}
    ),
    "dendplrnn encoder, poisson": FamilyCase(
        "dendplrnn",
        {**_DEND, "rec_model": "encoder", "z1_units": 4, "likelihood": "poisson", "latent_step": "almost_linear"},
    ),
    "dendplrnn rectified read-out": FamilyCase(
        "dendplrnn",
        {**_DEND, "readout": "relu", "readout_bias": True, "latent_step": "clipped_shallow", "gaussian_scale": "per_bin"},
        U,
    ),
    "dendplrnn held out": FamilyCase(
        "dendplrnn",
        {**_DEND, "heldout_channels": 2, "heldout_bins": 1, "coordinated_dropout_rate": 0.3, "q_samples": 2,
         "dropout_rate": 0.1, "latent_step": "shallow"},
        U,
    ),
    "dendplrnn teacher forcing": FamilyCase("dendplrnn", _FORCED, U),
    "dendplrnn inverse teacher forcing": FamilyCase(
        "dendplrnn", {**_FORCED, "forcing_signal": "inverse", "latent_step": "dendritic", "input_noise": 0.1}
    ),
    "dendplrnn generalized teacher forcing": FamilyCase(
        "dendplrnn", {**_FORCED, "training": "generalized_teacher_forcing", "forcing_alpha": 0.3, "heldout_bins": 1}
    ),
    "dendplrnn forced by an encoder": FamilyCase("dendplrnn", {**_MTF, "likelihood": "negative_binomial"}, U),
    "dendplrnn encoder, categorical": FamilyCase(
        "dendplrnn", {**_DEND, "rec_model": "encoder", "z1_units": 4, "likelihood": "categorical", "n_levels": 3}
    ),
    "mrsds svae": FamilyCase("mrsds", {**_REGIONS, "inference": "svae", "n_states": 1}, U),
    "mrsds s_svae": FamilyCase("mrsds", _REGIONS, U),
    "mrsds mean field": FamilyCase("mrsds", {**_REGIONS, "inference": "mean_field"}, U),
    "mrsds slds": FamilyCase("mrsds", {**_REGIONS, "inference": "slds", "smoother_sweeps": 2}, U),
    "mrsds published": FamilyCase(
        "mrsds",
        {"preset": "reference_compat", **_ATTENTION, "overshoot": 2, "overshoot_weights": [0.7, 0.3],
         "process_noise": 1.0, "correction_inputs": True, "discrete": "factorised", "full_posterior": True},
        U,
    ),
    "mrsds mean field, one step": FamilyCase(
        "mrsds",
        {**_REGIONS, "inference": "mean_field", "emission_on": "one_step", "select_on": "loss", "full_posterior": True,
         "posterior_scale": "constant", "state_balance": 0.5, "smooth_coef": 0.1, "message_penalty": 0.1, "state_as_input": True,
         "likelihood": "poisson", "emission_units": [6], "communication": "conditional"},
    ),
    "mrsds bins by themselves": FamilyCase(
        "mrsds", {**_REGIONS, "sequence_encoder": "none", "embedding_units": [], "inference": "slds"}
    ),
    "mrsds full covariances": FamilyCase(
        "mrsds",
        {**_REGIONS, "full_process_noise": True, "full_start_noise": True, "full_posterior": True,
         "transition_units": 6, "inputs_to_states": True, "conditional_inputs": True, "input_networks": "together",
         "input_units": [4], "input_activations": ["tanh", None], "dynamics_dropout": 0.2, "gaussian_scale": "per_bin"},
        U,
    ),
    "mrsds smoothed, full covariances": FamilyCase(
        "mrsds",
        {**_REGIONS, "inference": "slds", "n_states": 1, "full_process_noise": True, "overshoot": 2,
         "overshoot_on": "both", "communication": "additive-linear", "residual": True, "l2_z_scale": 1.0},
        U,
    ),
    "mrsds single latent system": FamilyCase(
        "mrsds", {**_ATTENTION, "single_region_latent": True, "likelihood": "negative_binomial", "window_rate": 0.3}
    ),
    "mrsds held out": FamilyCase(
        "mrsds",
        {**_REGIONS, "heldout_channels": 2, "heldout_bins": 1, "coordinated_dropout_rate": 0.3, "q_samples": 2,
         "dropout_rate": 0.1, "channel_dropout_rate": 0.3, "window_rate": 0.3, "window_bins": 2},
        U,
    ),
    "ceneurovae": FamilyCase("ceneurovae", _NEURONS, U),
    "ceneurovae published": FamilyCase(
        "ceneurovae",
        {**_NEURONS, "likelihood": "gaussian", "gaussian_scale": "fixed", "nll_reduction": "mean", "kl_reduction": "mean",
         "neuron_dropout_rate": 0.0, "encoder_identity": False, "identity_mixing": "sum", "z_prior_process": "tiled",
         "z_prior_init_std": 1.0, "z_prior_train_var": False},
        U,
    ),
    "ceneurovae convolutions, huber": FamilyCase(
        "ceneurovae",
        {**_NEURONS, "backbone": "conv", "kernel_size": 3, "likelihood": "huber", "free_bits": 0.2,
         "identity_mixing": "sum", "neuron_pooling": "attention", "pos_decoder": True, "n_layers": 2},
    ),
    "ceneurovae networks of neurons": FamilyCase(
        "ceneurovae", {**_NEURONS, "identity_mixing": "sum", "z_prior_process": "tiled"}, U
    ),
    "ceneurovae linear": FamilyCase("ceneurovae", {**_NEURONS, "backbone": "none", "decoder_hidden": 0}, U),
    "ceneurovae recurrent, film": FamilyCase(
        "ceneurovae",
        {**_NEURONS, "backbone": "gru", "conditioning": "film", "likelihood": "poisson", "latent_mode": "sequence"},
        U,
    ),
    "ceneurovae gaussian in every bin, held out": FamilyCase(
        "ceneurovae",
        {**_NEURONS, "gaussian_scale": "per_bin", "heldout_channels": 2, "heldout_bins": 1, "q_samples": 2,
         "beta_peaks": 2, "n_identities": 11},
        U,
    ),
    "dendplrnn forced by an encoder, held out": FamilyCase("dendplrnn", {**_MTF, "heldout_bins": 1}),
}  # fmt: skip


def tiny(name: str, shake: float = 0.3, **changes: Any) -> SequentialVAE:
    """Returns a case's compiled model, without XLA unless asked; all weights differ from one another."""
    case = CASES[name]
    params = make_params(case.family, {"jit_compile": False, "seed": 1, **case.options, **changes})
    model = build_model(params, DataSpec(N, T, case.ext_input_dim, 0.01, n_sequences=3))
    rng = np.random.default_rng(5)
    for weight in model.trainable_weights:
        weight.assign(weight + rng.normal(size=weight.shape) * shake)
    return model


def make_batch(model: SequentialVAE, n: int = B, n_bins: int = T) -> dict[str, np.ndarray]:
    """Returns a batch that fits a model: data that its likelihood can have, and what else it reads."""
    rng = np.random.default_rng(0)
    x = rng.poisson(0.8, (n, n_bins, N)).astype("f4")
    x = np.minimum(x, 1.0) if model.params.likelihood == "bernoulli" else x
    x = np.minimum(x, model.params.n_levels - 1.0) if model.likelihood.support == "levels" else x
    batch = {"x": x}
    if model.spec.ext_input_dim:
        batch["ext_input"] = rng.normal(size=(n, n_bins, U)).astype("f4")
    if "sequence" in model.core.input:
        batch["sequence"] = np.array([0, 2, 1, 0] * n, "f4")[:n]
    if "identity" in model.core.input:
        batch["identity"] = np.stack([rng.permutation(N + 1)[:N] for _ in range(n)]).astype("f4")  # 0: unknown
    return batch
