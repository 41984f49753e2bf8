"""Places to write to that cannot be, said before the work."""

from __future__ import annotations

import pytest

from indl_vae.cli.options import check_file, check_folder, check_tf1
from indl_vae.errors import ConfigError


def test_places_that_can_be_made_are_left_unmade(tmp_path):
    assert check_file(tmp_path / "new" / "a.h5") == tmp_path / "new" / "a.h5"
    check_tf1(tmp_path / "other" / "deep", "stem_")
    check_tf1(None, "")
    assert not list(tmp_path.iterdir())


def test_places_that_cannot_be(tmp_path, monkeypatch):
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(ConfigError, match="--tf1-outputs: expected a folder to write into, but .*file is a file"):
        check_tf1(file, "")
    with pytest.raises(ConfigError, match="--out: expected a folder to write into, but .*file is a file"):
        check_file(file / "a.h5")
    with pytest.raises(ConfigError, match="--out .*: expected a file to write, found a folder"):
        check_file(tmp_path)
    with pytest.raises(ConfigError, match="--tf1-stem ../x: expected the beginning of a file's name, got a path"):
        check_tf1(None, "../x")
    monkeypatch.setattr("os.access", lambda *_: False)
    with pytest.raises(ConfigError, match="--x: expected a folder to write into, but .* is not writable"):
        check_folder(tmp_path / "new", "--x")
