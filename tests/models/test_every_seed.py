"""Every generator of random numbers in a model has a seed that comes from the parameters."""

from __future__ import annotations

import pytest

from indl_vae.layers.seeded import Seeded
from tests.models.family_cases import CASES, tiny

#: One of each family; the others are slow together.
LEAN = {
    "dsae full",
    "fhvae simple",
    "dendplrnn forced by an encoder",
    "dendplrnn teacher forcing",
    "mrsds slds",
    "ceneurovae",
}


def states(model):
    """Returns the states of all generators with the kind of layer that holds each.

    Keras' own cells hold one for a dropout of theirs, which would be neither seeded nor saved, and is not used.
    """
    found = []
    for layer in model._flatten_layers():
        if isinstance(layer, Seeded):
            found += [(type(layer).__name__, one.state.numpy().tolist()) for one in layer._seed_generators]
        elif layer._seed_generators:
            assert layer.dropout == layer.recurrent_dropout == 0.0, layer.name
    return found


@pytest.mark.parametrize("name", [n if n in LEAN else pytest.param(n, marks=pytest.mark.slow) for n in CASES])
def test_two_models_of_the_same_parameters_draw_the_same(name):
    one, other = states(tiny(name, shake=0.0)), states(tiny(name, shake=0.0))
    assert one == other and one
    changed = states(tiny(name, shake=0.0, seed=2))
    assert all(theirs[1] != ours[1] for theirs, ours in zip(changed, one, strict=True))
