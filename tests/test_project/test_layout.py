"""The rooms of docs/design.md, section 3: who may import whom, and where TensorFlow may be loaded."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.test_project.source_tree import PACKAGE, RANKS, Import, family_of, imports_of, is_light, modules, room_of

#: The one exception to "no family imports another".
EXTENDS = {"autolfads": {"lfads"}}
HEAVY = {"tensorflow", "tensorflow_probability", "keras", "tf_keras", "keras_tuner", "ray"}
#: Light rooms that may load TensorFlow inside a function.
LAZY_ROOMS = {"cli", "top"}


def is_ours(target: str) -> bool:
    return target.split(".")[0] == PACKAGE


def direction_fault(name: str, target: str) -> str | None:
    """Returns what is wrong with `name` importing `target` (both of the package), or None."""
    room, other = room_of(name), room_of(target)
    family, other_family = family_of(name), family_of(target)
    if other_family is not None and other_family != family and other_family not in EXTENDS.get(family or "", ()):
        return f"reaches into family {other_family}; use the registry"
    if room in ("inference", "layers", "distributions") and other == "params":
        return "must not see params: give the layer explicit arguments"
    if room != other and RANKS[other] >= RANKS[room]:
        return f"imports upwards: {room} may not import {other}"
    return None


def laziness_fault(name: str, found: Import) -> str | None:
    """Returns what is wrong with an import of the light module `name`, or None."""
    may_load_later = room_of(name) in LAZY_ROOMS and not found.at_import
    if found.target.split(".")[0] in HEAVY and not may_load_later:
        return f"loads {found.target}"
    if is_ours(found.target) and found.at_import and not is_light(found.target):
        return f"imports {found.target}, which loads TensorFlow; import it inside the function that needs it"
    return None


@pytest.fixture(scope="module")
def tree() -> dict[str, list[Import]]:
    files = modules()
    return {name: imports_of(name, path, set(files)) for name, path in files.items()}


def test_every_module_lies_in_a_room(tree):
    assert len(tree) > 3
    for name in tree:
        room_of(name)


def test_modules_import_downwards_only(tree):
    faults = [
        f"{name}:{found.line} {fault} ({found.target})"
        for name, imports in tree.items()
        if name != PACKAGE
        for found in imports
        if is_ours(found.target) and (fault := direction_fault(name, found.target))
    ]
    assert not faults, "\n".join(faults)


def test_light_modules_do_not_load_tensorflow(tree):
    faults = [
        f"{name}:{found.line} {fault}"
        for name, imports in tree.items()
        if is_light(name)
        for found in imports
        if (fault := laziness_fault(name, found))
    ]
    assert not faults, "\n".join(faults)


def test_every_folder_of_the_package_is_a_package():
    folders = {path.parent for path in modules().values()}
    missing = sorted(str(folder) for folder in folders if not (folder / "__init__.py").is_file())
    assert not missing, f"without __init__.py a folder is left out of the built distribution: {missing}"


@pytest.mark.parametrize(
    ("name", "target", "fault"),
    [
        ("layers.gru", "params", "must not see params"),
        ("layers.gru", "builders", "layers may not import builders"),
        ("data.reader", "analysis.metrics", "data may not import analysis.metrics"),
        ("models.build", "families.lfads.params", "reaches into family lfads"),
        ("families.dsae.wiring", "families.lfads.wiring", "reaches into family lfads"),
        ("families.lfads.params", "models", "imports upwards"),
        ("training.run", "cli", "imports upwards"),
        ("families.autolfads.wiring", "families.lfads.wiring", None),
        ("families.lfads.wiring", "models", None),
        ("builders.f_encoder", "params.narrow", None),
        ("layers.gru", "layers.cell", None),
        ("training.run", "analysis.metrics", None),
    ],
)
def test_direction_rule(name, target, fault):
    found = direction_fault(f"{PACKAGE}.{name}", f"{PACKAGE}.{target}")
    assert found is None if fault is None else fault in found


@pytest.mark.parametrize(
    ("name", "target", "at_import", "faulty"),
    [
        ("params.field", "tensorflow", False, True),
        ("cli", "tensorflow", True, True),
        ("cli", "tensorflow", False, False),
        ("cli", "indl_vae.training", True, True),
        ("cli", "indl_vae.training", False, False),
        ("data.split", "indl_vae.data.pipeline", True, True),
        ("data.split", "indl_vae.data.pipeline", False, False),
    ],
)
def test_laziness_rule(name, target, at_import, faulty):
    assert (laziness_fault(f"{PACKAGE}.{name}", Import(target, at_import, 1)) is not None) == faulty


def test_imports_are_read_from_every_form(tmp_path: Path):
    source = """
from __future__ import annotations
from typing import TYPE_CHECKING
import indl_vae.errors as errors
from . import sibling, attribute
from ..layers.gru import ClippedGRU
if TYPE_CHECKING:
    from indl_vae.training import Run
def build():
    import keras
    importlib.import_module("indl_vae.models")
"""
    path = tmp_path / "f_encoder.py"
    path.write_text(source)
    known = {"indl_vae.builders", "indl_vae.builders.sibling", "indl_vae.layers.gru", "indl_vae.errors"}
    found = imports_of("indl_vae.builders.f_encoder", path, known)
    assert {(one.target, one.at_import) for one in found if one.target not in ("__future__", "typing")} == {
        ("indl_vae.errors", True),
        ("indl_vae.builders.sibling", True),
        ("indl_vae.builders", True),
        ("indl_vae.layers.gru", True),
        ("keras", False),
        ("indl_vae.models", False),
    }
