"""The scope makes posteriors draw, nests, and ends with its block."""

from __future__ import annotations

import threading

import pytest

from indl_vae.layers.sampling_scope import is_sampling, sampling_scope


@pytest.mark.parametrize(("training", "outside"), [(True, True), (False, False), (None, False)])
def test_training_and_the_scope_each_ask_for_draws(training, outside):
    assert is_sampling(training) is outside
    with sampling_scope():
        assert is_sampling(training) is True
    assert is_sampling(training) is outside


def test_scopes_nest_and_close_after_an_error():
    with sampling_scope():
        with pytest.raises(RuntimeError, match="stop"), sampling_scope():
            raise RuntimeError("stop")
        assert is_sampling(False)
    assert not is_sampling(False)


def test_another_thread_is_not_in_the_scope():
    seen = []
    with sampling_scope():
        thread = threading.Thread(target=lambda: seen.append(is_sampling(False)))
        thread.start()
        thread.join()
    assert seen == [False]
