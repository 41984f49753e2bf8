"""What can be shown of other devices without one: a strategy of two, and the program that a compiler gets."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import tensorflow as tf

from indl_vae.models.batch_step import BatchStep
from tests.models.helpers import counts, tiny

ROOT = Path(__file__).parents[2]
#: Operations that would tie a program to the host, or to one device.
FOREIGN = ("custom-call", "infeed", "outfeed", "send", "recv")


def test_two_devices_give_the_numbers_of_one():
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-m", "tests.models.two_devices"], capture_output=True, text=True, env=environment, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr[-3000:]
    result = json.loads(done.stdout.splitlines()[-1])
    assert result["one"].keys() == result["two"].keys() >= {"loss", "nll", "kl_f", "kl_z", "val_loss"}
    for name, values in result["one"].items():
        assert result["two"][name] == pytest.approx(values, rel=2e-4), name
    assert result["notes"] == ["XLA is off: Keras cannot compile a step for several devices of a strategy."]
    assert result["jit"] is False
    skip = result["skip"]
    assert skip["finite"] and skip["moved"], "the good step was taken"
    assert (skip["counts"], skip["steps"], skip["logged"]) == ([2, 1, 1, 1], 5, [1.0])


@pytest.mark.parametrize("options", [{}, {"z_latent_size": 0}, {"mixed_precision": True}], ids=str)
def test_the_compiled_step_asks_nothing_of_the_host(options):
    model = tiny(dropout_rate=0.2, **options)
    step = BatchStep(model, lanes=1, compiled=True)
    train = tf.function(lambda x: step.train({"x": x})["loss"], jit_compile=True, autograph=False)
    program = train.experimental_get_compiler_ir(tf.constant(counts()))(stage="hlo")
    found = set(re.findall(r" ([a-z][a-z-]*)\(", program))
    assert {"dot", "while"} <= found, "the program is the one that trains"
    assert not found & set(FOREIGN)
