"""Reports: which days, what became of incidents, how soon, by whom."""

import random
from datetime import UTC, date, datetime, timedelta
from statistics import median as median_of
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from incidents import lifecycle
from incidents.admin.report_charts import drawn
from incidents.models import EscalationPolicy, Incident, IncidentContact, IncidentStep, State, Status
from incidents.reports import days, kept, spans, tables
from incidents.reports.figures import Outcome, median, percent, shares
from incidents.reports.outcomes import outcome
from incidents.reports.spans import Span, last_days, read
from messaging import clock
from messaging.models import Contact
from tests.incidents.stage import ANNA, BEN, Stage
from tests.incidents.test_admin import LIST, file_of, staff

TODAY = date(2027, 3, 10)
REPORTS = f"{LIST}reports/"


def columns(span: Span) -> dict[date, days.Group]:
    """What charts of a span show."""
    return days.columns(kept.read(span), span)


@pytest.fixture
def reader(stage: Stage) -> Client:
    return staff("view_incident", "see_phone_numbers")


# --- which days: pure -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ({}, date(2027, 2, 9), TODAY),
        ({"days": "7"}, date(2027, 3, 4), TODAY),
        ({"days": "1"}, TODAY, TODAY),
        ({"days": "366"}, date(2026, 3, 10), TODAY),
        ({"from": "2027-01-01", "to": "2027-01-31"}, date(2027, 1, 1), date(2027, 1, 31)),
        ({"from": "2027-01-01"}, date(2027, 1, 1), TODAY),
        ({"to": "2027-01-31"}, date(2027, 1, 2), date(2027, 1, 31)),
        ({"from": "2027-01-01", "to": "2027-01-01"}, date(2027, 1, 1), date(2027, 1, 1)),
        # Dates outdo a number of days.
        ({"days": "7", "from": "2027-01-01"}, date(2027, 1, 1), TODAY),
        ({"from": "2026-03-10"}, date(2026, 3, 10), TODAY),
    ],
)
def test_the_span_that_is_asked_for(asked: dict[str, str], first: date, last: date) -> None:
    assert read(asked, TODAY) == Span(first, last)


@pytest.mark.parametrize(
    ("asked", "problem", "how_many"),
    [
        ({"days": "0"}, "Give a number of days", 30),
        ({"days": "367"}, "Give a number of days", 30),
        ({"days": "²"}, "Give a number of days", 30),
        ({"days": "-7"}, "Give a number of days", 30),
        ({"from": "1 January"}, "Write dates as", 30),
        ({"from": "0001-01-01"}, "Write dates as", 30),
        ({"to": "9999-12-31"}, "Write dates as", 30),
        ({"from": "2027-02-01", "to": "2027-01-01"}, "The first day comes after", 30),
        ({"from": "2026-03-09"}, "A report has 366 days at most", 366),
        ({"from": "2020-01-01", "to": "2026-01-01"}, "A report has 366 days at most", 366),
    ],
)
def test_a_span_that_makes_no_sense_is_told(asked: dict[str, str], problem: str, how_many: int) -> None:
    span = read(asked, TODAY)
    assert span.problem.startswith(problem)
    assert span.days == how_many


def test_a_long_span_has_a_column_for_each_week() -> None:
    assert last_days(92, TODAY).columns()[0] == date(2026, 12, 9)
    assert len(last_days(92, TODAY).columns()) == 92
    span = last_days(366, TODAY)
    assert span.by_week
    assert span.columns()[0] == date(2026, 3, 9)
    # The first and the last week are no longer than the span.
    assert span.of_column(span.columns()[0]) == (date(2026, 3, 10), date(2026, 3, 15))
    assert span.of_column(span.columns()[-1]) == (date(2027, 3, 8), TODAY)
    assert len(span.columns()) == 53


# --- figures: pure ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "middle"), [([], None), ([3], 3), ([1, 3], 2), ([5, 1, 3], 3), ([1, 100, 2, 3], 2.5), ([0, 0], 0)]
)
def test_median(values: list[float], middle: float | None) -> None:
    assert median(values) == middle


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ({}, (None, None, None, None)),
        # What is open or was cancelled says nothing of how it would have gone.
        ({Outcome.OPEN: 5, Outcome.CANCELLED: 1}, (None, None, None, None)),
        ({Outcome.FIRST: 1, Outcome.OPEN: 9}, (100, 0, 0, 0)),
        ({Outcome.FIRST: 2, Outcome.ESCALATED: 1, Outcome.NEVER: 1}, (50, 25, 0, 25)),
        ({Outcome.LATE: 1, Outcome.NEVER: 3}, (0, 0, 25, 75)),
    ],
)
def test_shares(counts: dict[Outcome, int], expected: tuple[float | None, ...]) -> None:
    assert tuple(shares(counts).values()) == expected


def test_percent() -> None:
    assert percent(1, 4) == 25
    assert percent(1, 0) is None


# --- what the database works out --------------------------------------------------------------------------------------


def test_what_became_of_an_incident(stage: Stage) -> None:
    stage.open("first")
    stage.accept()
    stage.say(ANNA, "YES first")
    stage.open("escalated")
    stage.accept()
    stage.say(ANNA, "NO escalated")
    stage.accept()
    # It is the first contact after all who takes it; but it was escalated.
    stage.say(ANNA, "YES escalated")
    for incident_id in ("late", "never", "never, resolved"):
        stage.open(incident_id.replace(", ", "-"), second_contact="")
        stage.accept()
        stage.say(ANNA, f"NO {incident_id.replace(', ', '-')}")
    stage.say(ANNA, "YES late")
    lifecycle.resolve("never-resolved", actor="x")
    for incident_id in ("cancelled", "cancelled-resolved"):
        stage.open(incident_id)
        lifecycle.cancel(incident_id, actor="x")
    lifecycle.resolve("cancelled-resolved", actor="x")
    stage.open("taken-resolved")
    lifecycle.acknowledge("taken-resolved", actor="x")
    lifecycle.resolve("taken-resolved", actor="x")
    stage.open("open")
    found = dict(Incident.objects.annotate(which=outcome()).values_list("incident_id", "which"))
    assert found == {
        "first": "first",
        "escalated": "escalated",
        "late": "late",
        "never": "never",
        "never-resolved": "never",
        "cancelled": "cancelled",
        "cancelled-resolved": "cancelled",
        "taken-resolved": "first",
        "open": "open",
    }


def make(number: int, at: datetime, took: float | None, *, step: int = 1, policy: str = "") -> Incident:
    """An incident that went as told, written straight to the database: hundreds would take minutes to play."""
    acknowledged = at + timedelta(seconds=took) if took is not None else None
    incident = Incident.objects.create(
        incident_id=f"made-{number}",
        description="x",
        policy=policy,
        content_hash="x",
        status=Status.ACKNOWLEDGED if acknowledged else Status.UNACKNOWLEDGED,
        step=step,
        opened_at=at,
        acknowledged_at=acknowledged,
        acknowledged_by=ANNA if acknowledged else "",
        ended_at=acknowledged or at + timedelta(seconds=160),
    )
    row = IncidentStep.objects.create(incident=incident, position=1, wait_seconds=40)
    IncidentContact.objects.create(
        step=row,
        phone_number=ANNA,
        name="Anna",
        state=State.ACKNOWLEDGED if acknowledged else State.NOTIFIED,
        settled_at=at + timedelta(seconds=1),
    )
    return incident


def test_columns_are_what_python_would_count(stage: Stage) -> None:
    chance = random.Random(7)
    today = timezone.localdate(clock.now())
    expected: dict[date, list[float | None]] = {}
    for number in range(120):
        day = today - timedelta(days=chance.randrange(10))
        at = datetime.combine(day, datetime.min.time(), UTC) + timedelta(seconds=chance.randrange(80_000))
        took = chance.choice([None, chance.randrange(1, 600) + chance.random()])
        make(number, at, took, step=chance.choice([1, 2]))
        expected.setdefault(day, []).append(took)
    span = last_days(10, today)
    found = columns(span)
    assert list(found) == span.columns()
    for day, column in found.items():
        times = [one for one in expected.get(day, []) if one is not None]
        assert sum(column.outcomes.values()) == len(expected.get(day, []))
        assert column.outcomes.get(Outcome.NEVER, 0) == len(expected.get(day, [])) - len(times)
        if times:
            assert column.median == pytest.approx(median_of(times), abs=0.01)
            assert max(column.took) == pytest.approx(max(times), abs=0.01)
        else:
            assert column.median is None


def test_days_begin_in_the_time_zone_of_the_settings(stage: Stage, settings: Any) -> None:
    settings.TIME_ZONE = "America/Los_Angeles"
    timezone.get_default_timezone.cache_clear()  # type: ignore[attr-defined]
    try:
        make(1, datetime(2027, 1, 2, 7, 59, tzinfo=UTC), 10)
        make(2, datetime(2027, 1, 2, 8, 0, tzinfo=UTC), 10)
        span = read({"from": "2027-01-01", "to": "2027-01-02"}, date(2027, 1, 2))
        assert {day: one.outcomes for day, one in columns(span).items()} == {
            date(2027, 1, 1): {Outcome.FIRST: 1},
            date(2027, 1, 2): {Outcome.FIRST: 1},
        }
    finally:
        timezone.get_default_timezone.cache_clear()  # type: ignore[attr-defined]


def test_clocks_that_are_changed_in_the_span_move_no_incident(stage: Stage, settings: Any) -> None:
    settings.TIME_ZONE = "Europe/Berlin"
    timezone.get_default_timezone.cache_clear()  # type: ignore[attr-defined]
    try:
        # Summer time began on 28 March 2027: midnight was at 23:00 UTC before, and at 22:00 UTC since.
        make(1, datetime(2027, 3, 27, 22, 30, tzinfo=UTC), 10)
        make(2, datetime(2027, 3, 28, 22, 30, tzinfo=UTC), 10)
        span = read({"from": "2027-03-26", "to": "2027-03-30"}, date(2027, 3, 30))
        found = {day for day, one in columns(span).items() if one.outcomes}
        assert found == {date(2027, 3, 27), date(2027, 3, 29)}
    finally:
        timezone.get_default_timezone.cache_clear()  # type: ignore[attr-defined]


def test_by_week(stage: Stage) -> None:
    make(1, datetime(2027, 1, 4, 12, tzinfo=UTC), 10)
    make(2, datetime(2027, 1, 10, 23, 59, tzinfo=UTC), 30)
    make(3, datetime(2027, 1, 11, 0, 0, tzinfo=UTC), 50)
    found = columns(read({"from": "2026-10-01", "to": "2027-01-31"}, date(2027, 2, 1)))
    filled = {day: one.median for day, one in found.items() if one.outcomes}
    assert filled == {date(2027, 1, 4): pytest.approx(20, abs=0.01), date(2027, 1, 11): pytest.approx(50, abs=0.01)}


def test_by_contact(stage: Stage) -> None:
    stage.open("1")
    stage.accept()
    stage.time.forward(10)
    stage.say(ANNA, "YES 1")
    stage.open("2")
    stage.accept()
    # Anna lets it pass, Ben takes it 5 seconds after his text.
    stage.forward(41)
    stage.forward(41)
    stage.time.forward(5)
    stage.say(BEN, "YES 2")
    stage.open("3")
    stage.accept()
    stage.say(ANNA, "NO 3")
    stage.refuse(BEN)
    # Nobody blames Anna for this one: it was cancelled, and then resolved.
    stage.open("4")
    stage.accept()
    lifecycle.cancel("4", actor="x")
    lifecycle.resolve("4", actor="x")
    # She was the last to be asked, in vain, and somebody has resolved it since.
    stage.open("5", second_contact="")
    stage.accept()
    stage.forward(41)
    stage.forward(41)
    lifecycle.resolve("5", actor="x")
    rows = list(tables.by_contact(last_days(7, timezone.localdate(clock.now()))))
    assert rows[0] == (
        *("phone_number", "name", "incidents", "asked", "acknowledged", "declined", "not_reached"),
        *("did_not_answer", "median_seconds_to_answer"),
    )
    assert [row[:8] for row in rows[1:]] == [(ANNA, "Anna", 5, 5, 1, 1, 0, 2), (BEN, "Ben", 4, 2, 1, 0, 1, 0)]
    # Time runs on between two lines, and a busy machine may take seconds for one.
    anna, ben = (float(row[8]) for row in rows[1:])
    assert 10 <= anna < 40
    assert 5 <= ben < 35


def test_by_policy(stage: Stage) -> None:
    policy = EscalationPolicy.objects.create(name="Night")
    for position, number in ((1, ANNA), (2, BEN)):
        policy.steps.create(position=position).contacts.set(Contact.objects.filter(phone_number=number))
    for incident_id in ("1", "2"):
        stage.open(incident_id, escalation_policy="Night")
    stage.open("3")
    stage.accept()
    stage.say(ANNA, "NO 1")
    stage.time.forward(20)
    stage.say(ANNA, "YES 2")
    # What an incident was opened with stays, whatever becomes of the policy.
    policy.delete()
    rows = list(tables.by_policy(last_days(7, timezone.localdate(clock.now()))))
    assert [row[:5] for row in rows[1:]] == [("Night", 2, 1, 0, 1), ("", 1, 0, 0, 0)]
    incident = stage.incident("2")
    assert incident.acknowledged_at
    assert float(rows[1][5]) == pytest.approx((incident.acknowledged_at - incident.opened_at).total_seconds(), abs=0.06)
    assert rows[2][5] == ""


# --- the page and its files -------------------------------------------------------------------------------------------


def test_the_page_shows_charts_that_lead_to_the_list(reader: Client, stage: Stage) -> None:
    stage.open("1")
    stage.accept()
    stage.say(ANNA, "YES")
    page = reader.get(REPORTS, {"days": "7"})
    text = page.content.decode()
    for words in (
        "Incidents by outcome",
        "Who acknowledged",
        "By contact",
        "By policy",
        "Anna",
        "By the first contact 100 %",
    ):
        assert words in text
    column = page.context["charts"][0].columns[-1]
    assert column.total == 1
    assert [one.incident_id for one in reader.get(column.url).context["cl"].result_list] == ["1"]
    assert reader.get(page.context["charts"][0].columns[0].url).context["cl"].result_count is not None


def test_an_empty_page_says_so(reader: Client) -> None:
    text = reader.get(REPORTS).content.decode()
    assert "No incident was opened in these days." in text
    assert "Nobody was asked in these days." in text


def test_a_span_that_makes_no_sense_is_told_on_the_page(reader: Client) -> None:
    assert "Write dates as 2027-01-31." in reader.get(REPORTS, {"from": "x"}).content.decode()
    assert "366 days at most" in reader.get(REPORTS, {"from": "2020-01-01"}).content.decode()


def test_files_have_the_span_of_the_page(reader: Client, stage: Stage) -> None:
    stage.open("old")
    stage.time.forward(3 * 86_400)
    stage.open("new")
    page = reader.get(REPORTS, {"days": "2"})
    for name, lines in (("days", 2), ("contacts", 3), ("policies", 2)):
        found = file_of(reader.get(page.context[f"{name}_url"]))
        assert len(found) == lines, found
    assert file_of(reader.get(page.context["contacts_url"]))[1].startswith(f"{ANNA},Anna,1,")
    # Without a span, as much as there may be.
    assert len(file_of(reader.get(f"{LIST}report-by-day/"))) == 3
    assert file_of(reader.get(f"{LIST}report-by-contact/"))[1].startswith(f"{ANNA},Anna,2,")


def test_as_many_queries_for_many_incidents_as_for_few(reader: Client, stage: Stage) -> None:
    def count(address: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            answer = reader.get(address)
            if answer.streaming:
                file_of(answer)
        return len(queries)

    pages = [REPORTS, f"{REPORTS}?days=366", *(f"{LIST}report-by-{what}/" for what in ("day", "contact", "policy"))]
    make(0, clock.now(), 5)
    few = [count(page) for page in pages]
    for number in range(1, 150):
        make(number, clock.now() - timedelta(hours=number), number or None, policy=f"policy {number % 9}")
    assert [count(page) for page in pages] == few
    assert max(few) <= 16


def test_only_who_may_see_incidents_sees_how_they_went(stage: Stage) -> None:
    stranger = staff("add_incident")
    for page in (REPORTS, *(f"{LIST}report-by-{what}/" for what in ("day", "contact", "policy"))):
        assert stranger.get(page).status_code == 403


def test_labels_below_columns_have_room(stage: Stage) -> None:
    for number in (7, 30, 90, 366):
        span = last_days(number, TODAY)
        [chart, *_] = drawn(days.columns({}, span), span, LIST)
        assert len([one for one in chart.columns if one.short]) <= 7
    assert spans.CHOICES == (7, 30, 90)
