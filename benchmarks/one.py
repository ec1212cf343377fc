"""`python -m benchmarks.one`: every benchmark on the database of DATABASE_URL; prints one line of JSON for each row."""

import dataclasses
import json
import os
import sys

import django


def main() -> int:
    """Migrate an empty database, measure."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from django.core.management import call_command

    from benchmarks import expansion, guard

    call_command("migrate", verbosity=0)
    for benchmark in (guard, expansion):
        for row in benchmark.rows():
            print(json.dumps(dataclasses.asdict(row)), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
