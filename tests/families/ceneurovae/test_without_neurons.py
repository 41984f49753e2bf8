"""What the encoder finds of behaviour alone."""

from __future__ import annotations

import numpy as np

from tests.models.family_cases import tiny


def test_latents_without_neurons_depend_on_behaviour_in_every_bin(rng):
    model = tiny("ceneurovae")
    told = rng.normal(size=(2, 6, model.spec.ext_input_dim)).astype(np.float32)
    asked = {"identity": [1, 2], "latents": "encoder"}
    found = model.from_behavior(told, **asked)
    # the same behaviour for the decoder, another one for the encoder
    empty = np.zeros((2, 6, model.spec.n_channels), np.float32)
    latents = model.states({"x": empty, "visible": empty, "ext_input": told})
    np.testing.assert_allclose(found, model.decode(latents, told, [1, 2]), atol=1e-6)
    other = model.states({"x": empty, "visible": empty, "ext_input": -told})
    assert np.abs(latents - other).max(-1).min() > 1e-4
