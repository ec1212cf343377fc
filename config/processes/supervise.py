"""`make serve`: everything one machine needs, started, kept alive and ended together.

Embedded Redis unless REDIS_URL is set, then check, migrate and static files, then the processes of the Procfile.
Nothing of Django is imported here: the children read the environment that is made here.
"""

import os
import socket
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from honcho.environ import parse_procfile

from config.processes import embedded_redis
from config.processes.children import OWN_NAME, Children, StopRequestedError
from config.processes.environment import completed, with_dotenv
from config.processes.lifeline import end_with_make
from config.processes.output import Output
from config.processes.place import (
    CannotServeError,
    default_database_url,
    directory_for,
    lock,
    socket_in,
)
from config.processes.ready import host_in, when_ready

BASE_DIR = Path(__file__).resolve().parent.parent.parent
_REDIS_SECONDS = 10.0

OnReady = Callable[[Callable[[str], None]], None]


def serve() -> int:
    """Supervise the processes of the Procfile in the environment we were given; returns the exit status."""
    try:
        env = with_dotenv(BASE_DIR)
    except CannotServeError as problem:
        print(problem, file=sys.stderr)
        return 1
    procs = processes()
    if env.get("INBOUND") == "sqs":
        # Not in the Procfile: without its queue it would only end.
        procs["receiver"] = "python manage.py receive_sqs"
    return supervise(procs, env)


def processes(name: str = "Procfile") -> dict[str, str]:
    """The processes of a Procfile: name → command."""
    return dict(parse_procfile((BASE_DIR / name).read_text()).processes)


def supervise(
    procs: Mapping[str, str],
    env: Mapping[str, str],
    on_ready: OnReady | None = None,
    *,
    prepare: Sequence[str] = ("python -m config.processes prepare",),
    directory: Path = BASE_DIR,
) -> int:
    """Run processes until SIGTERM or Ctrl-C; returns the exit status, 0 when the end was asked for.

    Args:
        procs: name → command, as in a Procfile; each one simple command.
        env: The environment for them; what is missing (SECRET_KEY, REDIS_URL, DATABASE_URL, PORT) is filled in.
        on_ready: Called once /readyz answers 200, in a thread of its own, with a function that prints a line.
        prepare: Commands run to their end, one after the other, before the processes start.
        directory: Where relative paths begin.
    """
    end_with_make()
    output = Output()
    output.known(OWN_NAME, *procs)
    try:
        with ExitStack() as stack:
            complete, redis_place = _complete(env, directory, stack)
            children = Children(complete, directory, output)
            children.obey_signals()
            return _run(children, procs, complete, redis_place, prepare, on_ready)
    except CannotServeError as problem:
        output.line(OWN_NAME, str(problem))
        return 1
    finally:
        output.close()


def _complete(env: Mapping[str, str], directory: Path, stack: ExitStack) -> tuple[dict[str, str], Path | None]:
    """The environment with all that may be missing; and where the embedded Redis lives, when there is to be one."""
    port = _port(env.get("PORT") or "8000")
    complete = completed(env, directory)
    redis_place = None
    if not env.get("REDIS_URL"):
        redis_place = directory_for(complete.setdefault("DATABASE_URL", default_database_url(directory)), directory)
        stack.enter_context(lock(redis_place, f"http://localhost:{port}"))
    _refuse_used_port(port)
    complete["PORT"] = str(port)
    complete["PYTHONUNBUFFERED"] = "1"
    complete["PATH"] = os.pathsep.join((str(Path(sys.executable).parent), complete.get("PATH", os.defpath)))
    return complete, redis_place


def _run(
    children: Children,
    procs: Mapping[str, str],
    env: Mapping[str, str],
    redis_place: Path | None,
    prepare: Sequence[str],
    on_ready: OnReady | None,
) -> int:
    try:
        if redis_place is not None:
            _start_redis(children, redis_place)
        for command in prepare:
            if (returncode := children.run("prepare", command)) != 0:
                raise CannotServeError(f"`{command}` failed (exit status {returncode}); see above.")
        for name, command in procs.items():
            children.start(name, command)
        port = int(env["PORT"])
        when_ready(
            port,
            host_in(env.get("ALLOWED_HOSTS", "")),
            children.say,
            lambda: _announce(children.say, port, on_ready),
        )
        while True:
            children.tick()
    except StopRequestedError:
        children.say("Stopping")
        return 0
    finally:
        children.stop()


def _start_redis(children: Children, place: Path) -> None:
    path = socket_in(place)
    children.start("redis", embedded_redis.command(place, path), ends_last=True)
    if not embedded_redis.wait(path, _REDIS_SECONDS, children.tick):
        raise CannotServeError(f"The embedded Redis does not start; {place / 'redis.log'} may say why.")


def _announce(say: Callable[[str], None], port: int, on_ready: OnReady | None) -> None:
    say(f"Textback is ready at http://localhost:{port} (Ctrl-C stops it)")
    if on_ready is not None:
        try:
            on_ready(say)
        except Exception:
            say(traceback.format_exc())


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise CannotServeError(f"PORT is {text!r}; it must be a number from 1 to 65535.")
    return int(text)


def _refuse_used_port(port: int) -> None:
    with socket.socket() as probe:
        # What a server that has just ended leaves behind does not count as used.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("0.0.0.0", port))  # noqa: S104
        except OSError as problem:
            raise CannotServeError(
                f"Port {port} cannot be used ({problem.strerror}). Stop what uses it, or set "
                f"PORT to another, for example PORT={port + 10 if port < 65000 else 8000}."
            ) from None
