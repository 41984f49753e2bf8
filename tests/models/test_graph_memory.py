"""A model that is dropped leaves nothing of its graphs behind."""

import gc

import numpy as np
import pytest
from tensorflow.python.framework.func_graph import FuncGraph

from indl_vae.models.graph_memory import graphs_released
from tests.models.helpers import counts, tiny


def graphs() -> int:
    """Returns how many graphs are alive."""
    gc.collect()
    return sum(isinstance(one, FuncGraph) for one in gc.get_objects())


def use(model) -> None:
    model.fit(counts(), epochs=1, batch_size=3, verbose=0)
    model.predict(counts(), verbose=0)


def test_a_model_that_is_built_and_dropped_leaves_no_graph():
    before = graphs()
    tiny()
    assert graphs() == before


def test_a_model_that_is_trained_and_dropped_leaves_no_graph():
    use(tiny())
    before = graphs()  # the parts of Keras and TensorFlow that are made once are made by now
    with graphs_released():
        use(tiny(gen_units=8))
    assert graphs() == before


def test_an_error_frees_as_well():
    before = graphs()
    with pytest.raises(ValueError, match="of its own"), graphs_released():
        use(tiny(gen_units=7))
        raise ValueError("of its own")
    assert graphs() == before


def test_what_is_still_in_use_goes_on():
    with graphs_released():
        model = tiny()
        use(model)
    kept = tiny()
    use(kept)
    for one in (model, kept):
        use(one)
        one.fit(counts(2), epochs=1, batch_size=2, verbose=0)  # another shape is traced anew
    for ours, theirs in zip(model.get_weights(), kept.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)
