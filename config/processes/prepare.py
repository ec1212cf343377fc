"""What has to be done once before the processes start: check, migrate, collect the static files."""

import fcntl
import hashlib
import sys
import time
from pathlib import Path

import django
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection

# A database that is restarted beside us is back within this.
_PATIENCE_SECONDS = 30.0


def prepare() -> int:
    """Do it all, in one process: starting Django takes longer than most of it.

    A PostgreSQL that cannot be reached, or goes away meanwhile, is waited for.
    """
    django.setup()
    patient_until = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            return _prepare()
        except OperationalError as problem:
            connection.close()
            if connection.vendor != "postgresql":
                raise
            if time.monotonic() >= patient_until:
                say = "See that PostgreSQL runs and that DATABASE_URL names it."
                print(f"The database cannot be reached: {str(problem).strip()}. {say}", file=sys.stderr)
                return 1
            print(f"The database is away; trying again: {str(problem).strip()}", file=sys.stderr)
            time.sleep(1)


def _prepare() -> int:
    try:
        call_command("check")
        call_command("migrate", interactive=False, verbosity=1)
        collect_static(Path(settings.STATIC_ROOT))
    except CommandError as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


def collect_static(root: Path) -> bool:
    """Collect the static files when any of them changed since last time; returns whether it was needed.

    A server beside us may be reading these files: they are left alone unless they must change.
    """
    root.parent.mkdir(parents=True, exist_ok=True)
    stamp = root.with_name(root.name + ".stamp")
    with stamp.open("a+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        fingerprint = _fingerprint()
        if root.is_dir() and file.read().strip() == fingerprint:
            return False
        call_command("collectstatic", interactive=False, verbosity=0)
        file.truncate(0)
        file.write(fingerprint + "\n")
    return True


def _fingerprint() -> str:
    digest = hashlib.sha256(repr(settings.STORAGES["staticfiles"]).encode())
    for finder in get_finders():
        for name, storage in finder.list([]):
            status = Path(storage.path(name)).stat()
            digest.update(f"{name} {status.st_size} {status.st_mtime_ns}\n".encode())
    return digest.hexdigest()
