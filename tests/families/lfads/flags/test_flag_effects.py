"""The table of flags is whole, the page is made of it, and (slowly) no test passes when its flag is forgotten."""

from __future__ import annotations

import importlib

import pytest

from indl_vae.params.foreign import is_fixed, is_unused
from indl_vae.params.keys import canonical_key
from tests.families.lfads.flags import tiny
from tests.families.lfads.flags.docs import PAGE, PROJECT, page, parameter
from tests.families.lfads.flags.flag_effects import CODES, NOTES, RUN_LFADS
from tests.params.foreign_configs import RUN_LFADS as COMMAND

EFFECTS = {flag: test for flags in CODES.values() for flag, test in flags.items()}
HERE = {flag: test for flag, test in EFFECTS.items() if test and not test.startswith("tests/")}
#: Flags of the late run_lfads.py that the command of its README does not set.
LATE = {"do_train_encoder_only", "do_train_readin", "allow_gpu_growth"}


def find(test: str):
    module, function = test.split(".")
    return getattr(importlib.import_module(f"tests.families.lfads.flags.{module}"), function)


def test_every_flag_of_the_command_is_in_the_table():
    flags = {flag.removeprefix("--").split("=", 1)[0] for flag in COMMAND.split()}
    assert flags | LATE == set(RUN_LFADS)
    assert len(RUN_LFADS) > 50


@pytest.mark.parametrize("flag", EFFECTS)
def test_a_flag_has_a_parameter_or_a_note(flag):
    key = canonical_key(*flag.split("."))
    assert parameter(flag) or NOTES.get(flag), f"{flag}: neither a parameter nor a note"
    assert parameter(flag) or is_unused(key) or is_fixed(key) or key.endswith(("seq_len", "thrutime")), flag


def test_the_tests_named_are_there():
    for test in HERE.values():
        assert callable(find(test)), test
    for test in set(EFFECTS.values()) - set(HERE.values()) - {None}:
        path, _, function = test.partition("::")
        assert f"def {function}" in (PROJECT / path).read_text(encoding="utf-8"), test


def test_every_parameter_of_the_model_has_a_test():
    """A parameter that a flag of run_lfads.py sets is shown by a test, unless it is about files and the run."""
    unshown = {parameter(flag) for flag, test in RUN_LFADS.items() if test is None} - {None}
    assert unshown <= {"batch_size", "keep_best", "keep_latest"}


def test_the_page_is_up_to_date():
    assert PAGE.read_text(encoding="utf-8") == page(), "run python -m tests.families.lfads.flags.docs"


@pytest.mark.slow
@pytest.mark.parametrize("flag", HERE)
def test_no_test_passes_when_its_flag_is_forgotten(flag, monkeypatch):
    monkeypatch.setattr(tiny, "FORGOTTEN", {parameter(flag)})
    with pytest.raises((AssertionError, AttributeError, KeyError, ValueError, pytest.fail.Exception)):
        find(HERE[flag])()
