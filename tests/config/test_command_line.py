"""What holds for every command of ours; and real processes, whose exit status and streams scripts rely on."""

import json
import shlex
import subprocess
import sys
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core.management import get_commands
from django.db import connection

from messaging.inbound import queues
from messaging.management.door import Door, Exit, columns, plain
from messaging.models import OriginationIdentity
from tests.commands import command, run
from tests.messaging.factories import ANN, OUR_NUMBER
from tests.redis_server import RedisServer
from tests.workers import BASE, environment

APPS = {"config", "incidents", "messaging", "optout", "shifts"}
OURS = sorted(name for name, app in get_commands().items() if app in APPS)
DOORS = [name for name in OURS if isinstance(command(name), Door)]


def test_there_are_doors() -> None:
    assert {"open_incident", "send_campaign", "set_consent", "numbers"} <= set(DOORS)


@pytest.mark.parametrize("name", DOORS)
def test_help_has_examples_and_what_the_exit_status_means(name: str) -> None:
    ran = run(name, "--help")
    assert (ran.status, ran.err) == (0, "")
    found = command(name)
    assert isinstance(found, Door)
    assert "examples:" in ran.out
    assert all(name in example for example in found.examples)
    assert "exit status:" in ran.out
    assert "--json" in ran.out
    assert ("--as USERNAME" in ran.out) == bool(found.permission)
    assert max(map(len, ran.out.splitlines())) <= 120


@pytest.mark.parametrize("name", DOORS)
def test_the_examples_are_commands_that_exist(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "nurses.csv").write_text("phone_number\n")
    found = command(name)
    assert isinstance(found, Door)
    for example in found.examples:
        words = shlex.split(example.split("manage.py ")[-1])
        ends = [words.index(sign) for sign in ("|", "<", ">", "&&") if sign in words]
        typed = words[1 : min(ends, default=len(words))]
        assert words[0] == name
        monkeypatch.setattr("sys.stdin", _a_text())
        found._called_from_command_line = True  # type: ignore[attr-defined]
        found.create_parser("manage.py", name).parse_args(typed)


def _a_text() -> TextIOWrapper:
    return TextIOWrapper(BytesIO(b"a text"))


@pytest.mark.django_db
@pytest.mark.parametrize("name", [name for name in DOORS if command(name).permission])  # type: ignore[attr-defined]
def test_every_permission_exists(name: str) -> None:
    app, codename = command(name).permission.split(".")  # type: ignore[attr-defined]
    assert Permission.objects.filter(content_type__app_label=app, codename=codename).exists()


# Its region is given, so that it is not that which it lacks.
NUMBERS = ["sync_numbers", "--region", "us-east-1"]


def test_without_a_database_nothing_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("a file that is not there is SQLite's trouble")
    monkeypatch.setitem(connection.settings_dict, "NAME", str(tmp_path / "nowhere.sqlite3"))
    for command_line in (
        ["list_incidents", "--json"],
        ["export_person", ANN],
        ["erase_person", ANN, "--plan"],
        NUMBERS,
    ):
        ran = run(*command_line)
        assert (command_line, ran.status, ran.out) == (command_line, Exit.UNAVAILABLE, "")
        assert "Set the same DATABASE_URL" in ran.err
    assert not list(tmp_path.iterdir())


def test_dead_letters_are_not_taken_where_they_cannot_be_stored(
    tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("a file that is not there is SQLite's trouble")
    arn = "arn:aws:sqs:us-east-1:123456789012:textback-dead-letters"
    settings.MESSAGING = {**settings.MESSAGING, "SQS_DEAD_LETTERS": arn}
    monkeypatch.setattr(queues.Queue, "drain", lambda *_: pytest.fail("They are hidden in the queue for a while then."))
    monkeypatch.setitem(connection.settings_dict, "NAME", str(tmp_path / "nowhere.sqlite3"))
    ran = run("drain_dead_letters")
    assert (ran.status, ran.out) == (Exit.UNAVAILABLE, "")


@pytest.mark.parametrize(
    ("line", "shown"),
    [("a\tb\nc", "a b c"), ("\x1b[2Jgone", " [2Jgone"), ("Zoë 🙂", "Zoë 🙂"), ("a\u202eb", "a b")],
)
def test_nothing_that_came_from_outside_moves_the_cursor(line: str, shown: str) -> None:
    assert plain(line) == shown


def test_columns_stand_below_each_other() -> None:
    assert columns(("A", "B"), ("long", "x")) == ["A     B", "long  x"]


def _process(redis_server: RedisServer, *arguments: str, **options: object) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(  # type: ignore[call-overload, no-any-return]
        [sys.executable, "manage.py", *arguments], check=False,
        cwd=BASE, env=environment(redis_server), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120,
        **options,
    )  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_a_real_process_keeps_the_streams_apart(redis_server: RedisServer, number: OriginationIdentity) -> None:
    opened = _process(redis_server, "open_incident", "DB-17", "Replica", "--first-contact", ANN, "--json")
    assert (opened.returncode, opened.stderr) == (0, "")
    assert json.loads(opened.stdout)["status"] == "not_acknowledged"
    absent = _process(redis_server, "act_on_incident", "acknowledge", "DB-18", "--json")
    assert (absent.returncode, absent.stdout) == (3, "")
    assert absent.stderr == "CommandError: There is no incident DB-18.\n"
    wrong = _process(redis_server, "numbers", "mps", OUR_NUMBER, "fast")
    assert (wrong.returncode, wrong.stdout) == (2, "")


@pytest.mark.django_db(transaction=True)
def test_a_reader_that_has_read_enough_is_no_error(redis_server: RedisServer, number: OriginationIdentity) -> None:
    shell = subprocess.run(
        ["/bin/bash", "-o", "pipefail", "-c", f"{sys.executable} manage.py numbers --json | true"], check=False,
        cwd=BASE, env=environment(redis_server), capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert (shell.returncode, shell.stderr) == (0, "")
