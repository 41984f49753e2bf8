"""The posterior heads of both latents: three tensors, draws in training, scales of either kind."""

from __future__ import annotations

import numpy as np
import pytest

from indl_vae.builders import make_f_variational, make_z_variational
from indl_vae.errors import ConfigError
from indl_vae.layers import sampling_scope
from indl_vae.numerics import SCALE_FLOOR
from indl_vae.typing import Latent
from tests.builders.helpers import arrays, layer_names, run, wire

B, T, W = 4, 5, 6
#: builder, prefix of its keys and layers, whether the latent is static
HEADS = {"f": (make_f_variational, True), "z": (make_z_variational, False)}


def model_of(which, **params):
    build, static = HEADS[which]
    params = {f"{which}_latent_size": 3, **params}
    return wire(lambda h: build(params, h), W, static=(0,) if static else ())


def codes(which, n=B):
    return arrays((n, W) if HEADS[which][1] else (n, T, W))


@pytest.mark.parametrize("which", HEADS)
def test_names_and_numbers_of_weights(which):
    model = model_of(which)
    for name in (f"{which}_loc", f"{which}_scale"):
        assert model.get_layer(name).count_params() == (W + 1) * 3
    assert model.count_params() == 2 * (W + 1) * 3, "the heads hold no prior and no weight of a loss"
    assert ("f_dropout" in layer_names(model)) == (which == "f")


@pytest.mark.parametrize("which", HEADS)
def test_the_mean_at_inference_and_draws_in_training_and_in_the_scope(which):
    model = model_of(which, dropout_rate=0.0) if which == "f" else model_of(which)
    sample, loc, scale = run(model, *codes(which))
    assert sample.shape == loc.shape == scale.shape
    np.testing.assert_array_equal(sample, loc)
    drawn, same_loc, _ = run(model, *codes(which), training=True)
    np.testing.assert_array_equal(same_loc, loc)
    assert not np.array_equal(drawn, loc)
    with sampling_scope():
        assert not np.array_equal(run(model, *codes(which))[0], loc)


@pytest.mark.parametrize("which", HEADS)
def test_off_diagonal_scale_is_a_lower_triangle(which):
    model = model_of(which, **{f"{which}_latent_off_diag": True, f"q_{which}_init_std": 0.5})
    assert model.get_layer(f"{which}_scale").units == 6
    _, loc, scale = run(model, *codes(which))
    assert scale.shape == (*loc.shape, 3)
    assert not np.triu(scale, 1).any() and np.tril(scale, -1).any()
    assert (np.diagonal(scale, axis1=-2, axis2=-1) > 0).all()


@pytest.mark.parametrize("which", HEADS)
def test_initial_deviation_and_logvar_transform(which):
    nothing = [np.zeros_like(array) for array in codes(which)]
    assert run(model_of(which, **{f"q_{which}_init_std": 0.3}), *nothing)[2] == pytest.approx(
        0.3 + SCALE_FLOOR, rel=1e-4
    )
    options = {f"{which}_scale_transform": "logvar", f"{which}_min_var": 0.21}
    assert run(model_of(which, **options), *nothing)[2] == pytest.approx(1.1, rel=1e-5)


def test_dropout_acts_on_the_codes_of_f_while_training():
    model = model_of("f", dropout_rate=0.5)
    at_rest, (_, first, _), (_, second, _) = (run(model, *codes("f"), training=on) for on in (False, True, True))
    assert not np.array_equal(first, second) and not np.array_equal(first, at_rest[1])


def test_a_latent_made_in_the_cell_hands_the_codes_on():
    codes_in = object()
    assert make_z_variational({"z_in_cell": True, "gen_cell_type": "Complex"}, codes_in) == Latent(codes_in, None, None)
    assert make_z_variational({"gen_cell_type": "Complex"}, codes_in).sample is codes_in


@pytest.mark.parametrize("which", HEADS)
def test_parameters_that_cannot_be_are_refused(which):
    with pytest.raises(ConfigError, match=f"q_{which}_init_std"):
        model_of(which, **{f"q_{which}_init_std": 0.0})
    with pytest.raises(ConfigError, match=f"{which}_scale_transform"):
        model_of(which, **{f"{which}_scale_transform": "exp"})
    with pytest.raises(ConfigError, match=f"Did you mean '{which}_latent_size'"):
        model_of(which, **{f"{which}_latent_sizes": 3})
