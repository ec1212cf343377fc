"""A process that ends with its parent, whatever ends the parent: kill -9 leaves no orphans.

Linux only (PR_SET_PDEATHSIG); elsewhere a no-op. The kernel ties the promise to the *thread* that started the child:
start children from a thread that lives as long as they should. It holds through exec, not through fork: a child that
forks (gunicorn, the RQ worker) has to pass it on.
"""

import ctypes
import os
import signal
import sys
from pathlib import Path

_PR_SET_PDEATHSIG = 1
# Loaded here and not in the child: between fork and exec as little as possible should happen.
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def end_with_parent(parent: int, number: int = signal.SIGKILL) -> None:
    """Have the kernel send this process a signal when its parent ends.

    Args:
        parent: Process id of the parent; when it is gone already the signal is sent at once.
        number: The signal.
    """
    if _libc is None:
        return
    _libc.prctl(_PR_SET_PDEATHSIG, int(number), 0, 0, 0)
    if os.getppid() != parent:
        os.kill(os.getpid(), number)


def end_with_make() -> None:
    """When make runs this process, end in order (SIGTERM) if make is killed.

    Only for make: it is known to start its children from the thread that lives as long as itself.
    """
    parent = os.getppid()
    try:
        name = Path(f"/proc/{parent}/comm").read_text().strip()
    except OSError:
        return
    if name in ("make", "gmake"):
        end_with_parent(parent, signal.SIGTERM)
