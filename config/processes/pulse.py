"""A sign of life for whoever runs containers: a file that workers, the clock and the receiver touch as they go on.

    python -m config.processes.pulse 360    exits with 0 when it was touched within so many seconds

Redis may be away and a worker well: it goes on touching the file while it waits, so nobody restarts it for that. Needs
neither Django nor settings: it is asked every few seconds. Where PULSE_FILE is not set, nothing is touched.
"""

import os
import sys
import time
from pathlib import Path

from messaging.pulse import beat

__all__ = ["beat", "is_young", "main"]


def is_young(path: str, seconds: float) -> bool:
    """Whether the file was touched within so many seconds."""
    try:
        return time.time() - Path(path).stat().st_mtime <= seconds
    except OSError:
        return False


def main(arguments: list[str]) -> int:
    """The exit status for a probe."""
    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    return 0 if is_young(os.environ.get("PULSE_FILE", ""), float(arguments[0])) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
