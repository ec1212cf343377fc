"""`python -m benchmarks.one ROW OPTIONS`: one benchmark on the database of DATABASE_URL; a line of JSON a figure.

`prepare` instead of a row migrates the empty database; with {"history": true} it is filled as well.
"""

import dataclasses
import importlib
import json
import os
import sys
from typing import Any

import django

from benchmarks.endings import end_in_order
from benchmarks.stage import stage


def main(name: str, options: dict[str, Any]) -> int:
    """Prepare the database, or measure one row on it."""
    end_in_order(with_parent=True)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    if name == "prepare":
        return prepare(history=bool(options.get("history")))
    with stage(runs=options["runs"], full=options["full"]) as found:
        django.setup()
        for figure in importlib.import_module(f"benchmarks.{name}").figures(found):
            print(json.dumps(dataclasses.asdict(figure)), flush=True)
    return 0


def prepare(*, history: bool) -> int:
    """Migrate, and fill where a history is wanted."""
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    if history:
        from benchmarks.history import fill

        fill()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], json.loads(sys.argv[2])))
