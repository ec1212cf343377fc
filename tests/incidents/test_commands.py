"""Incidents from the command line: the same room as by API, for people and for scripts."""

import pytest
from django.contrib.auth.models import Permission, User

from incidents.models import Incident, TimelineEntry
from messaging.models import OutboundMessage
from tests.commands import Ran, run
from tests.incidents.stage import ANNA, BEN, STRANGER, Stage
from tests.messaging.api.conftest import api, client_with

__all__ = ["api", "client_with"]

pytestmark = pytest.mark.django_db
OPEN = ("open_incident", "DB-17", "Replica is behind", "--first-contact", ANNA, "--second-contact", BEN)


def act(*arguments: str) -> Ran:
    return run("act_on_incident", *arguments)


def test_an_incident_is_opened_and_told_for_people(stage: Stage) -> None:
    ran = run(*OPEN)
    assert (ran.status, ran.err) == (0, "")
    assert ran.out.splitlines() == [
        "DB-17: not_acknowledged. Replica is behind",
        "  1. Anna: texted",
        "  2. Ben: pending",
    ]
    incident = Incident.objects.get()
    assert incident.opened_by.startswith("command-line:")
    assert "Replica is behind" in OutboundMessage.objects.get(destination_phone_number=ANNA).body


def test_in_json_it_says_what_the_api_says(stage: Stage, api: object) -> None:
    ran = run(*OPEN, "--json")
    assert ran.status == 0
    assert ran.data == api.get("/api/v1/incidents/DB-17/").json()  # type: ignore[attr-defined]


def test_the_same_again_changes_nothing_and_other_content_is_refused(stage: Stage) -> None:
    run(*OPEN)
    again = run(*OPEN, "--json")
    assert (again.status, again.data["incident_id"]) == (0, "DB-17")
    assert "opened before" in again.err
    other = run(*OPEN[:2], "Something else", *OPEN[3:], "--json")
    assert (other.status, other.out) == (4, "")
    assert "exists with other content" in other.err
    assert Incident.objects.count() == 1


def test_the_description_may_come_from_standard_input_and_numbers_as_people_write_them(stage: Stage) -> None:
    ran = run("open_incident", "DB-18", "-", "--first-contact", "+1 (425) 555-0111", "--json", stdin="Disk\nis full\n")
    assert ran.status == 0
    assert (ran.data["description"], ran.data["first_contact"]) == ("Disk\nis full", ANNA)


# what is given → exit status, and what is said on stderr; nothing is opened, nothing is on stdout
@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("open_incident",), 2, "the following arguments are required"),
        (("open_incident", "DB-1", "Text"), 2, "first_contact: Give a first_contact"),
        (("open_incident", "DB-1", "Text", "--first-contact", "5550111"), 2, "Begin with + and the country code"),
        (("open_incident", "YES", "Text", "--first-contact", ANNA), 2, "incident_id: People answer with this word"),
        (
            ("open_incident", "DB-1", "Text", "--policy", "Nights"),
            2,
            "escalation_policy: There is no escalation policy",
        ),
        (("open_incident", "DB-1", "x" * 2000, "--first-contact", ANNA), 2, "description: The longest text"),
        (("open_incident", "DB-1", "a\0b", "--first-contact", ANNA), 2, "description: Null characters"),
        (("open_incident", "DB-1", "Text", "--first-contact", ANNA, "--wait-seconds", "0"), 2, "no whole number"),
        (("open_incident", "DB-1", "Text", "--first-contact", ANNA, "--as", "nobody"), 2, "no user 'nobody'"),
        (("open_incident", "DB-1", "Text", "--first-contact", ANNA, "--as", "clerk"), 5, "incidents.add_incident"),
        (("open_incident", "DB-1", "Text", "--first-contact", ANNA, "--as", "gone"), 5, "gone is not active"),
    ],
)
@pytest.mark.parametrize("form", [(), ("--json",)])
def test_what_is_wrong_is_said_on_stderr(
    stage: Stage, arguments: tuple[str, ...], status: int, said: str, form: tuple[str, ...]
) -> None:
    User.objects.create_user("clerk")
    User.objects.create_superuser("gone", is_active=False)
    ran = run(*arguments, *form)
    assert (ran.status, ran.out) == (status, "")
    assert said in ran.err
    assert not Incident.objects.exists()


def test_somebody_with_the_permission_is_who_did_it(stage: Stage) -> None:
    olga = User.objects.create_user("olga")
    olga.user_permissions.add(Permission.objects.get(codename="add_incident"))
    assert run(*OPEN, "--as", "olga").status == 0
    assert Incident.objects.get().opened_by == "olga"
    refused = act("acknowledge", "DB-17", "--as", "olga")
    assert (refused.status, refused.out) == (5, "")
    assert "olga has not the permission incidents.change_incident" in refused.err
    assert Incident.objects.get().status == "not_acknowledged"


def test_each_action_is_the_one_of_the_api(stage: Stage) -> None:
    User.objects.create_superuser("olga")
    run(*OPEN)
    stage.accept()
    assert act("escalate", "DB-17", "--json").data["contacts"][1]["state"] == "texted"
    stage.accept()
    assert act("decline", "DB-17", "--contact", BEN, "--json").data["status"] == "unacknowledged"
    late = act("acknowledge", "DB-17", "--as", "olga", "--note", "I have it", "--json").data
    assert (late["status"], late["acknowledged_by"], late["late"]) == ("acknowledged", "olga", True)
    assert act("resolve", "DB-17").out.startswith("DB-17: resolved by olga. Replica is behind\n")
    assert act("note", "DB-17", "--note", "Post mortem on Monday").status == 0
    notes = TimelineEntry.objects.filter(kind="note").values_list("text", flat=True)
    assert list(notes) == ["I have it", "Post mortem on Monday"]


def test_cancelling_tells_those_who_were_asked(stage: Stage) -> None:
    run(*OPEN)
    stage.accept()
    assert act("cancel", "DB-17", "--json").data["status"] == "cancelled"
    assert [text.destination_phone_number for text in stage.queued()] == [ANNA]


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("acknowledge", "DB-99"), 3, "There is no incident DB-99."),
        (("decline", "DB-17"), 2, "contact: This field is required"),
        (("decline", "DB-17", "--contact", STRANGER), 2, "is not a contact of incident DB-17"),
        (("note", "DB-17"), 2, "note: This field is required"),
        (("resolve", "DB-17"), 4, "is still open"),
        (("explode", "DB-17"), 2, "invalid choice"),
    ],
)
def test_what_cannot_be_done_changes_nothing(stage: Stage, arguments: tuple[str, ...], status: int, said: str) -> None:
    run(*OPEN)
    lines = TimelineEntry.objects.count()
    ran = act(*arguments)
    assert (ran.status, ran.out) == (status, "")
    assert said in ran.err
    assert TimelineEntry.objects.count() == lines


class TestList:
    def test_the_newest_first_as_a_table(self, stage: Stage) -> None:
        stage.open("A-1")
        stage.open("B-2", description="Line one\nline \x1b[31mtwo")
        act("cancel", "A-1")
        header, second, first = run("list_incidents").out.splitlines()
        assert header.split() == ["INCIDENT", "STATUS", "OPENED", "TAKEN", "BY", "DESCRIPTION"]
        assert second.split()[:2] == ["B-2", "not_acknowledged"]
        # Nothing that came from outside moves the cursor.
        assert second.endswith("Line one line  [31mtwo")
        assert first.split()[:2] == ["A-1", "cancelled"]

    def test_in_json_a_line_for_each_as_the_api_has_it(self, stage: Stage, api: object) -> None:
        stage.open("A-1")
        stage.open("B-2")
        ran = run("list_incidents", "--json")
        assert ran.lines == api.get("/api/v1/incidents/").json()["results"]  # type: ignore[attr-defined]

    def test_filters(self, stage: Stage) -> None:
        stage.open("A-1")
        stage.time.forward(3600)
        middle = stage.time.now.isoformat()
        stage.time.forward(3600)
        stage.open("B-2")
        stage.open("C-3")
        act("cancel", "C-3")

        def found(*arguments: str) -> list[str]:
            return [one["incident_id"] for one in run("list_incidents", "--json", *arguments).lines]

        assert found("--after", middle) == ["C-3", "B-2"]
        assert found("--before", middle) == ["A-1"]
        assert found("--status", "cancelled", "--status", "resolved") == ["C-3"]
        assert found("--all") == ["C-3", "B-2", "A-1"]

    def test_a_limit_says_that_there_is_more(self, stage: Stage) -> None:
        stage.open("A-1")
        stage.open("B-2")
        ran = run("list_incidents", "--limit", "1", "--json")
        assert [one["incident_id"] for one in ran.lines] == ["B-2"]
        assert "--all" in ran.err
        assert run("list_incidents", "--limit", "2", "--json").err == ""

    def test_none_is_no_error(self, stage: Stage) -> None:
        assert run("list_incidents", "--json") == Ran("", "", 0)

    @pytest.mark.parametrize("given", [("--after", "2026-07-01"), ("--status", "lost"), ("--limit", "0")])
    def test_wrong_input(self, stage: Stage, given: tuple[str, ...]) -> None:
        assert run("list_incidents", *given).status == 2

    def test_queries_do_not_grow_with_rows(self, stage: Stage, django_assert_max_num_queries: object) -> None:
        for number in range(12):
            stage.open(f"A-{number}")
        with django_assert_max_num_queries(8):  # type: ignore[operator]
            assert len(run("list_incidents", "--json").lines) == 12
