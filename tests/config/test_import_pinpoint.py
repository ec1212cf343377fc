"""Moving over from Amazon Pinpoint: each export as it comes, planned, brought in, and brought in again."""

import csv
import gzip
import json
import tracemalloc
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from incidents.models import Incident, TimelineEntry
from messaging import audit
from messaging.models import Contact, OriginationIdentity, OutboundMessage
from optout import ledger, many, selectors
from optout.ledger import Entry
from optout.models import ConsentEvent
from shifts.models import Booking, Employee, Segment, SegmentMember, Shift
from tests.commands import Ran, run
from tests.messaging.api.conftest import api, client_with
from tests.messaging.factories import OUR_NUMBER
from tests.shifts.factories import employee

__all__ = ["api", "client_with"]

EXPORTS = Path(__file__).parent / "exports"
ANN, BENITO, CARA, ELI = (f"+1425555010{n}" for n in (1, 2, 3, 5))
ENDED = ("--ended-at", "2026-10-30T00:00:00Z")

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("number")]


def bring(source: str, name: str | Path, *more: str) -> Ran:
    return run("import_pinpoint", source, str(EXPORTS / name), *more, "--json")


def counts(ran: Ran) -> dict[str, int]:
    assert ran.status == 0, ran.err
    found: dict[str, int] = ran.data["counts"]
    return found


def everything() -> dict[str, int]:
    """How many rows there are of each of our models."""
    models = [one for one in apps.get_models() if one._meta.app_label in {"incidents", "messaging", "optout", "shifts"}]
    return {one._meta.label: one._default_manager.count() for one in models}


# each export, as it is brought in
ALL = [
    ("segment", "endpoints.csv", "--segment", "Night nurses"),
    ("segment", "endpoints.jsonl", "--segment", "Night nurses"),
    ("opt-outs", "opted-out-numbers.json", "--every-number"),
    ("opt-outs", "opted-out-numbers.csv", "--from", OUR_NUMBER),
    ("consent", "consent.jsonl", "--time-zone", "America/New_York"),
    ("shifts", "shifts-scan.json", "--add-employees"),
    ("incidents", "dynamodb", *ENDED),
]


@pytest.mark.parametrize("arguments", ALL, ids=lambda one: f"{one[0]} {one[1]}")
class TestEvery:
    def test_a_plan_writes_nothing_and_says_what_is_written_then(self, arguments: tuple[str, ...]) -> None:
        before = everything()
        planned = counts(bring(*arguments, "--plan"))
        assert everything() == before
        done = counts(bring(*arguments))
        assert everything() != before
        assert {name: count for name, count in done.items() if name in planned} == planned
        assert planned["read"] > planned["not_taken"] > 0

    def test_a_second_time_changes_nothing(self, arguments: tuple[str, ...]) -> None:
        first = counts(bring(*arguments))
        rows = everything()
        second = counts(bring(*arguments))
        assert everything() == rows
        assert second["not_taken"] == first["not_taken"]
        assert not any(
            second.get(name) for name in ("created", "updated", "recorded", "changed_how_they_stand", "booked")
        )
        assert second["unchanged"] > 0

    def test_nobody_is_texted_and_the_audit_finds_nothing(self, arguments: tuple[str, ...]) -> None:
        bring(*arguments)
        assert not OutboundMessage.objects.exists()
        result = audit.perform(at_rest=True)
        assert (result.findings, result.errors) == ([], {})

    def test_the_report_has_file_line_and_reason_of_each(self, arguments: tuple[str, ...], tmp_path: Path) -> None:
        table, lines = tmp_path / "left.csv", tmp_path / "left.jsonl"
        ran = bring(*arguments, "--plan", "--report", str(table))
        bring(*arguments, "--plan", "--report", str(lines))
        with table.open(newline="") as file:
            found = list(csv.DictReader(file))
        assert len(found) == counts(ran)["not_taken"] == sum(ran.data["not_taken"].values())
        assert all(row["reason"] and int(row["line"]) > 0 and row["file"].startswith(str(EXPORTS)) for row in found)
        as_json = [json.loads(line) for line in lines.read_text().splitlines()]
        assert [(one["file"], str(one["line"])) for one in as_json] == [(row["file"], row["line"]) for row in found]
        assert table.stat().st_mode & 0o777 == 0o600

    def test_for_people(self, arguments: tuple[str, ...]) -> None:
        source, name, *more = arguments
        ran = run("import_pinpoint", source, str(EXPORTS / name), *more, "--plan")
        assert ran.out.startswith("It would be: ")
        assert "  not taken, " in ran.out

    def test_as_somebody_who_may_not(self, arguments: tuple[str, ...]) -> None:
        User.objects.create_user("clerk")
        before = everything()
        assert bring(*arguments, "--as", "clerk").status == 5
        assert everything() == before


@pytest.mark.parametrize("name", ["endpoints.csv", "endpoints.jsonl"])
class TestSegment:
    @pytest.fixture(autouse=True)
    def _brought(self, name: str) -> None:
        Contact.objects.create(phone_number=BENITO, name="Ben", time_zone="Europe/Madrid")
        self.ran = bring("segment", name, "--segment", "Night nurses")

    def test_people_with_name_language_and_time_zone(self, name: str) -> None:
        found = Employee.objects.order_by("contact__phone_number").select_related("contact")
        cara = "en" if name.endswith("csv") else ""
        assert [
            (one.contact.phone_number, one.contact.name, one.contact.language, one.contact.time_zone) for one in found
        ] == [
            (ANN, "Ann Ashford", "en", "America/Los_Angeles"),
            # What we know ourselves stays.
            (BENITO, "Benito Baeza", "es", "Europe/Madrid"),
            (CARA, "Cara Chen", cara, "America/Chicago"),
        ]
        assert SegmentMember.objects.filter(segment__name="Night nurses").count() == 3

    def test_opt_outs_as_of_then_inactive_endpoints_included(self, name: str) -> None:
        events = ConsentEvent.objects.order_by("phone_number").values_list(
            "phone_number", "action", "source", "every_number", "occurred_at"
        )
        assert list(events) == [
            (CARA, "opt_out", "import", True, datetime(2025, 6, 30, 17, 5, 9, 551000, tzinfo=UTC)),
            (ELI, "opt_out", "import", True, datetime(2023, 11, 2, 10, tzinfo=UTC)),
        ]

    def test_what_is_not_taken(self, name: str) -> None:
        assert self.ran.data["not_taken"] == {
            "An endpoint of the channel EMAIL: only SMS is taken.": 1,
            "An endpoint that is INACTIVE. Its opt-out is recorded.": 1,
            "Faulty: a number, a name or a language.": 2,
        }


class TestConsentOfThen:
    def said(self, action: str, at: datetime) -> None:
        ledger.record(Entry(ANN, OUR_NUMBER, action, "sms", occurred_at=at))

    def state(self, who: str = ANN) -> str:
        stands = selectors.standing_with(who, OUR_NUMBER)
        return stands.state if stands else ""

    @pytest.mark.parametrize(("joined", "state"), [(4, "opted_out"), (5, "opted_in")])
    def test_an_older_word_never_overrides_a_newer_one(self, joined: int, state: str) -> None:
        self.said("opt_in", datetime(2025, 3, joined, tzinfo=UTC))
        bring("opt-outs", "opted-out-numbers.json", "--from", OUR_NUMBER)
        assert self.state() == state
        assert ConsentEvent.objects.filter(phone_number=ANN).count() == 2

    def test_of_aws_lists_both_forms_are_one_occasion(self) -> None:
        first = counts(bring("opt-outs", "opted-out-numbers.json", "--from", OUR_NUMBER))
        second = counts(bring("opt-outs", "opted-out-numbers.csv", "--from", OUR_NUMBER))
        assert (first["recorded"], second.get("recorded", 0), second["unchanged"]) == (2, 0, 2)
        event = ConsentEvent.objects.get(phone_number="+14255550109")
        assert event.occurred_at == datetime(2025, 3, 4, 5, 6, 7, 890000, tzinfo=UTC)
        assert event.reason == "Put on an opt-out list of AWS by its owner."

    def test_a_list_of_several_numbers(self) -> None:
        OriginationIdentity.objects.create(identity="24255", kind="short_code", mps=50)
        bring("opt-outs", "opted-out-numbers.json", "--from", OUR_NUMBER, "--from", "24255")
        assert set(ConsentEvent.objects.values_list("origination_identity", flat=True)) == {OUR_NUMBER, "24255"}

    def test_a_table_of_ones_own(self) -> None:
        ran = bring("consent", "consent.jsonl", "--time-zone", "America/New_York")
        events = ConsentEvent.objects.order_by("occurred_at", "phone_number")
        assert [(one.phone_number, one.action, one.word, f"{one.occurred_at:%m-%d %H:%M}") for one in events] == [
            (ANN, "opt_out", "STOP", "01-05 14:00"),
            (BENITO, "opt_out", "Opt-Out", "01-06 09:00"),
            (ANN, "opt_in", "JOIN", "01-06 14:00"),
        ]
        assert (self.state(), self.state(BENITO)) == ("opted_in", "opted_out")
        assert ran.data["not_taken"] == {
            "None of our numbers": 1, "Neither an opt-out nor an opt-in": 1, "No phone number": 1,
        }  # fmt: skip

    def test_times_without_a_zone_are_not_guessed(self) -> None:
        ran = bring("consent", "consent.jsonl")
        assert ran.data["not_taken"]["No time"] == 2
        assert counts(ran)["recorded"] == 1

    @pytest.mark.parametrize(
        ("name", "status", "action"),
        [
            ("IsOptedOut", "true", "opt_out"),
            ("opted_out_of_all", "no", "opt_in"),
            ("has_opted_in", "true", "opt_in"),
            ("sms_consent", "false", "opt_out"),
            ("status", "yes", "opt_in"),
            ("blocked", "true", ""),
            ("blocked", "STOP", "opt_out"),
        ],
    )
    def test_true_or_false_says_what_its_name_says(self, tmp_path: Path, name: str, status: str, action: str) -> None:
        path = tmp_path / "table.csv"
        path.write_text(f"phone_number,timestamp,{name}\n{ANN},2025-01-05T09:00:00Z,{status}\n")
        ran = bring("consent", path, "--from", OUR_NUMBER, "--field", f"action={name}")
        assert list(ConsentEvent.objects.values_list("action", flat=True)) == ([action] if action else [])
        assert ran.data["not_taken"] == (
            {} if action else {"True or false of what? The name does not tell whether somebody is out or in": 1}
        )

    @pytest.mark.parametrize(
        ("status", "action"),
        [("true", "opt_out"), ("False", "opt_in"), ("OPTED_IN", "opt_in"), ("UNSUBSCRIBED", "opt_out")],
    )
    def test_fields_by_other_names(self, tmp_path: Path, status: str, action: str) -> None:
        path = tmp_path / "table.csv"
        path.write_text(f"who,when,opted_out\n{ANN},2025-01-05T09:00:00Z,{status}\n")
        fields = ("phone_number=who", "at=when", "action=opted_out")
        options = [part for field in fields for part in ("--field", field)]
        assert counts(bring("consent", path, "--from", OUR_NUMBER, *options))["recorded"] == 1
        assert ConsentEvent.objects.get().action == action


class TestShifts:
    def test_shifts_with_who_has_them(self) -> None:
        employee(ANN, name="Ann")
        ran = bring("shifts", "shifts-scan.json")
        assert list(Shift.objects.order_by("shift_id").values_list("shift_id", "places", "booked")) == [
            ("XYZ123", 1, 1), ("XYZ124", 1, 0), ("XYZ127", 4, 0),
        ]  # fmt: skip
        booking = Booking.objects.get()
        assert (booking.employee.contact.name, booking.shift.shift_id) == ("Ann", "XYZ123")
        assert booking.actor.startswith("command-line:")
        assert Shift.objects.get(shift_id="XYZ127").starts_at == datetime(2031, 7, 15, 13, tzinfo=UTC)
        assert ran.data["not_taken"] == {
            "Taken by somebody who is no employee.": 1,
            "Faulty: its code, its information or its times.": 1,
            "Taken by nobody knows whom.": 1,
        }

    def test_whoever_has_one_may_be_made_an_employee(self) -> None:
        bring("shifts", "shifts-scan.json", "--add-employees")
        assert Booking.objects.count() == 2
        assert Employee.objects.get(contact__phone_number="+14255550188").approved

    def test_a_shift_that_is_there_is_left_as_it_is(self) -> None:
        employee(ANN)
        Shift.objects.create(shift_id="xyz123", shift_info="Ours")
        ran = bring("shifts", "shifts-scan.json")
        assert ran.data["not_taken"]["Here already, with another holder."] == 1
        assert Shift.objects.get(shift_id="xyz123").shift_info == "Ours"
        assert not Booking.objects.exists()

    def test_somebody_who_is_not_approved_gets_none_and_nobody_else_does(self) -> None:
        employee(ANN, approved=False)
        ran = bring("shifts", "shifts-scan.json")
        assert ran.data["not_taken"]["Taken by somebody who is not approved."] == 1
        assert not Shift.objects.filter(shift_id="XYZ123").exists()


class TestIncidents:
    def test_closed_history(self, api: APIClient) -> None:
        Contact.objects.create(phone_number=ANN, name="Ann")
        bring("incidents", "dynamodb", *ENDED)
        rows = Incident.objects.order_by("incident_id").values_list("incident_id", "status", "double_escalation")
        assert list(rows) == [
            ("123", "resolved", False), ("124", "resolved", True), ("125", "resolved", False),
        ]  # fmt: skip
        shown = api.get("/api/v1/incidents/123/").json()
        assert shown["acknowledged_by"] == "Amazon Pinpoint"
        assert shown["acknowledged_at"] == shown["opened_at"] == "2025-07-14T21:03:59Z"
        assert [(one["name"], one["phone_number"], one["state"]) for one in shown["contacts"]] == [
            ("Ann", ANN, "notified"), ("", BENITO, "pending"),
        ]  # fmt: skip
        assert [one["kind"] for one in shown["timeline"]] == ["opened", "note", "acknowledged", "resolved"]
        review = api.get("/api/v1/incidents/124/").json()
        assert (review["acknowledged_at"], review["url"]) == (None, "")
        assert review["contacts"][1]["state"] == "notified"
        assert Incident.objects.get(incident_id="125").ended_at == datetime(2026, 10, 30, tzinfo=UTC)

    def test_the_pages_show_them(self, admin_client: Any) -> None:
        bring("incidents", "dynamodb", *ENDED)
        pages = ["/admin/incidents/incident/"]
        pages += [f"/admin/incidents/incident/{one.pk}/change/" for one in Incident.objects.all()]
        assert {admin_client.get(page, follow=True).status_code for page in pages} == {200}

    def test_what_may_be_open_is_left_unless_it_is_said_when_it_ended(self) -> None:
        ran = bring("incidents", "dynamodb")
        assert counts(ran)["created"] == 2
        assert not Incident.objects.filter(incident_id="125").exists()

    def test_an_id_of_ours_is_left_as_it_is(self) -> None:
        first = run("open_incident", "123", "Ours", "--first-contact", ANN)
        assert first.status == 0
        ran = bring("incidents", "dynamodb", *ENDED)
        assert ran.data["not_taken"]["Here already, and other."] == 1
        assert Incident.objects.get(incident_id="123").description == "Ours"
        # And one that was brought in answers for its id ever after.
        assert run("open_incident", "124", "Gas", "--first-contact", ANN).status == 4

    def test_when_it_was_opened_may_be_said_by_the_table(self, tmp_path: Path) -> None:
        item = json.loads((EXPORTS / "dynamodb/data/incidents.json").read_text().splitlines()[0])
        item["Item"]["created"] = {"N": "1752526979"}
        path = tmp_path / "items.json.gz"
        path.write_bytes(gzip.compress(json.dumps(item).encode()))
        bring("incidents", path, "--opened-field", "created")
        incident = Incident.objects.get()
        assert incident.ended_at is not None
        assert (incident.ended_at - incident.opened_at).total_seconds() == 60
        assert TimelineEntry.objects.filter(incident=incident).count() == 4


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("segment", "endpoints.csv"), 2, "Into which segment?"),
        (("segment", "endpoints.csv", "--segment", "a/b"), 2, "name: "),
        (("segment", "nowhere", "--segment", "Night"), 3, "No such file"),
        (("opt-outs", "opted-out-numbers.csv"), 2, "Whose list is it?"),
        (("opt-outs", "opted-out-numbers.csv", "--every-number", "--from", OUR_NUMBER), 2, "Whose list is it?"),
        (("opt-outs", "opted-out-numbers.csv", "--from", "+14255550199"), 3, "none of our numbers"),
        (("consent", "consent.jsonl", "--field", "who=Phone"), 2, "is not FIELD=NAME"),
        (("consent", "consent.jsonl", "--time-zone", "Mars/Olympus"), 2, "no time zone"),
        (("incidents", "dynamodb", "--ended-at", "2026-10-30"), 2, "no time with offset"),
        (("journeys", "endpoints.csv"), 2, "invalid choice"),
        (("shifts", "shifts-scan.json", "--report", "/nowhere/left.csv"), 3, "No such file"),
    ],
)
def test_wrong_input(arguments: tuple[str, ...], status: int, said: str) -> None:
    before = everything()
    ran = bring(*arguments)
    assert (ran.status, ran.out) == (status, "")
    assert said in ran.err
    assert everything() == before


def test_a_run_that_was_interrupted_is_begun_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "endpoints.csv"
    people = "".join(f"SMS,+1425{2_000_000 + n},NONE\n" for n in range(25))
    path.write_text(f"ChannelType,Address,OptOut\n{people}SMS,{ANN},ALL\n")
    monkeypatch.setattr("shifts.pinpoint.Endpoints.at_once", 10)
    real, calls = many.record_all, []

    def record(entries: Iterable[Entry]) -> int:
        found = list(entries)
        calls.extend(found)
        if len(calls) == 1:
            raise OSError("the disk is full")
        return real(found)

    monkeypatch.setattr("optout.guard.many.record_all", record)
    ran = bring("segment", path, "--segment", "Night nurses")
    assert ran.status == 6
    assert Employee.objects.count() == 20
    again = counts(bring("segment", path, "--segment", "Night nurses"))
    assert (again["created"], again["unchanged"], again["opted_out"]) == (6, 20, 1)
    assert Segment.objects.get().members.count() == 26


def test_memory_does_not_grow_with_the_endpoints(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shifts.pinpoint.Endpoints.at_once", 100)

    def peak(count: int) -> int:
        path = tmp_path / f"{count}.csv.gz"
        lines = (f"SMS,+1425{2_000_000 + n},Person {n}\n" for n in range(count))
        path.write_bytes(gzip.compress(f"ChannelType,Address,Attributes.Name\n{''.join(lines)}".encode()))
        tracemalloc.start()
        assert counts(bring("segment", path, "--segment", "All"))["read"] == count
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    # The first run also fills what is filled once in a process.
    peak(100)
    small, large = peak(200), peak(1_200)
    assert large < 1.5 * small + 200_000
