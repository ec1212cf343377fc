"""A sign of life for whoever runs containers: a file that a process touches as it goes on. config.processes.pulse asks.

Where PULSE_FILE is not set, nothing is touched. Needs neither Django nor settings.
"""

import contextlib
import os
from pathlib import Path


def beat() -> None:
    """Touch the file, if there is to be one."""
    if path := os.environ.get("PULSE_FILE"):
        # A full disk is no reason to end; whoever looks will see that it grows old.
        with contextlib.suppress(OSError):
            Path(path).touch()
