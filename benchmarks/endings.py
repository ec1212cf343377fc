"""Ending in order: whoever is asked to end leaves its `with` blocks, which end what they have started."""

import os
import signal
import sys
from types import FrameType

from config.processes.lifeline import end_with_parent


def end_in_order(*, with_parent: bool = False) -> None:
    """Let SIGTERM end this process as Ctrl-C does; and, if wanted, have it sent when our parent is killed."""
    signal.signal(signal.SIGTERM, _leave)
    if with_parent:
        end_with_parent(os.getppid(), signal.SIGTERM)


def _leave(number: int, frame: FrameType | None) -> None:
    # Once: what is being ended must not be interrupted.
    signal.signal(number, signal.SIG_IGN)
    sys.exit(128 + number)
