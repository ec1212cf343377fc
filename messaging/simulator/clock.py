"""The two clocks of the simulator: one for the wall, which tests move, and a steady one for waiting.

Nothing waits by the wall clock: a text is still delivered 0.4 s later when a test has put the date in 2031.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime


def wall() -> float:
    return time.time()


def steady() -> float:
    return time.monotonic()


def milliseconds(at: float) -> int:
    return int(at * 1000)


def iso(at: float) -> str:
    """The form SNS gives its Timestamp: UTC, milliseconds, Z."""
    moment = datetime.fromtimestamp(at, UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"
