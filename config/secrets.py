"""Secrets that lie in files, as containers are given them: NAME_FILE says where NAME is. Needs no settings."""

from collections.abc import MutableMapping
from pathlib import Path

NAMES = ("SECRET_KEY", "DATABASE_URL", "REDIS_URL", "METRICS_TOKEN", "SENTRY_DSN", "AWS_SECRET_ACCESS_KEY")


class CannotReadSecretError(Exception):
    """A file that was named cannot be read, or is empty."""


def read_files(environment: MutableMapping[str, str]) -> None:
    """Put what lies in the files that the environment names into the environment. What is set stays.

    Raises:
        CannotReadSecretError: going on without it would mean another database, or a key that everybody knows.
    """
    for name in NAMES:
        path = environment.get(f"{name}_FILE")
        if not path or environment.get(name):
            continue
        try:
            secret = Path(path).read_text().strip()
        except (OSError, ValueError) as problem:
            raise CannotReadSecretError(f"{name}_FILE cannot be read: {problem}") from problem
        if not secret:
            raise CannotReadSecretError(f"{name}_FILE is empty: {path}")
        environment[name] = secret
