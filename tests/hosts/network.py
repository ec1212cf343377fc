"""Hosts as the kernel sees them: a network namespace each, on one switch, with an address and a loopback of its own.

The switch is in a namespace too, in which `make hosts` starts itself anew. Nothing of it has a name on the machine or
touches an interface, an address or a route of the machine, and nothing has to be removed: the kernel removes namespaces
and what is in them with the last process, however that ends.

A host's namespace belongs to a thread. Whatever that thread starts is on that host.
"""

import ctypes
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Self, TypeVar

# Nobody outside can see these, nor be hidden by them.
_NETWORK, _BITS, _FIRST_HOST = "10.86.7", 24, 11
SWITCH_ADDRESS = f"{_NETWORK}.1"
_BRIDGE = "hosts"
# Else it takes that of a port, and changes it with the ports while hosts remember it.
_BRIDGE_MAC = "02:00:0a:56:07:01"
# <linux/sched.h>; os.unshare and its flags came with Python 3.12.
_CLONE_NEWNET, _CLONE_NEWUTS = 0x40000000, 0x04000000
_PATH = os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"))
_TRY = """
set -e
ip link set lo up
ip link add hosts type bridge
ip link add port type veth peer name other
ip link set port master hosts
ip link set port type bridge_slave isolated on
unshare --net --uts ip link set lo up
"""
_TRY_SECONDS = 20
T = TypeVar("T")


class NetworkTrouble(Exception):
    """`ip`, or the kernel, does not do what it was asked."""


def obstacle() -> str:
    """Why hosts cannot have namespaces here, to follow "because"; empty when they can. Tries it, and leaves nothing."""
    if sys.platform != "linux":
        return f"this is {sys.platform} and not Linux"
    for program, package in (("unshare", "util-linux"), ("ip", "iproute2")):
        if shutil.which(program, path=_PATH) is None:
            return f"there is no `{program}` here ({package})"
    try:
        tried = subprocess.run(
            [*_apart(), "/bin/sh", "-c", _TRY],
            env={"PATH": _PATH, "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_TRY_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"namespaces were not made within {_TRY_SECONDS} s"
    if tried.returncode == 0:
        return ""
    told = (tried.stderr.strip() or f"exit status {tried.returncode}").splitlines()[0]
    who = "root, but not allowed to make namespaces" if os.geteuid() == 0 else "neither root nor allowed to act as it"
    return f"we are {who} ({told})"


def apart(command: Sequence[str]) -> list[str]:
    """A command that runs this one in a network namespace of its own, in which it may do as root does."""
    return [*_apart(), *command]


def own_namespace() -> int:
    """The number of the network namespace that the calling thread is in."""
    return namespace_of("thread-self")


def namespace_of(process: int | str) -> int:
    """The number of the network namespace of a process.

    Raises:
        OSError: there is no such process, or it is somebody else's.
    """
    return Path(f"/proc/{process}/ns/net").stat().st_ino


class Namespace:
    """A host's own network and its own name."""

    def __init__(self, name: str, address: str) -> None:
        self.name, self.address = name, address
        # What it starts ends with the thread (config.processes.lifeline): there is one, and it lives until `close`.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=name)
        self.number = self.do(self._enter)

    def do(self, what: Callable[[], T]) -> T:
        """Have something done on this host, and wait for it."""
        return self._thread.submit(what).result()

    def close(self) -> None:
        """End what still runs here."""
        self._thread.shutdown()

    def _enter(self) -> int:
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.unshare(_CLONE_NEWNET | _CLONE_NEWUTS) != 0:
            raise NetworkTrouble(f"{self.name} gets no namespace: {os.strerror(ctypes.get_errno())}")
        socket.sethostname(self.name)
        ip("link set dev lo up")
        # By the number of this process the kernel finds the namespace of its first thread: the switch's.
        ip(f"link add eth0 type veth peer name {self.name} netns {os.getpid()}")
        ip(f"address add {self.address}/{_BITS} dev eth0")
        ip("link set dev eth0 up")
        return own_namespace()


class Switch:
    """`with Switch(outside) as switch: switch.plug("sender-1")`, in the first thread of a process that is `apart`."""

    def __init__(self, outside: int) -> None:
        """``outside`` is the number of the machine's own namespace, in which nothing may be made.

        Raises:
            NetworkTrouble: we are in it.
        """
        if own_namespace() == outside:
            raise NetworkTrouble("this is the machine's own network")
        self.namespaces: dict[str, Namespace] = {}

    def __enter__(self) -> Self:
        ip("link set dev lo up")
        ip(f"link add {_BRIDGE} address {_BRIDGE_MAC} type bridge")
        ip(f"address add {SWITCH_ADDRESS}/{_BITS} dev {_BRIDGE}")
        ip(f"link set dev {_BRIDGE} up")
        return self

    def __exit__(self, *_: object) -> None:
        for namespace in self.namespaces.values():
            namespace.close()

    def plug(self, name: str) -> Namespace:
        """A new host, its link up."""
        made = Namespace(name, f"{_NETWORK}.{_FIRST_HOST + len(self.namespaces)}")
        self.namespaces[name] = made
        ip(f"link set dev {name} master {_BRIDGE}")
        self.join(name)
        return made

    def pull(self, name: str) -> None:
        """Take a host's link down at the switch: whatever is said to it or by it vanishes."""
        ip(f"link set dev {name} down")

    def join(self, name: str) -> None:
        """Take its link up."""
        ip(f"link set dev {name} up")

    def isolate(self, name: str, *, isolated: bool) -> None:
        """Whether what passes between this host and others that are isolated vanishes."""
        ip(f"link set dev {name} type bridge_slave isolated {'on' if isolated else 'off'}")


def ip(words: str) -> None:
    """Run `ip` in the calling thread's namespace.

    Raises:
        NetworkTrouble: it failed.
    """
    command = [shutil.which("ip", path=_PATH) or "ip", *words.split()]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise NetworkTrouble(f"ip {words}: {done.stderr.strip()}")


def _apart() -> list[str]:
    program = shutil.which("unshare", path=_PATH) or "unshare"
    if os.geteuid() == 0:
        return [program, "--net"]
    # Under their own number: PostgreSQL refuses to be run by whoever is called root.
    return [program, "--user", "--map-current-user", "--keep-caps", "--net"]
