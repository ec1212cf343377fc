"""How fast an export of Amazon Pinpoint is brought in: `python -m benchmarks.importing [KIND ...] --rows 20000`.

Processor time, so that others on the machine matter little: of the command, and of PostgreSQL's processes that served
it. Each kind is brought into a database of its own, then once more, which changes nothing.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

from benchmarks import databases
from benchmarks.databases import Engine, Postgresql, Sqlite
from tests.pinpoint import MADE
from tests.run import BASE

_OURS = "+14255550100"
_OPTIONS = {
    "segment": ("--segment", "Night nurses"),
    "segment-csv": ("--segment", "Night nurses"),
    "opt-outs": ("--every-number",),
    "consent": ("--time-zone", "UTC"),
    "shifts": ("--add-employees",),
    "incidents": ("--ended-at", "2026-10-30T00:00:00Z"),
}


def main(arguments: Sequence[str]) -> int:
    """Print a line for each run."""
    parser = argparse.ArgumentParser("benchmarks.importing", description=__doc__)
    parser.add_argument("kinds", nargs="*", metavar="KIND", help=f"of {', '.join(MADE)}; all when none is named")
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--sqlite", action="store_true", help="on SQLite only")
    parser.add_argument("--postgresql", action="store_true", help="on PostgreSQL only")
    wanted = parser.parse_args(arguments)
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="textback-bench-")))
        for engine in _engines(wanted, stack):
            databases.prepare(engine, "empty", history=False)
            for kind in wanted.kinds or MADE:
                files = directory / kind
                if not files.exists():
                    files.mkdir()
                    MADE[kind](files, wanted.rows)
                _measure(engine, kind, files, wanted.rows)
    return 0


def _engines(wanted: argparse.Namespace, stack: ExitStack) -> Iterator[Engine]:
    if not wanted.postgresql:
        yield stack.enter_context(Sqlite())
    if not wanted.sqlite:
        yield stack.enter_context(Postgresql())


def _measure(engine: Engine, kind: str, files: Path, rows: int) -> None:
    with databases.copy(engine, "empty") as env:
        env = {**env, "ORIGINATION_IDENTITY": _OURS}
        _manage(env, "migrate", "--verbosity", "0")
        for which in ("first", "again"):
            before, server = _of_children(), _of_server(engine)
            source = kind.removesuffix("-csv")
            told = _manage(env, "import_pinpoint", source, str(files), *_OPTIONS[kind])
            ours, theirs = _of_children() - before, _of_server(engine) - server
            peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
            print(
                f"{engine.name} {kind} {which}: {rows / (ours + theirs):,.0f} rows/s of processor time"
                f" ({ours:.1f} s of ours, {theirs:.1f} s of the server's); at most {peak:.0f} MiB so far; {told}",
                flush=True,
            )


def _manage(env: dict[str, str], *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments], cwd=BASE, env=env, stdout=subprocess.PIPE, text=True, check=True,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    return done.stdout.partition("\n")[0]


def _of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _of_server(engine: Engine) -> float:
    """Processor time of PostgreSQL: what its first process has seen end, and what still runs."""
    if not isinstance(engine, Postgresql):
        return 0.0
    first = engine.postmaster()
    running = sum(sum(each.cpu_times()[:2]) for each in first.children(recursive=True))
    return float(sum(first.cpu_times()[:4]) + running)


if __name__ == "__main__":
    os.chdir(BASE)
    sys.exit(main(sys.argv[1:]))
