"""A database, empty or with a history, made once and copied for each benchmark: none sees another's rows."""

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol, Self

import psutil
import psycopg

from tests.postgres import Postgres
from tests.run import BASE, clean_environment


class Engine(Protocol):
    """A place where databases are made."""

    name: str

    def template(self, name: str) -> str:
        """The URL of a new database to be prepared and copied."""

    def copied(self, name: str) -> str:
        """The URL of the one copy of a database."""

    def remove_copy(self) -> None:
        """Remove it."""


class Sqlite:
    """Files in a directory of their own."""

    name = "SQLite"

    def __init__(self) -> None:
        self._directory = tempfile.TemporaryDirectory(prefix="textback-bench-")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._directory.cleanup()

    def template(self, name: str) -> str:
        """See Engine."""
        return f"sqlite:///{self._file(name)}"

    def copied(self, name: str) -> str:
        """See Engine."""
        # Whoever closes a database last writes its log into it: the file is all there is.
        shutil.copyfile(self._file(name), self._file("copy"))
        return self.template("copy")

    def remove_copy(self) -> None:
        """See Engine."""
        for path in Path(self._directory.name).glob("copy.*"):
            # Beside the file there is a directory of the embedded Redis, if something has started it.
            shutil.rmtree(path) if path.is_dir() else path.unlink()

    def _file(self, name: str) -> Path:
        return Path(self._directory.name) / f"{name}.sqlite3"


class _Durable(Postgres):
    """As PostgreSQL comes, but for some memory: what was committed is on the disk, as in production."""

    def __init__(self) -> None:
        super().__init__()
        self._settings = {"shared_buffers": "512MB", "max_wal_size": "4GB", "max_connections": "100"}


class Postgresql:
    """Databases of a server of their own."""

    name = "PostgreSQL"

    def __init__(self) -> None:
        self._server = _Durable()

    def __enter__(self) -> Self:
        self._server.__enter__()
        return self

    def __exit__(self, *exception: object) -> None:
        self._server.close()

    def template(self, name: str) -> str:
        """See Engine."""
        self._run(f"CREATE DATABASE {name}")
        return self._url(name)

    def copied(self, name: str) -> str:
        """See Engine."""
        self._run(f"CREATE DATABASE copy TEMPLATE {name} STRATEGY file_copy")
        return self._url("copy")

    def remove_copy(self) -> None:
        """See Engine."""
        self._run("DROP DATABASE IF EXISTS copy WITH (FORCE)")

    def version(self) -> str:
        """The server's version."""
        with psycopg.connect(self._server.url) as connection:
            row = connection.execute("SHOW server_version").fetchone()
        return str(row[0]).split()[0] if row else ""

    def postmaster(self) -> psutil.Process:
        """The process whose children serve clients."""
        with psycopg.connect(self._server.url) as connection:
            parent = psutil.Process(connection.info.backend_pid).parent()
        if parent is None:
            raise RuntimeError("PostgreSQL has ended.")
        return parent

    def _url(self, name: str) -> str:
        return self._server.url.replace("/postgres?", f"/{name}?")

    def _run(self, statement: str) -> None:
        with psycopg.connect(self._server.url, autocommit=True) as connection:
            connection.execute(statement.encode())


def environment(url: str) -> dict[str, str]:
    """The environment of a benchmark's process: nothing of the caller's, this database."""
    return {**clean_environment(), "DATABASE_URL": url, "LOG_LEVEL": "ERROR"}


def prepare(engine: Engine, name: str, *, history: bool) -> None:
    """Make a database to copy: migrated, and filled where a history is wanted."""
    command = [sys.executable, "-m", "benchmarks.one", "prepare", json.dumps({"history": history})]
    subprocess.run(command, cwd=BASE, env=environment(engine.template(name)), check=True)


@contextmanager
def copy(engine: Engine, name: str) -> Iterator[dict[str, str]]:
    """The environment for one benchmark on a copy of its own."""
    url = engine.copied(name)
    try:
        yield environment(url)
    finally:
        engine.remove_copy()
