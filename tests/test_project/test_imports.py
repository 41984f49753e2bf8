"""Every module imports alone, and the names a user reaches first load no TensorFlow."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from tests.test_project.source_tree import PROJECT, family_of, is_light, modules

#: Imports each named module as a fresh interpreter would, and prints what failed and which heavy modules are loaded.
#: What `import indl_vae` itself loads is there before any other module of the package and stays; the rest is forgotten.
IMPORT_EACH_ALONE = """
import importlib, json, sys, traceback
import indl_vae
first = set(sys.modules)
failures = {}
for name in json.load(sys.stdin):
    for loaded in [one for one in sys.modules if one.startswith("indl_vae.") and one not in first]:
        del sys.modules[loaded]
        parent, _, child = loaded.rpartition(".")
        if parent in first and child in vars(sys.modules[parent]):
            delattr(sys.modules[parent], child)
    try:
        importlib.import_module(name)
    except BaseException:
        failures[name] = traceback.format_exc(limit=-3)
heavy = sorted({"tensorflow", "keras", "tf_keras", "tensorflow_probability"} & set(sys.modules))
print(json.dumps({"failures": failures, "heavy": heavy}))
"""
REPORT_HEAVY = """
import sys
heavy = sorted({"tensorflow", "keras", "tf_keras", "tensorflow_probability"} & set(sys.modules))
sys.exit(f"loaded {heavy}" if heavy else 0)
"""
FAMILIES = sorted({family for name in modules() if (family := family_of(name))})


def run_python(code: str, *args: str, stdin: str = "") -> subprocess.CompletedProcess:
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    command = [sys.executable, "-c", code, *args]
    return subprocess.run(command, cwd=PROJECT, env=environment, input=stdin, capture_output=True, text=True)


def import_each_alone(names: list[str]) -> dict:
    done = run_python(IMPORT_EACH_ALONE, stdin=json.dumps(names))
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1])


def test_every_light_module_imports_alone_without_tensorflow():
    result = import_each_alone([name for name in modules() if is_light(name)])
    assert not result["failures"], "\n".join(result["failures"].values())
    assert result["heavy"] == []


def test_every_other_package_imports_alone():
    heavy = [name for name in modules() if not is_light(name) and (PROJECT / name.replace(".", "/")).is_dir()]
    assert len(heavy) > 10
    result = import_each_alone(heavy)
    assert not result["failures"], "\n".join(result["failures"].values())


@pytest.mark.slow
def test_every_other_module_imports_alone():
    result = import_each_alone([name for name in modules() if not is_light(name)])
    assert not result["failures"], "\n".join(result["failures"].values())


@pytest.mark.parametrize(
    "code",
    [
        "import indl_vae",
        "import indl_vae; indl_vae.families()",
        "import indl_vae; indl_vae.make_params('lfads')",
        "import indl_vae; indl_vae.load_dataset",
        "import indl_vae.data",
        "import indl_vae.params",
        *(f"from indl_vae.families.{family}.params import PARAMS; PARAMS()" for family in FAMILIES),
    ],
)
def test_first_names_load_no_tensorflow(code):
    done = run_python(code + "\n" + REPORT_HEAVY)
    assert done.returncode == 0, done.stderr[-2000:]


@pytest.mark.parametrize("arguments", [["--help"], ["families"], ["params", "lfads"], ["train", "--help"]])
def test_help_of_the_command_loads_no_tensorflow(arguments):
    code = f"""
import sys
from indl_vae.cli import main
sys.argv = ["indl-vae", *{arguments!r}]
try:
    status = main()
except SystemExit as stop:
    status = stop.code
if status:
    sys.exit(f"exit code {{status}}")
{REPORT_HEAVY}"""
    done = run_python(code)
    assert done.returncode == 0, done.stderr[-2000:]


def test_a_missing_name_of_the_package_is_an_attribute_error():
    done = run_python("import indl_vae; indl_vae.no_such_name")
    assert "AttributeError" in done.stderr and "no_such_name" in done.stderr
