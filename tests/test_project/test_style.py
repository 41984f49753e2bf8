"""House rules that a reader can count on and a linter does not know."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.test_project.source_tree import PROJECT, committed_files, modules

MAX_LINES = 400
#: Roots of personal, shared and temporary folders: a committed file that names one works on one machine only.
MACHINE_PATH = re.compile(r"(?<![\w.:/~}])/(?:work|home|root|Users|tmp|mnt|scratch)/\w|\.\./(?:shared|\.library)\b")
#: The continuous-integration script may look for data beside the checkout; this file holds examples of what is refused.
MAY_NAME_SUCH_PATHS = {".ci/run", "tests/test_project/test_style.py"}
LEFT_UNDONE = re.compile(r"\b(?:TODO|FIXME|XXX|NotImplementedError)\b")
UNSAFE_MODULES = {"pickle", "cPickle", "dill", "joblib", "cloudpickle", "shelve", "marshal"}


def relative(path: Path) -> str:
    return path.relative_to(PROJECT).as_posix()


def unsafe_uses(tree: ast.AST) -> list[str]:
    """Returns the constructs of a module that library code must not hold, each as `line: what`."""
    faults = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Assert):
            faults.append(f"{node.lineno}: bare assert; raise an error that says how to mend it")
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]
            faults += [f"{node.lineno}: {name}" for name in names if name.split(".")[0] in UNSAFE_MODULES]
        elif isinstance(node, ast.Call):
            call = ast.unparse(node.func)
            if call in ("yaml.load", "yaml.unsafe_load", "yaml.full_load"):
                faults.append(f"{node.lineno}: {call}; use yaml.safe_load")
            if any(word.arg == "allow_pickle" and ast.unparse(word.value) != "False" for word in node.keywords):
                faults.append(f"{node.lineno}: allow_pickle")
        elif isinstance(node, ast.ExceptHandler) and is_silent(node):
            faults.append(f"{node.lineno}: an exception is swallowed")
    return faults


def is_silent(handler: ast.ExceptHandler) -> bool:
    """Returns whether a handler catches everything, or does nothing with what it caught."""
    return handler.type is None or all(isinstance(line, ast.Pass) for line in handler.body)


def test_no_python_file_is_longer_than_the_cap():
    counts = {relative(path): len(path.read_bytes().splitlines()) for path in committed_files() if path.suffix == ".py"}
    too_long = {name: count for name, count in counts.items() if count > MAX_LINES}
    assert not too_long, f"more than {MAX_LINES} lines; one concept a file: {too_long}"


def test_library_code_holds_nothing_unsafe():
    faults = [
        f"{relative(path)}:{fault}"
        for path in modules().values()
        for fault in unsafe_uses(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert not faults, "\n".join(faults)


def test_library_code_leaves_nothing_undone():
    faults = [
        f"{relative(path)}:{number}: {line.strip()}"
        for path in modules().values()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if LEFT_UNDONE.search(line)
    ]
    assert not faults, "\n".join(faults)


def test_no_committed_file_names_a_path_of_one_machine():
    faults = []
    for path in committed_files():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # not text
        if relative(path) in MAY_NAME_SUCH_PATHS:
            continue
        faults += [
            f"{relative(path)}:{number}: {line.strip()[:100]}"
            for number, line in enumerate(text.splitlines(), 1)
            if MACHINE_PATH.search(line)
        ]
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("assert x > 0", "bare assert"),
        ("import pickle", "pickle"),
        ("from joblib import dump", "joblib"),
        ("yaml.load(text)", "safe_load"),
        ("np.load(path, allow_pickle=True)", "allow_pickle"),
        ("try:\n    f()\nexcept ValueError:\n    pass", "swallowed"),
        ("try:\n    f()\nexcept:\n    g()", "swallowed"),
    ],
)
def test_unsafe_uses_are_found(source, fault):
    assert any(fault in found for found in unsafe_uses(ast.parse(source)))


def test_safe_code_passes():
    source = "yaml.safe_load(text)\nnp.load(path, allow_pickle=False)\ntry:\n    f()\nexcept ValueError as e:\n    g(e)"
    assert unsafe_uses(ast.parse(source)) == []


@pytest.mark.parametrize("text", ["see /home/someone/data", "folder=/tmp/run1", "open ../shared/data", "cd '/work/x'"])
def test_machine_paths_are_found(text):
    assert MACHINE_PATH.search(text)


@pytest.mark.parametrize("text", ["https://host.org/home/page", "#!/usr/bin/env bash", "data/tmp/x", "$HOME/work/x"])
def test_other_paths_pass(text):
    assert not MACHINE_PATH.search(text)
