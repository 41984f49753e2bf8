"""From parameters to a compiled model."""

from __future__ import annotations

from typing import Any

import keras

from indl_vae.data.dataset import Dataset
from indl_vae.errors import ConfigError
from indl_vae.models.align import align
from indl_vae.models.check_levels import check_levels
from indl_vae.models.count_segments import count_segments
from indl_vae.models.forcing_interval import set_forcing_interval
from indl_vae.models.scale import scale_channels
from indl_vae.models.sequential_vae import SequentialVAE
from indl_vae.params import InputsGroup, OptimizerGroup, Params, check_seen_bins, narrow
from indl_vae.typing import DataSpec


def build_model(params: Params, dataset_or_spec: Any) -> SequentialVAE:
    """Builds and compiles the model of a family.

    Args:
        params: From `make_params`.
        dataset_or_spec: A dataset, or the `DataSpec` of one.

    Returns:
        The model, compiled with the optimizer that the parameters describe; `model.compile` may replace it.

    Raises:
        ConfigError: If parameters and data do not go together.
        DataError: If data of levels hold others than those of `n_levels`.
    """
    spec = dataset_or_spec if isinstance(dataset_or_spec, DataSpec) else dataset_or_spec.spec
    _check_ext_input(params, spec)
    if spec.n_bins:
        inputs = narrow(InputsGroup, params)
        check_seen_bins(spec.n_bins, inputs.heldout_bins, inputs.f_enc_input_samps)
    if isinstance(dataset_or_spec, Dataset):
        check_levels(params, dataset_or_spec)
    model = SequentialVAE(params, spec, name=params.family)
    if isinstance(dataset_or_spec, Dataset):
        scale_channels(model.core, model.likelihood, dataset_or_spec)
        count_segments(model.core, params, dataset_or_spec)
        set_forcing_interval(model.core, dataset_or_spec)
        if model.start is not None:
            model.start(dataset_or_spec)
    if spec.sessions and isinstance(dataset_or_spec, Dataset):
        align(model.core, params, dataset_or_spec)
    model.compile(optimizer=make_optimizer(params), jit_compile=params.jit_compile)
    model.optimizer.build(model.trainable_variables)  # so that a model saved before its first step loads as a whole
    return model


def _check_ext_input(params: Params, spec: DataSpec) -> None:
    declared = params.get("ext_input_dim", 0)
    if declared not in (0, spec.ext_input_dim):
        raise ConfigError(
            f"ext_input_dim: expected {spec.ext_input_dim}, the width of the data's measured external input, or 0 to "
            f"take it from there, got {declared}. The size of the inferred inputs is z_latent_size (co_dim)."
        )


def make_optimizer(params: Any) -> keras.optimizers.Optimizer:
    """Returns Adam (AdamW with weight decay) with the gradient's global norm clipped.

    A loss multiplied by `loss_scale` (1e4 in AutoLFADS) changes Adam only through its epsilon and the clipping norm, so
    both are divided by it instead and the loss keeps its meaning.
    """
    group = narrow(OptimizerGroup, params)
    shared = {
        "learning_rate": group.learning_rate,
        "beta_1": group.adam_beta1,
        "beta_2": group.adam_beta2,
        "epsilon": group.adam_epsilon / group.loss_scale,
    }
    if group.max_grad_value is None:
        shared["global_clipnorm"] = group.max_grad_norm / group.loss_scale
    else:
        shared["clipvalue"] = group.max_grad_value / group.loss_scale
    if group.weight_decay:
        return keras.optimizers.AdamW(weight_decay=group.weight_decay, **shared)
    return keras.optimizers.Adam(**shared)
