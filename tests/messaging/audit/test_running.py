"""Running checks: each on its own, suspects twice, and a bounded number of queries."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from messaging import audit, clock, registry
from messaging.audit import Incomplete
from messaging.audit.findings import Check, Look, Severity, text
from messaging.checks import check_plug_ins
from messaging.models import OriginationIdentity, OutboundMessage, Status
from tests.messaging.factories import standing

pytestmark = pytest.mark.usefixtures("number", "time")

HERE = "tests.messaging.audit.test_running"


def every(look: Look) -> Any:
    return OutboundMessage.objects.all()


def broken(look: Look) -> Any:
    raise ValueError("no such thing")


def broken_sql(look: Look) -> Any:
    return OutboundMessage.objects.extra(where=["no_such_column = 1"])


def in_words(look: Look) -> Any:
    return [f"thing {number}" for number in range(7)]


class Plugin:
    name = "plugin"
    suspects: Callable[[Look], Any] = staticmethod(every)

    def checks(self) -> list[Check]:
        return [Check("plugin.check", Severity.WARNING, self.suspects, "It is so.", "Do it.", text)]

    def sizes(self) -> dict[str, int]:
        return {"things": 3}


class Broken(Plugin):
    name, suspects = "broken", staticmethod(broken)


class BrokenSql(Plugin):
    name, suspects = "broken sql", staticmethod(broken_sql)


class InWords(Plugin):
    name, suspects = "in words", staticmethod(in_words)


class WithoutChecks(Plugin):
    name = "without checks"

    def checks(self) -> list[Check]:
        raise RuntimeError("nothing here")


@pytest.fixture
def plugged(settings: Any) -> Callable[..., None]:
    def plug(*names: str) -> None:
        settings.MESSAGING = settings.MESSAGING | {"AUDITS": [f"{HERE}.{name}" for name in names]}

    return plug


def test_nothing_found_in_an_empty_house() -> None:
    result = audit.perform()
    assert (result.status, result.findings, result.errors) == ("ok", [], {})
    assert len(result.checked) == len(set(result.checked)) > 40


def test_a_finding_counts_all_and_names_a_few(plugged: Callable[..., None]) -> None:
    plugged("Plugin")
    rows = [standing(Status.SENT, f"+1425555{number:04}") for number in range(9)]
    (found,) = audit.run()
    assert (found.check, found.severity, found.count) == ("plugin.check", "warning", 9)
    assert found.examples == tuple(f"text {row.pk}" for row in rows[:5])
    assert (found.what, found.do) == ("It is so.", "Do it.")


def test_more_suspects_than_are_looked_at_again_are_counted(
    plugged: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    plugged("Plugin")
    monkeypatch.setattr("messaging.audit.running._MOST_CONFIRMED", 3)
    rows = [standing(Status.SENT, f"+1425555{number:04}") for number in range(9)]
    monkeypatch.setattr(clock, "sleep", lambda seconds: rows[0].delete())
    (found,) = audit.run()
    assert (found.count, found.examples) == (8, (f"text {rows[1].pk}", f"text {rows[2].pk}"))


def test_what_is_gone_at_the_second_look_is_no_finding(
    plugged: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    plugged("Plugin")
    row, slept = standing(Status.SENT), list[float]()

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        row.delete()

    monkeypatch.setattr(clock, "sleep", sleep)
    assert audit.run() == []
    assert slept == [5.0]


def test_at_rest_nobody_is_waited_for(plugged: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> None:
    plugged("Plugin")
    standing(Status.SENT)
    slept: list[float] = []
    monkeypatch.setattr(clock, "sleep", slept.append)
    assert len(audit.run(at_rest=True)) == 1
    assert slept == [0]


def test_a_check_may_answer_in_words(plugged: Callable[..., None]) -> None:
    plugged("InWords")
    (found,) = audit.run()
    assert (found.count, found.examples) == (7, ("thing 0", "thing 1", "thing 2", "thing 3", "thing 4"))


@pytest.mark.parametrize("broken", ["Broken", "BrokenSql", "WithoutChecks"])
def test_a_check_that_cannot_be_made_hides_no_other(plugged: Callable[..., None], broken: str) -> None:
    plugged(broken, "Plugin")
    standing(Status.SENT)
    result = audit.perform()
    assert [found.check for found in result.findings] == ["plugin.check"]
    assert len(result.errors) == 1
    assert result.sizes == {"things": 3}
    with pytest.raises(Incomplete, match="incomplete") as problem:
        audit.run()
    assert problem.value.result.findings == result.findings


def test_an_audit_that_cannot_be_made_at_all_is_told(settings: Any) -> None:
    settings.MESSAGING = settings.MESSAGING | {"AUDITS": ["nowhere.Audit"]}
    assert list(audit.perform().errors) == ["AUDITS"]


def test_what_is_no_audit_is_told_at_start(settings: Any) -> None:
    settings.MESSAGING = settings.MESSAGING | {"AUDITS": [f"{HERE}.Plugin", "messaging.work.Lanes"]}
    (problem,) = check_plug_ins(None)
    assert (problem.id, "lacks checks, sizes" in str(problem.msg)) == ("messaging.E005", True)


def test_ages_count_to_the_moment_given() -> None:
    standing(Status.SENDING, seconds_ago=10)
    assert audit.run() == []
    later = clock.now() + timedelta(seconds=100)
    assert [found.check for found in audit.run(now=later)] == ["messaging.stuck_sending"]


def test_the_number_of_queries_does_not_grow_with_the_rows(number: OriginationIdentity) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            audit.run()
        return sum("SAVEPOINT" not in query["sql"] for query in captured)

    for at in range(3):
        standing(Status.SENT, seconds_ago=at * 2)
    few = queries()
    for at in range(200):
        standing(Status.SENT, f"+1425556{at:04}", seconds_ago=at * 2)
    assert queries() == few <= len(audit.perform().checked) + 20


def test_every_check_says_what_it_proves_and_what_to_do() -> None:
    checks = [check for one in registry.audits().values() for check in one.checks()]
    for check in checks:
        assert check.suspects.__doc__, check.name
        assert check.what.endswith(".")
        assert check.do.endswith((".", '".')), check.name
        assert check.name.split(".")[0] in registry.audits()


def test_every_check_is_tried_by_some_test() -> None:
    tests = "".join(path.read_text() for path in Path(__file__).parents[2].rglob("test_*.py"))
    names = {check.name for one in registry.audits().values() for check in one.checks()}
    assert {name for name in names if f'"{name}"' not in tests} == set()
