"""New trials from LFADS's priors."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from indl_vae.distributions.likelihoods import Likelihood
from indl_vae.distributions.priors import Prior
from indl_vae.errors import ConfigError
from indl_vae.layers import SessionReadOut
from indl_vae.numerics import derive_seed


class PriorSampler:
    """Draws initial conditions and inferred inputs from their priors and runs the generator with them.

    Args:
        core: The wired model; its layers gen_init, complex_rnn and readout are used.
        f_prior: Prior of the initial condition, None where the generator's initial state is learned.
        z_prior: Prior of the inferred inputs, None without any.
        likelihood: Of the observations.
    """

    def __init__(self, core: keras.Model, f_prior: Prior | None, z_prior: Prior | None, likelihood: Likelihood) -> None:
        self.core, self.f_prior, self.z_prior, self.likelihood = core, f_prior, z_prior, likelihood

    def __call__(self, n: int, n_bins: int, seed: int = 0, ext_input: Any = None, session: int = 0) -> dict[str, Any]:
        """Returns rates, factors, gen_states, gen_init, controller_outputs and, if there is an f, f_sample.

        Rates are those of one session's channels, where the model has several.
        """
        rnn = self.core.get_layer("complex_rnn")
        f_sample = None if self.f_prior is None else self.f_prior.sample(n, seed=derive_seed(seed, "f"))
        z = tf.zeros((n, n_bins, 0))
        if self.z_prior is not None:
            z = self.z_prior.sample(n, n_bins, seed=derive_seed(seed, "z"))
        gen_init = self.core.get_layer("gen_init")(z if f_sample is None else f_sample)
        out = rnn.generate(gen_init, z, self._ext(rnn, ext_input, n, n_bins))
        return {
            "rates": self._rates(out.factors, session),
            "factors": out.factors,
            "gen_states": out.gen_states,
            "gen_init": gen_init,
            "controller_outputs": z,
            **({} if f_sample is None else {"f_sample": f_sample}),
        }

    def _rates(self, factors: tf.Tensor, session: int) -> tf.Tensor:
        readout = self.core.get_layer("readout")
        if not isinstance(readout, SessionReadOut):
            return self.likelihood.mean(self.likelihood(readout(factors)))
        raw = self.likelihood(readout(factors, tf.fill(tf.shape(factors)[:1], session)))
        return self.likelihood.mean(raw)[..., : readout.channels[session]]

    def _ext(self, rnn: Any, ext_input: Any, n: int, n_bins: int) -> Any:
        width = rnn.cell.ext_width
        if width and ext_input is None:
            raise ConfigError(
                f"ext_input: this model has a measured external input; pass an array ({n}, {n_bins}, {width}); "
                "on the command, --data with a file that has train_ext_input."
            )
        return tf.cast(ext_input, tf.float32) if width else None
