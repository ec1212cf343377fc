"""`python -m benchmarks`: measure on SQLite and on PostgreSQL, each in a process and a database of its own."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.postgres import Postgres
from tests.run import BASE, clean_environment


def main() -> int:
    """Print the report; returns the exit status."""
    with tempfile.TemporaryDirectory() as directory:
        failed = _measure("SQLite", f"sqlite:///{Path(directory) / 'bench.sqlite3'}")
    with Postgres() as server:
        failed |= _measure("PostgreSQL", server.url)
    print("\nshare: what it is measured beside / ours; 1.00 is as fast as it. Medians of rounds measured in turns.")
    return failed


def _measure(engine: str, url: str) -> int:
    print(f"\n{engine}\n  {'ours':>10}  {'beside':>10}  {'share':>5}  lowest-highest", flush=True)
    command = [sys.executable, "-m", "benchmarks.one"]
    # There is no Redis here, and each wake-up says so.
    env = {**clean_environment(), "DATABASE_URL": url, "LOG_LEVEL": "ERROR"}
    with subprocess.Popen(command, cwd=BASE, env=env, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout or ():
            print(_line(json.loads(line)), flush=True)
    return int(process.returncode != 0)


def _line(row: dict[str, Any]) -> str:
    lowest, highest = row["spread"]
    goal = "" if row["goal"] is None else f"  (goal {row['goal']:.2f})"
    times = f"{_time(row['ours'])}  {_time(row['beside'])}"
    return f"  {times}  {row['share']:5.2f}  {lowest:.2f}-{highest:.2f}  {row['what']}{goal}"


def _time(seconds: float) -> str:
    return f"{seconds * 1000:7.2f} ms"


if __name__ == "__main__":
    sys.exit(main())
