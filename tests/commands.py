"""Running a command of manage.py as a terminal does, but within the test's transaction."""

import contextlib
import json
from dataclasses import dataclass
from io import BytesIO, StringIO, TextIOWrapper
from typing import Any
from unittest import mock

from django.core.management import get_commands, load_command_class
from django.core.management.base import BaseCommand, CommandError


@dataclass(frozen=True)
class Ran:
    """What came of a command."""

    out: str
    err: str
    status: int

    @property
    def data(self) -> Any:
        """Its one document of JSON."""
        (only,) = self.lines
        return only

    @property
    def lines(self) -> list[Any]:
        """Its lines of JSON."""
        return [json.loads(line) for line in self.out.splitlines()]


def command(name: str) -> BaseCommand:
    """A command, as manage.py finds it."""
    app = get_commands()[name]
    return app if isinstance(app, BaseCommand) else load_command_class(app, name)


def run(name: str, *arguments: str, stdin: str = "") -> Ran:
    """Run one: django.core.management.base.run_from_argv, but that it leaves the database connected."""
    found = command(name)
    found._called_from_command_line = True  # type: ignore[attr-defined]
    out, err, status = StringIO(), StringIO(), 0
    with contextlib.ExitStack() as stack:
        stack.enter_context(contextlib.redirect_stderr(err))
        stack.enter_context(contextlib.redirect_stdout(out))
        stack.enter_context(mock.patch("sys.stdin", TextIOWrapper(BytesIO(stdin.encode()))))
        try:
            options = vars(found.create_parser("manage.py", name).parse_args(list(arguments)))
            found.execute(*options.pop("args", ()), **options | {"stdout": out, "stderr": err})
        except CommandError as problem:
            err.write(f"{problem}\n")
            status = problem.returncode
        except SystemExit as end:
            status = int(end.code or 0)
    return Ran(out.getvalue(), err.getvalue(), status)
