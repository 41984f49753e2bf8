"""`tensorboard --logdir RUN` shows scores and pictures of a run: asked over HTTP, as a browser does."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from indl_vae.training import train
from tests.training.tiny import tiny_dataset, tiny_params

#: Attempts to reach the server, and seconds between them.
ATTEMPTS, PAUSE = 240, 0.5


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def fetch(port: int, path: str):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/data/{path}", timeout=30) as answer:
        return json.load(answer)


def ask(server: subprocess.Popen, port: int, path: str):
    """Waits until the server is up and has read the events."""
    for _ in range(ATTEMPTS):
        try:
            if found := fetch(port, path):
                return found
        except (urllib.error.URLError, ConnectionError):
            pass
        try:
            server.wait(timeout=PAUSE)
        except subprocess.TimeoutExpired:
            continue
        pytest.fail(f"tensorboard ended by itself: {server.stderr.read()}")
    pytest.fail(f"tensorboard did not answer {path}")


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory) -> Path:
    return train(tiny_params(n_epochs=5), tiny_dataset(), tmp_path_factory.mktemp("runs") / "run").folder


@pytest.mark.slow
def test_scalars_and_pictures_over_http(run_folder):
    port = free_port()
    command = ["-m", "tensorboard.main", "--logdir", str(run_folder), "--port", str(port), "--load_fast=false"]
    server = subprocess.Popen([sys.executable, *command], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    try:
        scalars = ask(server, port, "plugin/scalars/tags")
        pictures = ask(server, port, "plugin/images/tags")
        (name,) = scalars
        assert {"loss", "val_nll", "kl_f", "learning_rate", "val_loss"} <= set(scalars[name])
        loss = fetch(port, f"plugin/scalars/scalars?run={name}&tag=loss")
        assert [point[1] for point in loss] == [1, 2, 3, 4, 5]
        assert pictures[name], "pictures of the validation trials"
        tag = next(iter(pictures[name])).replace(" ", "%20")
        images = fetch(port, f"plugin/images/images?run={name}&tag={tag}&sample=0")
        url = f"http://127.0.0.1:{port}/data/plugin/images/individualImage?{images[0]['query']}"
        with urllib.request.urlopen(url, timeout=30) as answer:
            assert answer.read(8) == b"\x89PNG\r\n\x1a\n"
    finally:
        server.kill()
        server.communicate()
