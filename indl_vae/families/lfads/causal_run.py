"""LFADS piece by piece: the state after one piece of a recording is where the next one starts."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from indl_vae.builders.rnn import is_bidirectional
from indl_vae.distributions.likelihoods import Likelihood
from indl_vae.inference.complex_step import ComplexStates
from indl_vae.layers import SessionReadOut
from indl_vae.layers.carry import first_states, run_on
from indl_vae.params import Params

States = dict[str, Any]


class CausalRun:
    """Runs a causal LFADS over a recording in pieces of any length, posterior means pushed through.

    The initial condition comes from the leading bins (`f_enc_input_samps`), so it may read them both ways. All else
    runs forward. See `indl_vae.models.parts.CarriedRun` for the methods.

    Args:
        core: The wired model, whose layers are used.
        params: Its parameters.
        likelihood: Of the observations.
    """

    def __init__(self, core: keras.Model, params: Params, likelihood: Likelihood) -> None:
        self.core, self.params, self.likelihood = core, params, likelihood

    @property
    def n_leading(self) -> int:
        """Bins that the f encoder reads; 0 for a model without f, whose initial state is learned."""
        return int(self.params.f_enc_input_samps) if self.params.f_latent_size else 0

    def obstacles(self) -> list[str]:
        """Returns what makes the model look at later bins, each with the parameter to change."""
        params, found = self.params, []
        if isinstance(self.core.get_layer("readout"), SessionReadOut):
            found.append("it is one of several sessions (train one session, or give each its own model)")
        if params.f_latent_size and not params.f_enc_input_samps:
            found.append("the f encoder reads the whole trial (f_enc_input_samps = 0; set a number of leading bins)")
        if params.z_latent_size and is_bidirectional(params.z1_rnn_type):
            found.append(
                f"the z encoder also runs backwards (z1_rnn_type = {params.z1_rnn_type!r}; set 'GRUClip', which is "
                "do_causal_controller)"
            )
        if params.z_latent_size and params.z2_units and is_bidirectional(params.z2_rnn_type):
            found.append(
                f"its second layer also runs backwards (z2_rnn_type = {params.z2_rnn_type!r}; set 'SimpleRNN')"
            )
        return found

    def start(self, x: tf.Tensor, ext_input: tf.Tensor | None) -> States:
        """Returns the states before the first bin: the generator's is the mean of q(f), mapped."""
        gen_init = self.core.get_layer("gen_init")(self._f_mean(x, ext_input) if self.params.f_latent_size else x)
        states: States = dict(self.core.get_layer("complex_rnn").first_states(gen_init)._asdict())
        if self.params.z_latent_size:
            states |= self._first_codes(x.shape[0])
        return states

    def advance(self, x: tf.Tensor, states: States, ext_input: tf.Tensor | None) -> tuple[States, States]:
        """Returns the outputs of some bins and the states after them."""
        after: States = {}
        codes = x[..., :0]
        if self.params.z_latent_size:
            codes, after = self._codes(self._encoder_inputs(x, ext_input), states)
        before = ComplexStates(*(states[name] for name in ComplexStates._fields))
        out, last = self.core.get_layer("complex_rnn").resume(codes, before, ext_input)
        raw = self.likelihood(self.core.get_layer("readout")(out.factors))
        outputs = {"rates": self.likelihood.mean(raw), "factors": out.factors, "gen_states": out.gen_states}
        if self.params.z_latent_size:
            scale = self.core.get_layer("z_scale")(out.z_logvar)
            outputs |= {"controller_outputs": out.z_sample, "con_states": out.con_states}
            outputs |= {"z_loc": out.z_mean, "z_scale": scale}
        return outputs, after | last._asdict()

    def _f_mean(self, x: tf.Tensor, ext_input: tf.Tensor | None) -> tf.Tensor:
        hidden = self._encoder_inputs(x, ext_input)
        for i in range(len(self.params.f_units)):
            hidden = self.core.get_layer(f"f_rnn_{i}")(hidden)
        return self.core.get_layer("f_loc")(hidden)

    def _encoder_inputs(self, x: tf.Tensor, ext_input: tf.Tensor | None) -> tf.Tensor:
        if any(layer.name == "input_scale" for layer in self.core.layers):
            x = self.core.get_layer("input_scale")(x)
        seen = self.core.get_layer("encoder_view").seen_channels
        view = x if seen is None else tf.gather(x, seen, axis=-1)
        if self.params.input_factors:
            view = self.core.get_layer("read_in")(view)
        if ext_input is None or self.params.inject_ext_input_to_gen:
            return view
        return tf.concat([tf.cast(view, ext_input.dtype), ext_input], -1)

    def _layers(self) -> list[str]:
        """Names of the z encoder's recurrent layers, first the one before the lag."""
        first = ["z_rnn_1"] if self.params.z1_rnn_type else []
        return [*first, *(["z_rnn_2"] if self.params.z2_units else [])]

    def _first_codes(self, batch: int) -> States:
        states: States = {
            f"{name}_{i}": state
            for name in self._layers()
            for i, state in enumerate(first_states(self.core.get_layer(name), batch))
        }
        if self.params.z1_lag:
            states["late_codes"] = tf.zeros((batch, self.params.z1_lag, self.params.z1_units))
        return states

    def _codes(self, inputs: tf.Tensor, states: States) -> tuple[tf.Tensor, States]:
        after: States = {}
        if self.params.z1_rnn_type:
            codes = self._recurrent("z_rnn_1", inputs, states, after)
        else:
            codes = self.core.get_layer("z_dense_1")(inputs)
        if self.params.z1_lag:
            codes = tf.concat([tf.cast(states["late_codes"], codes.dtype), codes], 1)
            after["late_codes"] = codes[:, -self.params.z1_lag :]
            codes = codes[:, : -self.params.z1_lag]
        if self.params.z2_units:
            codes = self._recurrent("z_rnn_2", codes, states, after)
        return codes, after

    def _recurrent(self, name: str, inputs: tf.Tensor, states: States, after: States) -> tf.Tensor:
        count = sum(key.startswith(f"{name}_") for key in states)
        outputs, last = run_on(self.core.get_layer(name), inputs, [states[f"{name}_{i}"] for i in range(count)])
        after |= {f"{name}_{i}": state for i, state in enumerate(last)}
        return outputs
