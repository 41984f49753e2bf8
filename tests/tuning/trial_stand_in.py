"""Stands in for `indl-vae train` in searches: trains nothing, and writes what a run writes. A program of its own.

An epoch takes $STAND_IN_S seconds. The score is better the nearer learning_rate is to 1e-3, and better with every
epoch; that of epochs within the KL ramp is far better and must not count. A model with z_latent_size 9 fails, one with
8 diverges. The smaller coordinated_dropout_rate is, the better are seen spikes told (val_nll), and the worse the score.
"""

from __future__ import annotations

import json
import math
import os
import re
import signal
import sys
import time
from pathlib import Path


def main(words: list[str]) -> None:
    folder = Path(words[words.index("--out") + 1])
    resume = "--resume" in words
    config = folder / "params.yaml" if resume else Path(words[words.index("--config") + 1])
    text = config.read_text()
    for change in [word for word in words if word.startswith("n_epochs=")]:
        text = re.sub(r"^n_epochs: .*$", change.replace("=", ": "), text, flags=re.MULTILINE)
    train(folder, dict(re.findall(r"^(\w+): (.*)$", text, re.MULTILINE)), text, resume)


def train(folder: Path, params: dict[str, str], text: str, resume: bool) -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    (folder / "checkpoints").mkdir(parents=True, exist_ok=resume)
    (folder / "params.yaml").write_text(text)
    if params["z_latent_size"] == "9":
        sys.exit("Error: nine is too many")
    metrics = folder / "metrics.csv"
    done = len(metrics.read_text().splitlines()) - 1 if metrics.exists() else 0
    starts = folder / "starts.txt"
    with starts.open("a") as file:
        file.write(f"{done}\n")
    ramp = int(params["kl_ramp_length"])
    with metrics.open("a") as file:
        file.write("" if done else "epoch,step,loss,ramp_kl,val_nll,val_selection\n")
        for epoch in range(done + 1, int(params["n_epochs"]) + 1):
            time.sleep(float(os.environ.get("STAND_IN_S", "0")))
            over = min(1.0, epoch / (ramp + 1))
            hidden = float(params["coordinated_dropout_rate"])
            score = abs(math.log10(float(params["learning_rate"])) + 3) + 1 / epoch - hidden
            file.write(f"{epoch},{epoch},{1 / epoch},{over},{hidden - 1},{score if over >= 1 else -100.0}\n")
            file.flush()
            for index in ("checkpoint", "checkpoint_lve"):
                (folder / "checkpoints" / index).write_text(json.dumps([{"name": "e", "epoch": epoch, "step": epoch}]))
    if params["z_latent_size"] == "8":
        print("Error: diverged", file=sys.stderr)
        sys.exit(3)
    (folder / "best.keras").write_text("resumed" if resume else "at once")


if __name__ == "__main__":
    main(sys.argv[1:])
