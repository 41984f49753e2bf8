"""A `Params` object, a dict of its fields and the seed's keys all build the same."""

from __future__ import annotations

import numpy as np
import pytest

import indl_vae
from indl_vae import builders
from indl_vae.errors import ConfigError
from tests.builders.helpers import arrays, run, wire

B, T, N = 3, 6, 5
SIZES = {
    "f_units": [4], "f_latent_size": 3, "z1_units": 4, "con_units": 3, "z_latent_size": 2, "gen_units": 6,
    "n_factors": 4, "seed": 3, "dropout_rate": 0.2, "coordinated_dropout_rate": 0.3,
}  # fmt: skip
SEED_KEYS = {
    "ic_enc_dim": 4, "ic_dim": 3, "ci_enc_dim": 4, "con_dim": 3, "co_dim": 2, "gen_dim": 6, "factors_dim": 4,
    "random_seed": 3, "keep_prob": 0.8, "keep_ratio": 0.7,
}  # fmt: skip


def lfads(params):
    """Returns LFADS assembled by hand from the builders."""

    def build(x):
        f_inputs, z_inputs, seen = builders.prepare_inputs(params, x)
        f = builders.make_f_variational(params, builders.create_f_encoder(params, f_inputs))
        codes = builders.make_z_variational(params, builders.create_z_encoder(params, z_inputs)).sample
        gen = builders.create_generator_lfads(params, f.sample, codes)
        raw = builders.make_output_variational(params, gen.factors, out_dim=N)
        return raw, f.loc, gen.z_sample, seen

    return wire(build, N)


def test_object_dict_and_aliases_give_the_same_model():
    params = indl_vae.make_params("lfads", SIZES)
    aliased = indl_vae.make_params("lfads", SEED_KEYS)
    x = arrays((B, T, N))
    expected = run(lfads(params), *x, training=True)
    for other in ({**params}, aliased):
        for ours, theirs in zip(expected, run(lfads(other), *x, training=True), strict=True):
            np.testing.assert_array_equal(ours, theirs)


def test_another_seed_gives_another_model():
    x = arrays((B, T, N))
    first, second = (run(lfads(indl_vae.make_params("lfads", SIZES, seed=s)), *x)[0] for s in (1, 2))
    assert not np.array_equal(first, second)


BUILDERS = {
    "prepare_inputs": lambda p: builders.prepare_inputs(p, None),
    "create_f_encoder": lambda p: builders.create_f_encoder(p, None),
    "make_f_variational": lambda p: builders.make_f_variational(p, None),
    "create_f_prior": builders.create_f_prior,
    "create_z_encoder": lambda p: builders.create_z_encoder(p, None),
    "make_z_variational": lambda p: builders.make_z_variational(p, None),
    "create_z_prior": builders.create_z_prior,
    "create_generator": lambda p: builders.create_generator(p, None, None),
    "create_generator_lfads": lambda p: builders.create_generator_lfads(p, None, None),
    "make_output_variational": lambda p: builders.make_output_variational(p, None),
    "create_features": lambda p: builders.create_features(p, None),
    "create_decoder": lambda p: builders.create_decoder(p, None, None, 3),
    "create_segment_z_encoder": lambda p: builders.create_segment_z_encoder(p, None, None),
    "create_flat_encoder": lambda p: builders.create_flat_encoder(p, None, None, "f"),
    "create_segment_decoder": lambda p: builders.create_segment_decoder(p, None, None),
    "create_flat_decoder": lambda p: builders.create_flat_decoder(p, None, None),
}


@pytest.mark.parametrize("name", BUILDERS)
def test_an_unknown_key_names_the_nearest(name):
    with pytest.raises(ConfigError, match=r"f_unitz.*Did you mean 'f_units'"):
        BUILDERS[name]({"f_unitz": 4})


@pytest.mark.parametrize("name", BUILDERS)
def test_params_of_another_kind_are_refused(name):
    with pytest.raises(ConfigError, match=r"params: expected a Params object or a dict, got list"):
        BUILDERS[name]([1, 2])


def test_the_ten_of_the_contract_are_there():
    assert set(BUILDERS) <= set(builders.__all__)
    assert all(callable(getattr(builders, name)) for name in BUILDERS)
