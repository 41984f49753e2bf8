"""A worker of a search, as `indl-vae tune --role worker` is, whose trials a stand-in trains. A program of its own."""

from __future__ import annotations

import sys
from pathlib import Path

from indl_vae.cli.boundary import reported_errors

COMMAND = (sys.executable, str(Path(__file__).with_name("trial_stand_in.py")))


def main(words: list[str]) -> None:
    given = dict(zip(words[1::2], words[2::2], strict=True))
    from indl_vae.tuning.search_worker import work_for

    work_for(
        given["--address"], given["--data"], given["--out"], int(given["--workers"]),
        float(given["--worker-timeout"]), command=COMMAND,
    )  # fmt: skip


if __name__ == "__main__":
    with reported_errors():
        main(sys.argv[1:])
