"""Time as the house sees it: what long-running work asks for the time, sleeps by, and learns from that it must end.

Everything that waits goes through here, so that tests move time instead of sleeping through it.
"""

import threading
import time
from datetime import datetime

from django.utils import timezone

_stop = threading.Event()


def now() -> datetime:
    """The current time, aware, UTC."""
    return timezone.now()


def sleep(seconds: float) -> None:
    """Wait, at most until somebody asks the process to stop."""
    if seconds > 0:
        _stop.wait(seconds) if not _stop.is_set() else time.sleep(min(seconds, 0.01))


def request_stop() -> None:
    """Ask long-running work in this process to come to an end at its next safe point."""
    _stop.set()


def stop_requested() -> bool:
    """Whether this process has been asked to end."""
    return _stop.is_set()


def forget_stop() -> None:
    """Take back the request to end."""
    _stop.clear()
