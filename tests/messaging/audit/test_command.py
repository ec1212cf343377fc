"""`manage.py audit`: exit statuses of monitoring plugins, words for people, JSON for machines."""

import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from messaging.models import DeliveryPolicy, Status
from tests.messaging.audit.test_running import HERE
from tests.messaging.audit.test_stuck import unknown
from tests.messaging.factories import standing

pytestmark = pytest.mark.usefixtures("number", "time")


def run(*arguments: str) -> tuple[int, str]:
    """Exit status and stdout."""
    out = StringIO()
    try:
        call_command("audit", *arguments, stdout=out, stderr=StringIO())
    except SystemExit as ended:
        return int(ended.code or 0), out.getvalue()
    return 0, out.getvalue()


def test_nothing_found_says_how_much_was_looked_at() -> None:
    standing(Status.SENT)
    status, words = run()
    assert status == 0
    assert words.startswith("Nothing found. ")
    assert "looked at 1 texts, 0 inbound texts" in words


def test_a_warning_is_1() -> None:
    text = unknown(120, delivery_policy=DeliveryPolicy.AT_MOST_ONCE)
    status, words = run()
    assert status == 1
    assert words.splitlines()[:2] == ["WARNING", f"  1 × messaging.unknown_at_most_once: text {text.pk}"]
    assert "→ Look at their recipients" in words
    assert "Nothing found" not in words


def test_what_is_critical_is_2_and_comes_first() -> None:
    unknown(120, delivery_policy=DeliveryPolicy.AT_MOST_ONCE)
    standing(Status.SENDING, "+14255550190", seconds_ago=100)
    status, words = run()
    assert status == 2
    assert words.index("CRITICAL") < words.index("stuck_sending") < words.index("WARNING")


def test_a_check_that_cannot_be_made_is_3_and_the_others_are_told(settings: Any) -> None:
    settings.MESSAGING = settings.MESSAGING | {"AUDITS": [f"{HERE}.Broken", f"{HERE}.Plugin"]}
    standing(Status.SENT)
    status, words = run()
    assert status == 3
    assert "1 × plugin.check" in words
    assert "COULD NOT BE CHECKED: plugin.check: ValueError: no such thing" in words


def test_json_is_what_the_contract_says() -> None:
    text = standing(Status.SENDING, seconds_ago=20)
    status, answer = run("--json")
    assert (status, json.loads(answer)["status"]) == (0, "ok")
    status, answer = run("--json", "--at-rest")
    told = json.loads(answer)
    assert (status, told["status"], told["errors"]) == (2, "critical", {})
    assert "messaging.stuck_sending" in told["checked"]
    assert told["looked_at"]["texts"] == 1
    (found,) = told["findings"]
    assert set(found) == {"check", "severity", "count", "examples", "what", "do"}
    assert (found["check"], found["severity"], found["count"]) == ("messaging.stuck_sending", "critical", 1)
    assert found["examples"] == [f"text {text.pk}"]


def test_only_some_checks() -> None:
    standing(Status.SENDING, seconds_ago=100)
    assert run("--only", "incidents")[0] == 0
    assert run("--only", "messaging.stuck")[0] == 2
    with pytest.raises(CommandError, match="nothing") as problem:
        run("--only", "nothing")
    assert problem.value.returncode == 3


def test_a_database_that_is_not_there_is_3(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def wrong(name: str) -> Callable[..., Any]:
        return lambda *arguments: [name]

    monkeypatch.setattr(connection.introspection, "table_names", wrong("something_else"))
    with pytest.raises(CommandError, match="DATABASE_URL") as problem:
        run()
    assert problem.value.returncode == 3
