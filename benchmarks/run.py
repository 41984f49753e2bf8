"""Runs the benchmarks: `make bench`, or `python benchmarks/run.py --help`."""

from __future__ import annotations

import os
import sys
from pathlib import Path

if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    # The room is a package: it is imported from the folder above this file, not from the one the script lies in.
    sys.path[0] = str(Path(__file__).resolve().parents[1])
    from benchmarks.command import main

    main()
