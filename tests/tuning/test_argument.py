"""What is varied, and what the names of runs say of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from indl_vae.errors import ConfigError
from indl_vae.tuning.argument import Argument


def labels(argument):
    return [argument.label(value) for value in argument.values]


def test_names_hold_the_value_as_it_is_written():
    assert labels(Argument("dim_z", [5, 6], add_to_name_as="z")) == ["z5", "z6"]
    assert labels(Argument("learning_rate", [1e-3, 0.5], "lr")) == ["lr0.001", "lr0.5"]
    assert labels(Argument("dim_z", [5])) == [""]


def test_lists_are_joined():
    assert labels(Argument("reg", [[0.5, 1.0], ([0.3], (0.1, 2))], "r")) == ["r0.5-1.0", "r0.3-0.1-2"]


def test_values_become_those_of_a_configuration_file():
    argument = Argument("x", [np.float64(0.5), np.int64(3), np.array([1, 2]), (None, True), Path("a")], "x")
    assert argument.values == [0.5, 3, [1, 2], [None, True], "a"]
    assert [type(value) for value in argument.values] == [float, int, list, list, str]
    assert Argument("lr", np.linspace(0, 1, 3), "lr").values == [0.0, 0.5, 1.0]


def test_runs_need_no_name():
    assert labels(Argument("run", [1, 3])) == ["", ""]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("dim_z", []), r"dim_z: expected at least one value to try, got none. Give a list, as \[5, 6\]"),
        (("dim_z", 5), "dim_z: expected a list of values to try, got 5. Put a single value into a list"),
        (("dim_z", "56", "z"), "dim_z: expected a list of values to try, got '56'"),
        (("dim_z", [5, 6]), "dim_z: has 2 values and no add_to_name_as, .* as 'z' for z5 and z6"),
        (("dim_z", [5, 5], "z"), "expected values with names of their own, got z5, z5. Leave out what stands twice"),
        (("path", ["a/b", "c"], "i"), "expected values that can be part of a folder's name, got 'ia/b'. A single"),
        (("path", ["a"], "."), "expected values that can be part of a folder's name, got '.a'"),
        (("path", ["a\nb"], "i"), "expected values that can be part of a folder's name"),
        (("dim_z", [{5}], "z"), "dim_z: expected numbers, text, true, false, null or lists of these, got set. Give"),
        (("run", [0, 1]), r"run: expected different whole numbers from 1, got \[0, 1\]. Write"),
        (("run", [1, 1]), r"run: expected different whole numbers from 1, got \[1, 1\]"),
        (("run", [True, 2]), "run: expected different whole numbers from 1"),
        (("run", [1, 2], "r"), "run: expected no add_to_name_as, got 'r'. Leave it out"),
    ],
)
def test_what_cannot_be_tried_is_refused(arguments, message):
    with pytest.raises(ConfigError, match=message):
        Argument(*arguments)
