"""What the numbers were measured on."""

from __future__ import annotations

import os
import platform
from importlib import metadata
from pathlib import Path
from typing import Any

CPU_INFO = Path("/proc/cpuinfo")


def machine() -> dict[str, Any]:
    """Returns the cores this process may use, the processor's name, and the versions that matter."""
    return {
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        "cpu_model": cpu_model(CPU_INFO.read_text(encoding="utf-8") if CPU_INFO.is_file() else ""),
        "system": platform.system(),
        "python": platform.python_version(),
        **{name: metadata.version(name) for name in ("tensorflow", "keras")},
    }


def cpu_model(cpu_info: str) -> str:
    """Returns the processor's name from the text of Linux's cpuinfo, or what Python knows of it."""
    for line in cpu_info.splitlines():
        key, _, value = line.partition(":")
        if key.strip() == "model name":
            return value.strip()
    return platform.processor() or platform.machine()
