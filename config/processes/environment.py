"""What the environment lacks, filled in: the same for `make serve` and for manage.py, so that both mean one house."""

import os
from collections.abc import Mapping
from pathlib import Path

import environ

from config.processes import embedded_redis
from config.processes.place import CannotServeError, default_database_url, directory_for, secret_key_in, socket_in
from config.secrets import CannotReadSecretError, read_files

_MAY_BE_EMPTY = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY")


def with_dotenv(directory: Path) -> dict[str, str]:
    """Our own environment, what a file .env beside manage.py adds to it, and secrets that lie in files.

    Raises:
        config.processes.place.CannotServeError: a secret cannot be read.
    """
    if (file := directory / ".env").is_file():
        environ.Env.read_env(file)
    try:
        read_files(os.environ)
    except CannotReadSecretError as problem:
        raise CannotServeError(str(problem)) from problem
    return dict(os.environ)


def completed(env: Mapping[str, str], directory: Path) -> dict[str, str]:
    """The environment with database, Redis and secret key; whatever is given stays.

    Raises:
        config.processes.place.CannotServeError: the place of what is missing cannot be used.
    """
    complete = {name: value for name, value in env.items() if value or name not in _MAY_BE_EMPTY}
    if all(name in complete for name in _MAY_BE_EMPTY):
        return complete
    place = directory_for(complete.setdefault("DATABASE_URL", default_database_url(directory)), directory)
    if "REDIS_URL" not in complete:
        complete["REDIS_URL"] = embedded_redis.url(socket_in(place))
    if "SECRET_KEY" not in complete:
        complete["SECRET_KEY"] = secret_key_in(place)
    return complete
