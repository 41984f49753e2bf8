"""What a callback must offer so that an interrupted run can go on."""

from __future__ import annotations

from typing import Any

import keras


class Resumable(keras.callbacks.Callback):
    """A callback whose memory can be written to JSON and read back.

    Attributes:
        remembered: Names of the attributes that make up the memory; plain numbers, strings and lists.
    """

    remembered: tuple[str, ...] = ()

    def memory(self) -> dict[str, Any]:
        """Returns the memory as plain values."""
        return {name: getattr(self, name) for name in self.remembered}

    def recall(self, memory: dict[str, Any]) -> None:
        """Restores what `memory` returned."""
        for name in self.remembered:
            setattr(self, name, memory.get(name, getattr(self, name)))  # states of older versions lack some

    def settle(self) -> None:
        """Writes to disk what the memory speaks of, before the memory itself is written."""
