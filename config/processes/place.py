"""Where the helpers of one database keep their files: its lock, its secret key, its embedded Redis.

Beside the database when it is a file, so that two databases never share anything; otherwise in a directory of its own
under var/, named by a hash of the database's URL.
"""

import contextlib
import fcntl
import hashlib
import os
import secrets
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import environ

# sockaddr_un.sun_path is 108 bytes with its ending zero; redis-server adds nothing to it.
_LONGEST_SOCKET_PATH = 107


class CannotServeError(Exception):
    """The reason why Textback cannot start here, in words for whoever started it."""


def default_database_url(base: Path) -> str:
    """The database used when DATABASE_URL is unset; config.settings says the same."""
    return f"sqlite:///{base / 'var' / 'textback.sqlite3'}"


def directory_for(database_url: str, base: Path) -> Path:
    """The directory for the helpers of a database; made when missing, closed to others.

    Raises:
        CannotServeError: The database cannot be shared by several processes, or the directory cannot be written.
    """
    scheme = database_url.partition(":")[0]
    if scheme not in environ.Env.DB_SCHEMES:
        raise CannotServeError(f"DATABASE_URL begins with {scheme!r}; it should be sqlite:///… or postgresql://…")
    config = environ.Env.db_url_config(database_url)
    if config["ENGINE"] == "django.db.backends.sqlite3":
        name = str(config["NAME"])
        if name == ":memory:":
            raise CannotServeError("DATABASE_URL is a database in memory, which several processes cannot share.")
        file = (base / name).resolve()
        directory = file.with_name(file.name + ".run")
    else:
        directory = base / "var" / f"{hashlib.sha256(database_url.encode()).hexdigest()[:12]}.run"
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as problem:
        raise CannotServeError(f"Cannot make {directory}: {problem.strerror}") from None
    return directory


def socket_in(directory: Path) -> Path:
    """Where the socket of the embedded Redis goes: in the directory, or where the path is short enough for a socket.

    Raises:
        CannotServeError: Somebody else owns the place.
    """
    path = directory / "redis.sock"
    if len(os.fsencode(path)) <= _LONGEST_SOCKET_PATH:
        return path
    name = f"textback-{hashlib.sha256(os.fsencode(directory)).hexdigest()[:12]}"
    for parent in (Path(tempfile.gettempdir()), Path("/tmp")):  # noqa: S108
        path = parent / name / "redis.sock"
        if len(os.fsencode(path)) <= _LONGEST_SOCKET_PATH:
            break
    path.parent.mkdir(mode=0o700, exist_ok=True)
    found = path.parent.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or stat.S_IMODE(found.st_mode) & 0o077:
        raise CannotServeError(f"{path.parent} belongs to somebody else, or is open to others; remove it.")
    return path


def secret_key_in(directory: Path) -> str:
    """The secret key of this database, made and kept at first use."""
    path = directory / "secret_key"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        if kept := path.read_text().strip():
            return kept
        # Empty: whoever made it was interrupted before writing.
        descriptor = os.open(path, os.O_WRONLY | os.O_TRUNC)
    key = secrets.token_urlsafe(50)
    with os.fdopen(descriptor, "w") as file:
        file.write(key + "\n")
    return key


@contextlib.contextmanager
def lock(directory: Path, address: str) -> Iterator[None]:
    """Hold this database's lock; the kernel lets it go when this process ends, however it ends.

    Raises:
        CannotServeError: Another process holds it.
    """
    with open(directory / "lock", "a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            holder = file.read().strip() or "another process"
            raise CannotServeError(
                f"Textback already serves this database ({holder}). "
                "Stop it first, or set DATABASE_URL to another database."
            ) from None
        file.truncate(0)
        file.write(f"process {os.getpid()}, {address}\n")
        file.flush()
        yield
