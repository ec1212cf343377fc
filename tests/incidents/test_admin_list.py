"""The list of incidents: order, filters, search, what is done in a row, and how it keeps up to date."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from incidents import lifecycle, search
from incidents.admin.days import span_of
from incidents.models import EscalationPolicy, Incident, Status
from messaging import clock
from messaging.models import Contact
from tests.incidents.stage import ANNA, BEN, CARA, Stage
from tests.incidents.test_admin import LIST, act, staff

ROWS = f"{LIST}rows/"


@pytest.fixture
def olga(stage: Stage) -> Client:
    return staff("view_incident", "add_incident", "change_incident", "see_phone_numbers")


def shown(client: Client, **query: Any) -> list[str]:
    """The ids of the incidents of a page, in order."""
    answer = client.get(LIST, query)
    assert answer.status_code == 200
    return [one.incident_id for one in answer.context["cl"].result_list]


def test_urgency_is_worked_out_by_the_database(stage: Stage) -> None:
    for number, status in enumerate(["open", "unacknowledged", "acknowledged", "cancelled", "resolved"]):
        stage.open(status, second_contact="")
        if number == 1:
            stage.say(ANNA, "NO unacknowledged")
        elif number in (2, 4):
            lifecycle.acknowledge(status, actor="x")
        elif number == 3:
            lifecycle.cancel(status, actor="x")
    lifecycle.resolve("resolved", actor="x")
    found = dict(Incident.objects.values_list("incident_id", "urgency"))
    assert found == {"open": 0, "unacknowledged": 1, "acknowledged": 2, "cancelled": 3, "resolved": 3}


def test_the_most_urgent_come_first_then_the_newest(olga: Client, stage: Stage) -> None:
    for incident_id in ("1", "2", "3", "4"):
        stage.open(incident_id)
        stage.time.forward(1)
    lifecycle.acknowledge("4", actor="x")
    lifecycle.cancel("1", actor="x")
    assert shown(olga) == ["3", "2", "4", "1"]
    assert shown(olga, status__exact=Status.NOT_ACKNOWLEDGED) == ["3", "2"]


def test_filters_by_day_and_policy(olga: Client, stage: Stage) -> None:
    policy = EscalationPolicy.objects.create(name="Night")
    policy.steps.create(position=1).contacts.set(Contact.objects.filter(phone_number=ANNA))
    stage.open("old")
    stage.time.forward(86_400)
    stage.open("new", escalation_policy="Night")
    today = timezone.localdate(clock.now())
    yesterday = today - timedelta(days=1)
    assert shown(olga, **span_of(yesterday, yesterday)) == ["old"]
    assert shown(olga, **span_of(today, today)) == ["new"]
    assert shown(olga, **span_of(yesterday, today)) == ["new", "old"]
    assert shown(olga, policy="Night") == ["new"]
    assert shown(olga, policy="-") == ["old"]
    assert shown(olga, policy="gone") == []
    page = olga.get(LIST, span_of(yesterday, yesterday)).content.decode()
    for words in ("Yesterday", "Last 30 days", "None: contacts one by one"):
        assert words in page
    # A span from elsewhere is shown as what is chosen.
    assert "The days chosen" in olga.get(LIST, span_of(yesterday, today)).content.decode()
    assert "The days chosen" not in page


@pytest.mark.parametrize(
    ("term", "found"),
    [
        ("pump-7", ["pump-7"]),
        ("PUMP-7", ["pump-7"]),
        (ANNA, ["pump-7", "roof"]),
        ("+1 (425) 555-0111", ["pump-7", "roof"]),
        ("425.555.0111", ["pump-7", "roof"]),
        ("001 425 555 0111", ["pump-7", "roof"]),
        (BEN, ["pump-7"]),
        ("anna", ["pump-7", "roof"]),
        ("anna rain", ["roof"]),
        ("rain comes in", ["roof"]),
        ("stopped rain", []),
        ("%", []),
        ("nothing like it", []),
        (CARA, []),
    ],
)
def test_search(olga: Client, stage: Stage, term: str, found: list[str]) -> None:
    stage.open("pump-7", description="Pump 7 has stopped")
    stage.open("roof", description="Rain comes in", second_contact="")
    assert sorted(shown(olga, q=term)) == found


def test_words_are_looked_for_among_the_newest_only(
    olga: Client, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "WORDS_AMONG", 2)
    for number in range(4):
        stage.open(f"id-{number}", description="Rain", first_contact=ANNA)
    assert shown(olga, q="rain") == ["id-3", "id-2"]
    assert shown(olga, q="id-0") == ["id-0"]
    assert len(shown(olga, q=ANNA)) == 4


def test_a_page_takes_as_many_queries_with_many_rows_as_with_few(olga: Client, stage: Stage) -> None:
    def count(address: str, **query: Any) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert olga.get(address, query).status_code == 200
        assert not [one["sql"] for one in queries if "COUNT(" in one["sql"]]
        return len(queries)

    asked = [(LIST, {}), (ROWS, {}), (LIST, {"q": "rain"}), (LIST, {"q": ANNA}), (LIST, {"policy": "-"})]
    stage.open("0", description="Rain")
    few = [count(address, **query) for address, query in asked]
    for number in range(1, 70):
        stage.open(str(number), description="Rain")
    for number in range(30):
        lifecycle.acknowledge(str(number), contact=ANNA, actor="x")
    assert [count(address, **query) for address, query in asked] == few
    assert max(few) <= 25


def test_no_page_reads_the_whole_table(olga: Client, stage: Stage) -> None:
    stage.open()
    with CaptureQueriesContext(connection) as queries:
        olga.get(LIST)
        olga.get(LIST, {"status__exact": "resolved"})
        olga.get(LIST, {"policy": "Night"})
    lists = [one["sql"] for one in queries if "acknowledged_name" in one["sql"]]
    assert len(lists) == 3
    if connection.vendor != "sqlite":
        # The plans of a table of one row say nothing.
        return
    for sql, index in zip(
        lists, ["incidents_urgency", "incidents_status_opened", "incidents_policy_urgency"], strict=True
    ):
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
            plan = " / ".join(row[3] for row in cursor.fetchall())
        assert index in plan, plan
        assert "USE TEMP B-TREE FOR ORDER BY" not in plan, plan


def test_each_row_offers_what_its_status_allows(olga: Client, stage: Stage) -> None:
    keys = {one: stage.open(one).pk for one in ("open", "taken", "over")}
    lifecycle.acknowledge("taken", actor="x")
    lifecycle.cancel("over", actor="x")
    lifecycle.resolve("over", actor="x")
    page = olga.get(LIST).content.decode()

    def offered(incident_id: str) -> list[str]:
        return [
            one
            for one in ("acknowledge", "escalate", "resolve")
            if f'hx-get="{LIST}{keys[incident_id]}/{one}/"' in page
        ]

    assert offered("open") == ["acknowledge", "escalate"]
    assert offered("taken") == ["resolve"]
    assert offered("over") == []
    assert "incident-acts" not in staff("view_incident", name="reader").get(LIST).content.decode()


def test_a_dialog_leaves_the_page_where_it_was(olga: Client, stage: Stage) -> None:
    incident = stage.open()
    form = {"_form_submitted": "on", "contact": "", "note": ""}
    answer = olga.post(f"{LIST}{incident.pk}/acknowledge/", form, headers={"HX-Request": "true"})
    assert answer.headers["HX-Refresh"] == "true"
    assert stage.status() == "acknowledged"
    assert "Incident 123 is acknowledged." in olga.get(LIST).content.decode()


def test_the_rows_come_alone_and_only_when_they_changed(olga: Client, stage: Stage) -> None:
    incident = stage.open()
    at_first = olga.get(LIST)
    etag = at_first.context["rows_etag"]
    assert olga.get(ROWS, headers={"If-None-Match": etag}).status_code == 304
    act(olga, incident, "acknowledge")
    answer = olga.get(ROWS, headers={"If-None-Match": etag})
    assert answer.status_code == 200
    rows = answer.content.decode()
    assert "Acknowledged" in rows
    assert "<html" not in rows
    assert olga.get(ROWS, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


def test_the_rows_keep_filters_search_and_page(olga: Client, stage: Stage) -> None:
    stage.open("1", description="Rain")
    stage.open("2", description="Snow")
    answer = olga.get(f"{ROWS}?q=snow&status__exact=not_acknowledged").content.decode()
    assert "Snow" in answer
    assert "Rain" not in answer
    assert "_changelist_filters=q%3Dsnow" in answer
    assert olga.get(f"{ROWS}?status__exact=not_acknowledged&p=2").status_code == 200
    assert olga.get(ROWS, {"opened_at__gte": "rubbish"}).status_code == 400


def test_a_clock_that_waits_counts_down(olga: Client, stage: Stage) -> None:
    stage.open()
    assert "waits for AWS" in olga.get(LIST).content.decode()
    stage.accept()
    due = stage.incident().next_step_at
    assert due is not None
    assert f'data-until="{due.isoformat()}"' in olga.get(LIST).content.decode()


def test_an_empty_list_says_what_to_do(olga: Client, stage: Stage) -> None:
    olga_user = User.objects.get(username="olga")
    page = olga.get(LIST).content.decode()
    assert "Open a test incident" in page
    assert "Add an escalation policy" not in page
    olga_user.user_permissions.add(Permission.objects.get(codename="add_escalationpolicy"))
    assert "Add an escalation policy" in olga.get(LIST).content.decode()
    EscalationPolicy.objects.create(name="Night")
    assert "Add an escalation policy" not in olga.get(LIST).content.decode()
    assert "No incident is like that" in olga.get(LIST, {"q": "rain"}).content.decode()
    reader = staff("view_incident", name="reader").get(LIST).content.decode()
    assert "No incident yet" in reader
    assert "Open a test incident" not in reader
