"""The examples run, and learn."""

import runpy
from pathlib import Path

EXAMPLES = Path(__file__).parents[2] / "examples"


def test_build_from_parts_learns_before_and_after_the_swap():
    losses = runpy.run_path(str(EXAMPLES / "build_from_parts.py"))["main"](epochs=6)
    assert set(losses) == {"LFADS", "LSTM generator"}
    for name, history in losses.items():
        assert history[-1] < 0.9 * history[0], name


def test_readme_shows_the_example_as_it_is():
    readme = (EXAMPLES.parent / "README.md").read_text()
    source = (EXAMPLES / "build_from_parts.py").read_text()
    block = readme.split("<!-- build_from_parts -->")[1].split("```python\n")[1].split("```")[0]
    assert block.strip() in source
