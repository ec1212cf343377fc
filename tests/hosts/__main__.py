"""Textback on many hosts, which are cut off one after the other while they send.

python -m tests.hosts --seed 7
"""

import argparse
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from tests.hosts.round import play

_KEPT = Path(__file__).resolve().parent.parent.parent / "var" / "crash"
# Fifteen parts a second, so that a campaign is under way for long; incidents open all the time.
SEED = 7


def main(arguments: Sequence[str] | None = None) -> int:
    """Play a round; returns the exit status, 1 when a promise was broken."""
    made = argparse.ArgumentParser(prog="python -m tests.hosts", description=__doc__)
    made.add_argument("--seed", type=int, default=SEED, help="of the people")
    made.add_argument("--verbose", action="store_true", help="tell what is done while it is done")
    made.add_argument("--keep", default=str(_KEPT), help="where the files of a broken round are kept")
    options = made.parse_args(arguments)
    signal.signal(signal.SIGTERM, _end)
    result = play(options.seed, Path(options.keep), _tell if options.verbose else _silent)
    verdict = f"{len(result.violations)} VIOLATIONS" if result.violations else "clean"
    print(f"hosts: seed {options.seed}: {verdict}; {result.summary}", flush=True)
    if not result.violations:
        return 0
    assert result.kept is not None
    print((result.kept / "violations.txt").read_text(), flush=True)
    print(f"Its files are in {result.kept}. Again: make hosts ARGS='--seed {options.seed} --verbose'", flush=True)
    return 1


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
