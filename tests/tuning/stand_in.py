"""Stands in for `indl-vae`: trains nothing, and writes what a run writes. A program of its own, without our library.

An epoch takes $STAND_IN_S seconds. A member whose z_latent_size is 9 fails, unless $STAND_IN_HEALED is set; one with 8
diverges; the evaluation of one with 7 fails.
"""

from __future__ import annotations

import json
import os
import re
import signal
import sys
import time
from pathlib import Path


def main(words: list[str]) -> None:
    folder = Path(words[1] if words[0] == "evaluate" else words[words.index("--out") + 1])
    config = folder / "params.yaml" if "--config" not in words else Path(words[words.index("--config") + 1])
    params = dict(re.findall(r"^(\w+): (.*)$", config.read_text(), re.MULTILINE))
    if words[0] == "evaluate":
        evaluate(params, Path(words[words.index("--out") + 1]))
    else:
        train(folder, params, config.read_text(), "--resume" in words)


def evaluate(params: dict[str, str], out: Path) -> None:
    if params["z_latent_size"] == "7":
        sys.exit("Error: seven cannot be evaluated")
    scores = {"nll": 0.5, "r2_rates": None}
    out.write_text(json.dumps({"valid": scores, "baselines": {"mean": scores}, "units": {"nll": "nats"}}))


def train(folder: Path, params: dict[str, str], text: str, resume: bool) -> None:
    if params["z_latent_size"] == "9" and "STAND_IN_HEALED" not in os.environ:
        folder.mkdir(parents=True)
        (folder / "params.yaml").write_text(text)
        sys.exit("Error: nine is too many")
    (folder / "checkpoints").mkdir(parents=True, exist_ok=resume)
    (folder / "params.yaml").write_text(text)
    (folder / "threads").write_text(os.environ["TF_NUM_INTRAOP_THREADS"])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    metrics = folder / "metrics.csv"
    done = len(metrics.read_text().splitlines()) - 1 if metrics.exists() else 0
    with metrics.open("a") as file:
        file.write("" if done else "epoch,step,loss,val_loss,val_selection,val_r2\n")
        for epoch in range(done + 1, 5):
            time.sleep(float(os.environ.get("STAND_IN_S", "0")))
            file.write(f"{epoch},{epoch},{1 / epoch},{int(params['seed']) + abs(epoch - 3)},{9 - epoch},nan\n")
            file.flush()
            best = min(epoch, 3)  # the selection score is lower in epoch 4: what was kept counts
            for index, kept in (("checkpoint", epoch), ("checkpoint_lve", best)):
                (folder / "checkpoints" / index).write_text(json.dumps([{"name": "e", "epoch": kept, "step": kept}]))
    if params["z_latent_size"] == "8":
        print("Error: diverged", file=sys.stderr)
        sys.exit(3)
    (folder / "best.keras").write_text("resumed" if resume else "at once")


if __name__ == "__main__":
    main(sys.argv[1:])
