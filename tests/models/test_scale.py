"""Gaussian models of data in any unit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from indl_vae.data import Dataset
from indl_vae.models import build_model
from indl_vae.params import make_params
from tests.models.helpers import SIZES

UNIT, ZERO = np.array([1e-3, 40.0, 1.0]), np.array([5.0, -700.0, 2.0])


@pytest.fixture(scope="module")
def plain():
    x = np.random.default_rng(0).normal(size=(12, 9, 3)).astype("f4")
    split = {"x": (x - x.mean((0, 1))) / x.std((0, 1))}
    return Dataset.from_arrays(split, split, likelihood="gaussian")


def built(dataset, **options):
    return build_model(
        make_params("lfads", {**SIZES, "likelihood": "gaussian", "jit_compile": False, **options}), dataset
    )


def in_unit(dataset):
    train = replace(dataset.train, x=(dataset.train.x * UNIT + ZERO).astype("f4"))
    return replace(dataset, train=train, valid=replace(train, name="valid"))


@pytest.mark.parametrize("scale", ["per_bin", "per_channel"])
def test_the_unit_of_the_data_does_not_matter(plain, scale):
    one, other = built(plain, gaussian_scale=scale), built(in_unit(plain), gaussian_scale=scale)
    expected = one.posterior(plain.train, push_mean=True)
    found = other.posterior(in_unit(plain).train, push_mean=True)
    np.testing.assert_allclose(found["factors"], expected["factors"], rtol=1e-2, atol=2e-3)
    np.testing.assert_allclose((found["rates"] - ZERO) / UNIT, expected["rates"], rtol=5e-2, atol=2e-2)
    scores = [
        m.evaluate(d.train.batches(12), verbose=0, return_dict=True) for m, d in ((one, plain), (other, in_unit(plain)))
    ]
    assert scores[1]["nll"] == pytest.approx(scores[0]["nll"] + np.log(UNIT).mean(), abs=0.02)


def test_it_can_be_left_out_and_constant_channels_stay(plain):
    names = {layer.name for layer in built(plain, scale_channels=False).core.layers}
    assert "input_scale" not in names
    flat = replace(plain.train, x=plain.train.x * np.array([1, 0, 1], "f4"), mask=np.ones_like(plain.train.x))
    core = built(replace(plain, train=flat, valid=replace(flat, name="valid"))).core
    np.testing.assert_allclose(core.get_layer("input_scale").spread, 1.0, rtol=1e-4)
