"""Textback on many hosts, which are cut off one after the other while they send.

python -m tests.hosts --seed 7

In network namespaces, one for each host, where the machine lets us make them; else, or with --wires, on one network
with wires of their own. The first line says which, and why.
"""

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from tests.hosts import network
from tests.hosts.networked import NetworkedHosts
from tests.hosts.round import Result, play
from tests.hosts.wired import WiredHosts
from tests.run import clean_environment

_KEPT = Path(__file__).resolve().parent.parent.parent / "var" / "crash"
# Fifteen parts a second, so that a campaign is under way for long; incidents open all the time.
SEED = 7


def main(arguments: Sequence[str] | None = None) -> int:
    """Play a round; returns the exit status, 1 when a promise was broken."""
    made = argparse.ArgumentParser(prog="python -m tests.hosts", description=__doc__)
    made.add_argument("--seed", type=int, default=SEED, help="of the people")
    made.add_argument("--verbose", action="store_true", help="tell what is done while it is done")
    made.add_argument("--wires", action="store_true", help="no namespaces, also where they could be made")
    made.add_argument("--keep", default=str(_KEPT), help="where the files of a broken round are kept")
    # Said by this program to itself: it has been started anew in a namespace, and outside it is the one of this number.
    made.add_argument("--outside", type=int, help=argparse.SUPPRESS)
    options = made.parse_args(arguments)
    why = "" if options.outside else "it was asked for" if options.wires else network.obstacle()
    if not options.outside and not why:
        words = sys.argv[1:] if arguments is None else arguments
        again = [sys.executable, "-m", "tests.hosts", *words, "--outside", str(network.own_namespace())]
        sys.stdout.flush()
        command = network.apart(again)
        os.execv(command[0], command)
    signal.signal(signal.SIGTERM, _end)
    result = _play(options, why)
    verdict = f"{len(result.violations)} VIOLATIONS" if result.violations else "clean"
    if result.drained:
        print(f"hosts: who drained what\n{result.drained}", flush=True)
    print(f"hosts: seed {options.seed}: {verdict}; {result.summary}", flush=True)
    if not result.violations:
        return 0
    assert result.kept is not None
    print((result.kept / "violations.txt").read_text(), flush=True)
    wires = " --wires" if options.wires else ""
    print(
        f"Its files are in {result.kept}. Again: make hosts ARGS='--seed {options.seed} --verbose{wires}'", flush=True
    )
    return 1


def _play(options: argparse.Namespace, why: str) -> Result:
    keep, say = Path(options.keep), _tell if options.verbose else _silent
    env = clean_environment()
    if why:
        print(f"hosts: by wires on one network, and not in network namespaces, because {why}", flush=True)
        return play(lambda: WiredHosts(env), options.seed, keep, say)
    root = "as root" if os.geteuid() == 0 else "in a user namespace, not as root"
    print(f"hosts: in network namespaces, one for each host, joined by a bridge, made {root}", flush=True)
    with network.Switch(options.outside) as switch:
        return play(lambda: NetworkedHosts(env, switch), options.seed, keep, say)


def _tell(line: str) -> None:
    print(f"  {line}", flush=True)


def _silent(line: str) -> None:
    pass


def _end(number: int, frame: FrameType | None) -> None:
    # As Ctrl-C does: what was started is ended on the way out.
    raise KeyboardInterrupt


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
