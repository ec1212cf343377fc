"""`python -m benchmarks [ROW ...]`: measure on SQLite and PostgreSQL, each row in a process and a database of its own.

make bench                                      every row, both databases
make bench ARGS="dispatch webhook --sqlite"     these rows, one database
make bench ARGS="--history"                     also with a million messages in the database
make bench ARGS="--write"                       and write docs/performance.md
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager

from benchmarks import databases, machine, report
from benchmarks.databases import Engine, Postgresql, Sqlite
from benchmarks.endings import end_in_order
from benchmarks.figures import Figure
from benchmarks.results import EMPTY, HISTORY, Measured, Results, worse
from tests.run import BASE

# In the order of the report: the figures to reach, then what explains them.
ROWS = ("expansion", "memory", "dispatch", "pacing", "alert", "webhook", "inbound", "timers", "guard")
_RUNS = 5


def main(arguments: Sequence[str]) -> int:
    """Print the report as it comes; returns the exit status."""
    wanted = _parse(arguments)
    end_in_order()
    described = machine.describe()
    print(", ".join(f"{name} {value}" for name, value in described.items()))
    if machine.is_busy():
        print("WARNING: others use this machine (see its load). The figures will be worth little.", file=sys.stderr)
    results = Results.read() if wanted.write else Results()
    failed = False
    with ExitStack() as stack:
        for engine in _engines(wanted, stack):
            if isinstance(engine, Postgresql):
                described["PostgreSQL"] = engine.version()
            for state in (EMPTY, HISTORY) if wanted.history else (EMPTY,):
                print(f"\n{engine.name}, {state} database", flush=True)
                databases.prepare(engine, state, history=state == HISTORY)
                for row in wanted.rows:
                    failed |= _measure(engine, state, row, wanted, results, described)
    return int(failed)


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser("make bench", description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"of {', '.join(ROWS)}; all when none is named")
    parser.add_argument("--sqlite", action="store_true", help="on SQLite only")
    parser.add_argument("--postgresql", action="store_true", help="on PostgreSQL only")
    parser.add_argument("--history", action="store_true", help="also with a million messages in the database")
    parser.add_argument("--full", action="store_true", help="also what takes long: memory at a million recipients")
    parser.add_argument("--runs", type=int, default=_RUNS, help="how often each thing is measured (%(default)s)")
    parser.add_argument("--write", action="store_true", help="write docs/performance.md; other rows stay as they are")
    wanted = parser.parse_args(arguments)
    if unknown := [row for row in wanted.rows if row not in ROWS]:
        parser.error(f"{', '.join(unknown)}: no such row; there are {', '.join(ROWS)}")
    wanted.rows = [row for row in ROWS if not wanted.rows or row in wanted.rows]
    return wanted


def _engines(wanted: argparse.Namespace, stack: ExitStack) -> list[Engine]:
    both = wanted.sqlite == wanted.postgresql
    engines: list[Engine] = []
    if both or wanted.sqlite:
        engines.append(stack.enter_context(Sqlite()))
    if both or wanted.postgresql:
        engines.append(stack.enter_context(Postgresql()))
    return engines


def _measure(
    engine: Engine,
    state: str,
    row: str,
    wanted: argparse.Namespace,
    results: Results,
    described: dict[str, str],
) -> bool:
    """Measure one row on a copy of the database, and report each figure at once. Returns whether it failed."""
    options = json.dumps({"runs": wanted.runs, "full": wanted.full})
    command = [sys.executable, "-m", "benchmarks.one", row, options]
    with databases.copy(engine, state) as env, _process(command, env) as process:
        for line in process.stdout or ():
            content = json.loads(line)
            content["spread"] = tuple(content["spread"])
            measured = Measured(engine.name, state, row, Figure(**content), described["date"])
            results.add(measured, described)
            print(report.line(measured.figure), flush=True)
            _compare(measured, results)
    if wanted.write:
        results.write()
        report.write(results, ROWS)
    if process.returncode:
        print(f"  {row}: failed, see above", flush=True)
    return process.returncode != 0


@contextmanager
def _process(command: Sequence[str], env: Mapping[str, str]) -> Iterator[subprocess.Popen[str]]:
    """A benchmark's process, asked to end when we are: it has processes of its own to end."""
    with subprocess.Popen(command, cwd=BASE, env=env, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        except BaseException:
            process.terminate()
            raise


def _compare(measured: Measured, results: Results) -> None:
    before = results.of(measured.engine, EMPTY, measured.row, measured.figure.key)
    if measured.state == HISTORY and before is not None:
        print(f"  {'':12}  {worse(before.figure, measured.figure):.2f} x worse than with an empty history", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
