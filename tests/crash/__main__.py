"""Kill parts of Textback while it works, and compare what is left with what the carrier has.

python -m tests.crash --rounds 20 --seed 100 --database both
"""

import argparse
import random
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from tests.crash.round import LONG, SHORT, play

_KEPT = Path(__file__).resolve().parent.parent.parent / "var" / "crash"


def main(arguments: Sequence[str] | None = None) -> int:
    """Play rounds; returns the exit status, 1 when a promise was broken."""
    options = _parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, _end)
    databases = ("sqlite", "postgresql") if options.database == "both" else (options.database,)
    first = options.seed if options.seed is not None else random.SystemRandom().randrange(1_000_000)
    broken = 0
    for seed in range(first, first + options.rounds):
        for database in databases:
            plan = SHORT if options.short else LONG
            say = _tell if options.verbose else _silent
            result = play(seed, database, plan, Path(options.keep), say, keep_clean=options.keep_all)
            verdict = f"{len(result.violations)} VIOLATIONS" if result.violations else "clean"
            print(f"crash: seed {seed} on {database}: {verdict}; {result.summary}", flush=True)
            if result.violations:
                broken += 1
                assert result.kept is not None
                print((result.kept / "violations.txt").read_text(), flush=True)
                short = " ARGS=--short" if options.short else ""
                again = f"make crash SEED={seed} DATABASE={database}{short}"
                print(f"Its files are in {result.kept}. Again: {again}", flush=True)
    if broken:
        print(f"crash: {broken} of {options.rounds * len(databases)} rounds broke a promise", flush=True)
    return 1 if broken else 0


def _parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="python -m tests.crash", description=__doc__)
    made.add_argument("--rounds", type=int, default=1)
    made.add_argument("--seed", type=int, help="of the first round; the next ones count up (default: by chance)")
    made.add_argument("--database", choices=["sqlite", "postgresql", "both"], default="both")
    made.add_argument("--short", action="store_true", help="a minute or so, as make test does it")
    made.add_argument("--verbose", action="store_true", help="tell what is done while it is done")
    made.add_argument("--keep-all", action="store_true", help="keep the files of clean rounds too")
    made.add_argument("--keep", default=str(_KEPT), help="where the files of broken rounds are kept")
    return made


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
