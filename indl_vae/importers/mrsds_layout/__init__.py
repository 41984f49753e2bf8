"""Training by the arguments and into the files of the code published with MR-SDS."""

from __future__ import annotations

from indl_vae.importers.mrsds_layout.arguments import Arguments, read_arguments
from indl_vae.importers.mrsds_layout.layout_files import LayoutFiles
from indl_vae.importers.mrsds_layout.opened_run import OpenedRun, open_from_log
from indl_vae.importers.mrsds_layout.whole_run import run_training

__all__ = ["Arguments", "LayoutFiles", "OpenedRun", "open_from_log", "read_arguments", "run_training"]
