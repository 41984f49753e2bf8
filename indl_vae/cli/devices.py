"""On which device a command computes."""

from __future__ import annotations

import re
from contextvars import ContextVar
from typing import NamedTuple

import typer

from indl_vae.errors import ConfigError

_DEVICE = re.compile(r"(?:/device:)?(cpu|gpu)(?::(\d+))?", re.IGNORECASE)


class Device(NamedTuple):
    """A choice of device.

    Attributes:
        kind: "cpu", "gpu", or "" for what there is.
        number: Which of its kind.
        allow_growth: Whether a GPU's memory is taken as it is needed rather than as a whole.
        count: How many of its kind are used.
    """

    kind: str = ""
    number: int = 0
    allow_growth: bool = False
    count: int = 1


_CHOSEN: ContextVar[Device] = ContextVar("indl_vae_device", default=Device())  # noqa: B039


def parse_device(text: str | None, allow_growth: bool = False) -> Device:
    """Returns the device that a text such as "gpu:0" or "cpu" means; None leaves the choice to TensorFlow.

    Raises:
        ConfigError: The text means none.
    """
    if text is None:
        return Device(allow_growth=allow_growth)
    match = _DEVICE.fullmatch(text.strip())
    if match is None:
        raise ConfigError(f"--device {text}: expected cpu, gpu or one of them with a number, as in gpu:0.")
    return Device(match[1].lower(), int(match[2] or 0), allow_growth)


def choose_device(device: Device) -> None:
    """Makes a device that of the command which is being run."""
    _CHOSEN.set(device)


def chosen_device() -> Device:
    """Returns the device that the command line has chosen."""
    return _CHOSEN.get()


def use_device(device: Device) -> None:
    """Lets TensorFlow see the device that was chosen and no GPU besides; loads TensorFlow.

    Where there is no GPU, one that was asked for is replaced by the CPU, with a warning. Of several CPU devices, each
    is a part of the CPU.

    Raises:
        ConfigError: There are GPUs, but not that one, or not so many; or TensorFlow has begun to use them already.
    """
    if device == Device():
        return
    _see(device)
    if device.count > 1:
        from indl_vae.training.devices import make_devices

        make_devices(device.count)


def _see(device: Device) -> None:
    import tensorflow as tf

    gpus = tf.config.list_physical_devices("GPU")
    if device.kind == "gpu" and not gpus:
        typer.echo(f"Warning: --device gpu:{device.number}: TensorFlow finds no GPU; computing on the CPU.", err=True)
    if not gpus:
        return
    if device.kind == "gpu" and device.number >= len(gpus):
        raise ConfigError(f"--device gpu:{device.number}: expected one of gpu:0 to gpu:{len(gpus) - 1}.")
    seen = {"cpu": [], "gpu": gpus[device.number : device.number + 1]}.get(device.kind, gpus)
    try:
        if seen != gpus:
            tf.config.set_visible_devices(seen, "GPU")
        for gpu in seen if device.allow_growth else []:
            tf.config.experimental.set_memory_growth(gpu, True)
    except RuntimeError as error:
        raise ConfigError(f"--device: cannot be chosen any more in this process ({error}). Start a new one.") from error
