"""What the commands for operators share: who acts, what is printed where, and what the exit status says.

A command is a door to the same functions as admin and API, and says in JSON what the API says. Nothing is ever asked
at a terminal, so that scripts do not hang. Why it is so: docs/decisions/0025-command-line.md.
"""

import argparse
import getpass
import json
import os
import sys
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import IntEnum
from pathlib import Path
from typing import Any, ClassVar

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser, DjangoHelpFormatter
from django.db import InterfaceError, OperationalError, ProgrammingError, connection
from rest_framework import serializers
from rest_framework.utils.encoders import JSONEncoder

_HELP_WIDTH = 110
_LONGEST_ACTOR = 150


class Exit(IntEnum):
    """What the exit status says."""

    DONE = 0  # or it was so already
    FAILED = 1  # a fault of ours: Python's own status, with its traceback
    INPUT = 2  # what was given is wrong, and nothing was changed; argparse's own status
    ABSENT = 3  # what was named is not there
    CONFLICT = 4  # its state forbids it, or the id is taken by something else
    FORBIDDEN = 5  # --as names somebody who may not do this
    UNAVAILABLE = 6  # the database cannot be read or written now; try again
    INTERRUPTED = 130  # Ctrl-C, as shells have it


_STATUSES = """\
exit status: 0 done, or it was so already; 2 what was given is wrong; 3 what was named is not there; 4 its state
forbids it, or the id is taken; 5 --as may not do this; 6 the database or consent cannot be reached now, try again;
1 anything else. What goes wrong is said on stderr; nothing is changed then."""


class _Formatter(argparse.RawDescriptionHelpFormatter, DjangoHelpFormatter):
    """Examples keep their lines; what every command of Django has comes last."""

    def __init__(self, prog: str, **options: Any) -> None:
        super().__init__(prog, **{"width": _HELP_WIDTH} | options)


class Door(BaseCommand):
    """A command that acts, or reads, through the functions of an app.

    Attributes:
        help: one or two sentences: what it does.
        examples: lines as they are typed, without ``manage.py``.
        permission: what --as must have: ``app.codename``. Blank: there is no --as, for the command only reads.
        refusals: which of the errors that the app raises have which exit status.
    """

    # What it prints is read by scripts; what the project lacks otherwise is said elsewhere.
    requires_system_checks = ()
    suppressed_base_arguments = {
        "--force-color", "--no-color", "--pythonpath", "--settings", "--traceback", "--verbosity", "--version",
    }  # fmt: skip
    examples: ClassVar[tuple[str, ...]] = ()
    permission: ClassVar[str] = ""
    refusals: ClassVar[Mapping[type[Exception], Exit]] = {}

    actor = ""
    in_json = False

    def create_parser(self, prog_name: str, subcommand: str, **options: Any) -> CommandParser:
        """With examples and the meaning of the exit status below the options."""
        examples = "\n".join(f"  manage.py {line}" for line in self.examples)
        options = {"formatter_class": _Formatter, "epilog": f"examples:\n{examples}\n\n{_STATUSES}"} | options
        parser = super().create_parser(prog_name, subcommand, **options)
        parser.description = textwrap.fill(self.help, _HELP_WIDTH)
        return parser

    def add_arguments(self, parser: CommandParser) -> None:
        """Those of every command."""
        parser.add_argument("--json", action="store_true", help="print what the API says of it, as JSON")
        if self.permission:
            parser.add_argument(
                "--as",
                dest="username",
                default="",
                metavar="USERNAME",
                help="whose deed it is: recorded, and held to what they may do; else command-line:<your login>",
            )

    def handle(self, *arguments: Any, **options: Any) -> None:
        """Do it, and make of what is raised a sentence and an exit status."""
        self.in_json = options["json"]
        try:
            with told_in_words():
                if self.permission:
                    self.actor = _actor(options["username"], self.needed(options))
                self.perform(options)
                self.stdout.flush()
        except (ValidationError, serializers.ValidationError) as problem:
            raise CommandError(in_words(problem), returncode=Exit.INPUT) from problem
        except tuple(self.refusals) as problem:
            raise CommandError(str(problem), returncode=self._status(problem)) from problem
        except KeyboardInterrupt:
            sys.exit(Exit.INTERRUPTED)

    def needed(self, options: Mapping[str, Any]) -> Sequence[str]:
        """What --as must have to do this, all of it: ``permission``, unless it depends on the arguments."""
        return [self.permission]

    def perform(self, options: Mapping[str, Any]) -> None:
        """What the command does.

        Raises:
            ValidationError: Django's or DRF's: what was given is wrong, field by field.
        """
        raise NotImplementedError

    def print(self, data: Any, lines: Iterable[str]) -> None:
        """One thing: as a line of JSON, or as lines for people."""
        if self.in_json:
            self.stdout.write(as_line(data), ending="")
            return
        for line in lines:
            self.stdout.write(plain(line))

    def remark(self, line: str) -> None:
        """A sentence beside what is printed, for whoever watches."""
        self.stderr.write(plain(line))

    def refuse(self, status: Exit, sentence: str) -> CommandError:
        """To be raised."""
        return CommandError(sentence, returncode=status)

    def _status(self, problem: Exception) -> Exit:
        return next(status for kind, status in self.refusals.items() if isinstance(problem, kind))


@contextmanager
def told_in_words() -> Iterator[None]:
    """Whoever stops reading ends the command, and a database that cannot be used is a sentence, not a traceback.

    Raises:
        CommandError: the database is not there, has no tables, or cannot be used now: UNAVAILABLE.
    """
    try:
        refuse_an_empty_database()
        yield
    except (OperationalError, InterfaceError, ProgrammingError) as problem:
        raise CommandError(
            f"The database cannot be used: {problem}. Is Textback running on another? Set the same DATABASE_URL.",
            returncode=Exit.UNAVAILABLE,
        ) from problem
    except BrokenPipeError:
        # Whoever read it has read enough (head). Python would complain once more when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def as_line(data: Any) -> str:
    """A line of JSON, in ASCII whatever the terminal's encoding."""
    return f"{json.dumps(data, cls=JSONEncoder)}\n"


def plain(line: str) -> str:
    """One line without what would move a terminal's cursor or colour it: texts come from anywhere."""
    return "".join(sign if sign.isprintable() else " " for sign in line)


def columns(*rows: Iterable[str]) -> list[str]:
    """A table; the last column is as long as it is."""
    cells = [[plain(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells]


def in_words(problem: ValidationError | serializers.ValidationError) -> str:
    """What is wrong, a line for each field."""
    if isinstance(problem, ValidationError):
        found: Any = problem.message_dict if hasattr(problem, "error_dict") else problem.messages
    else:
        found = problem.detail
    if not isinstance(found, Mapping):
        return " ".join(map(str, found))
    return "\n".join(f"{field}: {' '.join(map(str, messages))}" for field, messages in found.items())


def refuse_an_empty_database() -> None:
    """Looking into an SQLite file that is not there would make an empty one.

    Raises:
        OperationalError: there is no such file, or it has no tables.
    """
    name = Path(str(connection.settings_dict["NAME"]))
    if connection.vendor == "sqlite" and not name.exists():
        raise OperationalError(f"there is no {name}")


def _actor(username: str, permissions: Sequence[str]) -> str:
    if not username:
        # The colon tells it from a username, which cannot have one.
        return f"command-line:{_login()}"[:_LONGEST_ACTOR]
    user = get_user_model().objects.filter(username=username).first()
    if user is None:
        raise CommandError(f"There is no user {username!r}.", returncode=Exit.INPUT)
    missing = [permission for permission in permissions if not user.has_perm(permission)]
    if missing or not user.is_active:
        why = f"has not the permission {', '.join(missing)}" if user.is_active else "is not active"
        raise CommandError(f"{username} may not do this: {username} {why}.", returncode=Exit.FORBIDDEN)
    return str(user.get_username())


def _login() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        # In a container a process may run as a number that has no name.
        return str(os.getuid())
