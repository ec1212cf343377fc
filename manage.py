#!/usr/bin/env python
"""Django's command line for Textback, on the database, Redis and secret key that `make serve` uses here."""

import os
import sys
from pathlib import Path

from django.core.management import execute_from_command_line

from config.processes.environment import completed, with_dotenv
from config.processes.place import CannotServeError

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    base = Path(__file__).resolve().parent
    try:
        os.environ.update(completed(with_dotenv(base), base))
    except CannotServeError as problem:
        sys.exit(str(problem))
    execute_from_command_line(sys.argv)
