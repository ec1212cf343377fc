"""Judge rounds again that were kept: a sharpened judge may see what an earlier one did not.

python -m tests.crash.again var/crash/sqlite-7 var/crash/postgresql-7
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.crash import keeping, report
from tests.crash.judge import judge


def main(arguments: Sequence[str] | None = None) -> int:
    """Judge kept evidence; returns the exit status, 1 when a promise was broken. Their audit was made at the time."""
    made = argparse.ArgumentParser(prog="python -m tests.crash.again", description=__doc__)
    made.add_argument("directories", nargs="+", type=Path)
    broken = 0
    for directory in made.parse_args(arguments).directories:
        evidence = keeping.kept(directory)
        violations = judge(evidence)
        broken += bool(violations)
        verdict = f"{len(violations)} VIOLATIONS" if violations else "clean"
        print(f"crash: {directory}: {verdict}; {report.figures(evidence)}")
        if violations:
            print(report.told(violations, evidence))
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
