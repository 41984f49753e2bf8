"""Weights that training starts from, taken from the data."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import numpy as np

from indl_vae.builders import RegionReadout
from indl_vae.data.dataset import Dataset
from indl_vae.families.mrsds.fits import fit_dynamics, fit_encoder, fit_readout
from indl_vae.families.mrsds.principal_paths import PrincipalPaths, principal_paths
from indl_vae.layers import SwitchingDynamics
from indl_vae.numerics import derive_seed, softplus_inverse
from indl_vae.params import Params, RegionStartGroup, narrow


class RegionStart:
    """Sets the weights by which training begins.

    The read-outs are those of each region's principal components, the dynamics are fitted to the path of these, as a
    switching autoregression (Linderman et al. 2017 start theirs in this way), and the encoder to that path. Starts
    that differ in nothing but chance end in different optima; this one is near a good one where components tell the
    latents.

    Args:
        params: The parameters.
        core: The wired model.
        system: The generative model.
        readout: The observation model.
        sizes: Channels of each region.
    """

    def __init__(
        self,
        params: Params,
        core: keras.Model,
        system: SwitchingDynamics,
        readout: RegionReadout,
        sizes: Sequence[int],
    ) -> None:
        self._params, self._group = params, narrow(RegionStartGroup, params)
        self._core, self._system, self._readout, self._sizes = core, system, readout, tuple(sizes)

    def __call__(self, dataset: Dataset) -> None:
        """Sets the weights from the training trials."""
        if self._group.initialisation == "random" or dataset.train is None:
            return
        params, split = self._params, dataset.train
        seed = derive_seed(params.seed, "start")
        paths = principal_paths(split, self._sizes, params.region_latents, params.likelihood, params.emission_link)
        self._set_readout(paths)
        if not self._group.start_steps:
            return
        steps, batch = self._group.start_steps, min(params.batch_size, split.n_trials)
        fit_readout(self._readout, split, paths, steps, batch, seed)
        fit_dynamics(self._system, split, paths, steps, batch, seed)
        additive = params.inference in ("svae", "s_svae") and params.correction == "additive"
        fit_encoder(self._core, self._system, split, paths, additive, steps, batch, seed)

    def _set_readout(self, paths: PrincipalPaths) -> None:
        """Sets linear read-outs, and the deviations of a normal likelihood, to what the components leave over."""
        for region, (loadings, center) in enumerate(zip(paths.loadings, paths.center, strict=True)):
            layers = self._readout.layers_of(region)
            if len(layers) == 1 and self._readout.likelihood.params_per_channel == 1:
                layers[0].kernel.assign(loadings)
                layers[0].bias.assign(center)
        likelihood = self._readout.likelihood
        if hasattr(likelihood, "raw_scale"):
            spread = np.concatenate(paths.left_over)
            likelihood.raw_scale.assign([softplus_inverse(float(s)) - softplus_inverse(1.0) for s in spread])
