"""What every test gets: a quiet single-purpose TensorFlow, fixed seeds, and the folder of measured data."""

from __future__ import annotations

import gc
import os
import random
import sys
from pathlib import Path

import numpy as np
import pytest

# Read by TensorFlow and matplotlib when they are imported, so they stand before any test module.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("MPLBACKEND", "Agg")
# What a test compiles has no place in the user's cache, nor may it come from there.
os.environ["INDL_VAE_COMPILE_CACHE"] = "off"
if "PYTEST_XDIST_WORKER" in os.environ:
    # Workers that each start a thread per core only get in one another's way.
    os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")
    os.environ.setdefault("TF_NUM_INTEROP_THREADS", "1")

SEED = 1234


@pytest.fixture(autouse=True)
def fixed_seeds():
    """Seeds Python and numpy before each test, and Keras where the test module has imported it."""
    random.seed(SEED)
    np.random.seed(SEED)
    if "keras" in sys.modules:
        sys.modules["keras"].utils.set_random_seed(SEED)


@pytest.fixture(autouse=True, scope="module")
def memory_given_back():
    """Frees the models of a module and their graphs: a worker would grow beyond the memory of the machine."""
    if "tensorflow" not in sys.modules:
        yield  # light modules stay light
        return
    # Graphs that run a few times are not worth optimising. Here, before any fixture of the module: optimised graphs round
    # otherwise, and runs of one module are compared.
    sys.modules["tensorflow"].config.optimizer.set_experimental_options({"disable_meta_optimizer": True})
    from indl_vae.models.graph_memory import graphs_released

    with graphs_released():
        yield
    gc.freeze()  # what is left stays to the end: the next collection need not look at it


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """The folder of measured data that $INDL_VAE_DATA names; the test is skipped where there is none."""
    value = os.environ.get("INDL_VAE_DATA", "")
    if not value:
        pytest.skip("INDL_VAE_DATA is not set: this test needs the folder of measured data")
    folder = Path(value)
    if not folder.is_dir():
        pytest.skip(f"INDL_VAE_DATA names {value!r}, which is not a folder")
    return folder


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skips tests marked `gpu` where TensorFlow sees no GPU."""
    if item.get_closest_marker("gpu") is None:
        return
    import tensorflow as tf

    if not tf.config.list_physical_devices("GPU"):
        pytest.skip("TensorFlow sees no GPU")


@pytest.fixture
def rng() -> np.random.Generator:
    """A generator of test data, the same in every test."""
    return np.random.default_rng(0)
