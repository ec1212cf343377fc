"""Exports as real ones are (tests.pinpoint): plans that tell the truth, runs that are killed, who may do it."""

import csv
import json
import re
import subprocess
import sys
import tracemalloc
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.core.management import call_command

from config.masking import loosely_masked
from incidents.models import Incident, IncidentContact, TimelineEntry
from messaging.exports import progress
from messaging.exports.progress import Point, Shown
from messaging.models import Contact, OriginationIdentity
from optout.models import Consent, ConsentEvent
from shifts.models import Booking, Employee, SegmentMember, Shift
from tests.commands import run
from tests.config.test_import_pinpoint import everything
from tests.messaging.factories import OUR_NUMBER
from tests.moving import MovableTime
from tests.pinpoint import MADE, number
from tests.redis_server import RedisServer
from tests.workers import BASE, environment

ENDED = ("--ended-at", "2026-10-30T00:00:00Z")
OPTIONS = {
    "segment": ("segment", "--segment", "Night nurses"),
    "segment-csv": ("segment", "--segment", "Night nurses"),
    "opt-outs": ("opt-outs", "--every-number"),
    "consent": ("consent", "--time-zone", "UTC"),
    "shifts": ("shifts", "--add-employees"),
    "incidents": ("incidents", *ENDED),
}
# what ends the process in the middle of writing, at which of its calls
TRAPS = {
    "segment": ("shifts.roster.writing", "write", 3),
    "opt-outs": ("optout.many", "_bring_up_to_date", 3),
    "shifts": ("shifts.booking", "_take_place", 5),
    "incidents": ("incidents.lifecycle.importing", "_names", 3),
}
_KILLED = """
import importlib, os, signal, sys
import django
django.setup()
module, name, times = sys.argv[1], sys.argv[2], int(sys.argv[3])
place = importlib.import_module(module)
real, calls = getattr(place, name), []
def trap(*arguments, **options):
    calls.append(1)
    found = real(*arguments, **options)
    if len(calls) == times:
        os.kill(os.getpid(), signal.SIGKILL)
    return found
setattr(place, name, trap)
for source in ("shifts.pinpoint.Endpoints", "optout.pinpoint.OptOutLists", "incidents.pinpoint.IncidentTable"):
    owner, _, kind = source.rpartition(".")
    getattr(importlib.import_module(owner), kind).at_once = 40
from django.core.management import execute_from_command_line
execute_from_command_line(["manage.py", *sys.argv[4:]])
"""


def arguments(kind: str, path: Path) -> tuple[str, ...]:
    source, *options = OPTIONS[kind]
    return source, str(path), *options


def bring(kind: str, path: Path, *more: str) -> Any:
    ran = run("import_pinpoint", *arguments(kind, path), *more, "--json")
    assert ran.status == 0, ran.err
    return ran.data


def few_at_once(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    """So that whatever stands twice stands in two batches."""
    for source in ("shifts.pinpoint.Endpoints", "optout.pinpoint.OptOutLists", "optout.pinpoint.ConsentTable"):
        monkeypatch.setattr(f"{source}.at_once", count)
    for source in ("shifts.pinpoint.Shifts", "incidents.pinpoint.IncidentTable"):
        monkeypatch.setattr(f"{source}.at_once", count)


def all_there_is() -> dict[str, list[Any]]:
    """What was brought in, without keys of rows and times of writing."""
    rows = {
        Contact: ("phone_number", "name", "language", "time_zone"),
        Employee: ("contact__phone_number", "approved"),
        SegmentMember: ("segment__name", "employee__contact__phone_number", "times_listed"),
        ConsentEvent: ("key", "phone_number", "every_number", "action", "source", "occurred_at", "reason"),
        Consent: ("phone_number", "origination_identity", "state", "since", "source", "latest_at"),
        Shift: ("shift_id", "shift_info", "places", "booked"),
        Booking: ("shift__shift_id", "employee__contact__phone_number", "dropped_at"),
        Incident: ("incident_id", "status", "double_escalation", "ended_at", "content_hash"),
        IncidentContact: ("step__incident__incident_id", "step__position", "phone_number", "state"),
        TimelineEntry: ("incident__incident_id", "kind", "at", "text", "actor"),
    }
    return {model.__name__: sorted(model._default_manager.values_list(*names)) for model, names in rows.items()}


@pytest.mark.django_db
@pytest.mark.usefixtures("number")
class TestPlans:
    @pytest.mark.parametrize("kind", MADE)
    def test_a_plan_changes_nothing_and_counts_what_the_run_does(
        self, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        few_at_once(monkeypatch, 23)
        path = MADE[kind](tmp_path / "", 250)
        before = everything()
        planned = bring(kind, path, "--plan")
        assert everything() == before
        done = bring(kind, path)
        assert done == planned | {"plan": False}
        # All is in: planning it again says so, and so does another run.
        again = bring(kind, path, "--plan")["counts"]
        assert again == bring(kind, path)["counts"]
        assert again["not_taken"] == done["counts"]["not_taken"]
        assert not any(again.get(name) for name in ("created", "updated", "recorded", "booked"))

    def test_twice_in_two_files(self, tmp_path: Path) -> None:
        """What the first says is there when the second is planned, in whatever way they differ."""
        for name, rows in {
            "1.csv": ["+12062200000,Ann,NONE", "+12062200001,Bo,NONE", "+12062200002,,ALL"],
            "2.csv": ["+12062200000,Ann,NONE", "+12062200001,Bob,NONE", "+12062200002,Cy,ALL", "+12062200003,,NONE"],
            "3.csv": ["+12062200000,,NONE", "+12062200001,Bob,NONE", "+12062200002,Cy,ALL"],
        }.items():
            lines = "\n".join(f"SMS,{row}" for row in rows)
            (tmp_path / name).write_text(f"ChannelType,Address,Attributes.Name,OptOut\n{lines}\n")
        planned = bring("segment", tmp_path, "--plan")
        assert planned["counts"] == {
            "read": 10, "opted_out": 3, "created": 4, "updated": 2, "unchanged": 4,
        }  # fmt: skip
        assert bring("segment", tmp_path)["counts"] == planned["counts"]

    def test_shifts_of_one_person_that_overlap_and_codes_that_come_twice(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        few_at_once(monkeypatch, 1)
        who, other = number(0)[0], number(1)[0]
        rows = [
            ("A1", who, "09:00", "12:00"), ("A2", who, "11:00", "13:00"), ("A3", who, "12:00", "13:00"),
            ("A4", other, "11:00", "13:00"), ("a1", who, "09:00", "12:00"), ("A4", who, "11:00", "13:00"),
            (" A3 ", who, "12:00", "13:00"), ("A5", "", "09:00", "10:00"), ("A5", "", "09:00", "10:00"),
        ]  # fmt: skip
        path = tmp_path / "shifts.csv"
        lines = [
            f"{code},{'taken' if holder else 'available'},{holder},2031-07-15T{begins}Z,2031-07-15T{ends}Z"
            for code, holder, begins, ends in rows
        ]
        path.write_text("\n".join(["shift_id,shift_status,employee,starts_at,ends_at", *lines, ""]))
        planned = bring("shifts", path, "--plan")
        assert planned["counts"] == {"read": 9, "created": 4, "booked": 3, "not_taken": 2, "unchanged": 3}
        assert planned["not_taken"] == {
            "Overlaps with another of theirs.": 1, "Here already, with another holder.": 1,
        }  # fmt: skip
        assert bring("shifts", path) == planned | {"plan": False}

    @pytest.mark.parametrize("kind", ["segment", "opt-outs"])
    def test_memory_does_not_grow_with_what_is_planned(
        self, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        few_at_once(monkeypatch, 100)

        def peak(count: int) -> int:
            path = MADE[kind](tmp_path / str(count), count)
            tracemalloc.start()
            bring(kind, path, "--plan")
            most = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
            return most

        for count in (40, 400, 2_000):
            (tmp_path / str(count)).mkdir()
        peak(40)
        small, large = peak(400), peak(2_000)
        assert large < 1.5 * small + 200_000


@pytest.mark.django_db(transaction=True)
@pytest.mark.crash
@pytest.mark.parametrize("kind", TRAPS)
def test_a_run_that_is_killed_is_begun_anew_and_ends_as_one_that_was_not(
    kind: str, tmp_path: Path, redis_server: RedisServer
) -> None:
    OriginationIdentity.objects.create(identity=OUR_NUMBER, kind="ten_dlc", mps=10, is_default=True)
    path = MADE[kind](tmp_path, 300)
    module, name, times = TRAPS[kind]
    process = subprocess.run(
        [sys.executable, "-c", _KILLED, module, name, str(times), "import_pinpoint", *arguments(kind, path)],
        cwd=BASE, env=environment(redis_server) | {"PYTHONPATH": str(BASE)}, capture_output=True, check=False,
    )  # fmt: skip
    assert process.returncode == -9, process.stderr
    halfway = sum(everything().values())
    again = bring(kind, path)["counts"]
    assert again["unchanged"] > 0, "it says what was there already"
    killed = all_there_is()
    assert halfway < sum(everything().values())

    call_command("flush", interactive=False, verbosity=0)
    OriginationIdentity.objects.create(identity=OUR_NUMBER, kind="ten_dlc", mps=10, is_default=True)
    whole = bring(kind, path)["counts"]
    assert killed == all_there_is()
    assert again["read"] == whole["read"]
    assert again["not_taken"] == whole["not_taken"]


@pytest.mark.django_db
@pytest.mark.usefixtures("number")
class TestWhoMay:
    # source and options → all that --as needs
    CASES = [
        ("segment", (), {"shifts.add_rosterimport"}),
        ("opt-outs", (), {"optout.add_consentevent"}),
        ("consent", (), {"optout.add_consentevent"}),
        ("incidents", (), {"incidents.add_incident"}),
        ("shifts", (), {"shifts.add_shift", "shifts.change_shift", "shifts.add_employee"}),
        ("incidents", ("--whole-numbers",), {"incidents.add_incident", "messaging.see_phone_numbers"}),
    ]

    @pytest.mark.parametrize(("kind", "more", "needed"), CASES)
    def test_each_thing_that_is_changed_or_shown(
        self, kind: str, more: tuple[str, ...], needed: set[str], tmp_path: Path
    ) -> None:
        path = MADE[kind](tmp_path, 20)
        by_name = {
            f"{one.content_type.app_label}.{one.codename}": one
            for one in Permission.objects.select_related("content_type")
        }
        before = everything()
        for missing in needed:
            user = User.objects.create_user(missing)
            user.user_permissions.set([one for name, one in by_name.items() if name != missing])
            ran = run("import_pinpoint", *arguments(kind, path), *more, "--as", missing)
            assert (ran.status, ran.out) == (5, "")
            assert f"has not the permission {missing}" in ran.err
        assert everything() == before
        olga = User.objects.create_user("olga")
        olga.user_permissions.set([by_name[name] for name in needed])
        assert run("import_pinpoint", *arguments(kind, path), *more, "--as", "olga").status == 0
        assert everything() != before

    def test_nobody_is_made_an_employee_without_being_asked_for(self, tmp_path: Path) -> None:
        path = MADE["shifts"](tmp_path, 20)
        user = User.objects.create_user("olga")
        user.user_permissions.set(Permission.objects.filter(codename__in=["add_shift", "change_shift"]))
        assert run("import_pinpoint", "shifts", str(path), "--as", "olga").status == 0
        assert not Employee.objects.exists()
        assert run("import_pinpoint", "shifts", str(path), "--add-employees", "--as", "olga").status == 5


@pytest.mark.django_db
@pytest.mark.usefixtures("number")
class TestTheReport:
    LINES = ("SMS,555-0107", "SMS,0044 7400 1234567890", "SMS,1 (425) 555-01821234", "EMAIL,ann@example.com")

    def reasons(self, tmp_path: Path, *more: str) -> list[str]:
        path, report = tmp_path / "people.csv", tmp_path / "left.csv"
        path.write_text("\n".join(["ChannelType,Address", *self.LINES, ""]))
        bring("segment", path, "--report", str(report), "--plan", *more)
        with report.open(newline="") as file:
            return [row["reason"] for row in csv.DictReader(file)]

    def test_numbers_are_masked_unless_asked_for(self, tmp_path: Path) -> None:
        masked = self.reasons(tmp_path)
        assert len(masked) == 4
        assert not [reason for reason in masked if re.search(r"(?:\d[ ().-]{0,2}){6}", reason)]
        assert "***" in masked[0]
        whole = " ".join(self.reasons(tmp_path, "--whole-numbers"))
        assert "+5550107" in whole
        assert "0044 7400 1234567890" in whole

    # a reason → as it is told
    @pytest.mark.parametrize(
        ("reason", "told"),
        [
            ("XYZ123 is taken by +14255550182, who is no employee.", "XYZ123 is taken by +1***82, who is no employee."),
            ("(425) 555-0182 is none.", "***82 is none."),
            ("No phone number: '4255550182'.", "No phone number: '***82'."),
            ("No time: '2025-01-05 09:00:00'.", "No time: '2025-01-05 09:00:00'."),
            ("No time: '14/07/2025 21:03:59'.", "No time: '14/07/2025 21:03:59'."),
            (
                "INC-0001234567 is here already, with other content.",
                "INC-0001234567 is here already, with other content.",
            ),
            ("This line has 16 cells, the header has 14.", "This line has 16 cells, the header has 14."),
        ],
    )
    def test_what_may_be_a_number_in_any_writing(self, reason: str, told: str) -> None:
        assert loosely_masked(reason) == told

    def test_any_number_of_reasons_are_a_hundred_in_the_sums_and_all_in_the_report(self, tmp_path: Path) -> None:
        path, report = tmp_path / "table.csv", tmp_path / "left.jsonl"
        rows = [",".join(["x"] * width) for width in range(3, 203)]
        path.write_text("\n".join(["a,b", *rows, ""]))
        ran = bring("opt-outs", path, "--plan", "--report", str(report))
        assert len(ran["not_taken"]) == 101
        assert ran["not_taken"]["Other reasons: see the report."] == 100
        assert len([json.loads(line)["reason"] for line in report.read_text().splitlines()]) == 200


class TestProgress:
    POINT = Point(file=2, files=4, line=1_250, rows=12_000, share=0.25, sums="11000 created, 1000 here already")

    # a point and since when → what is said
    @pytest.mark.parametrize(
        ("share", "seconds", "said"),
        [
            (0.25, 4, "12,000 rows (25%, 3,000 a second, 12 s left), file 2 of 4, line 1,250: 11000 created, "),
            (0.005, 4, "12,000 rows (0%, 3,000 a second), file 2 of 4, line 1,250: "),
            (0.5, 0, "12,000 rows (50%, 0 s left), file 2 of 4, "),
            (0.1, 60, "12,000 rows (10%, 200 a second, 9 min left), "),
            (0.01, 120, "12,000 rows (1%, 100 a second, 3 h 18 min left), "),
        ],
    )
    def test_a_point_in_words(self, share: float, seconds: float, said: str) -> None:
        point = Point(2, 4, 1_250, 12_000, share, self.POINT.sums)
        assert progress.sentence(point, seconds).startswith(said)

    def test_on_a_terminal_one_line_is_written_over(self, time: MovableTime, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("COLUMNS", "40")
        monkeypatch.setattr(progress, "_TERMINAL", timedelta(minutes=1))
        written: list[str] = []
        shown = Shown(written.append, is_terminal=True)
        shown(self.POINT)
        assert written == []
        time.forward(61)
        shown(self.POINT)
        shown(self.POINT)
        (line,) = written
        assert line.startswith("\r\x1b[K12,000 rows (25%, ")
        assert len(line) == len("\r\x1b[K") + 39
        shown.end()
        assert written[1:] == ["\r\x1b[K"]

    def test_elsewhere_there_is_a_line_now_and_then(self, time: MovableTime, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(progress, "_LOG", timedelta(minutes=1))
        written: list[str] = []
        shown = Shown(written.append, is_terminal=False)
        for _ in range(3):
            shown(self.POINT)
            time.forward(61)
        shown.end()
        assert len(written) == 2
        assert all(line.endswith("here already\n") and "\r" not in line for line in written)

    @pytest.mark.django_db
    def test_a_long_run_says_how_far_it_is(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        few_at_once(monkeypatch, 40)
        monkeypatch.setattr(progress, "_LOG", timedelta(0))
        path = MADE["segment"](tmp_path, 200)
        ran = run("import_pinpoint", *arguments("segment", path))
        lines = ran.err.splitlines()
        assert len(lines) == 8
        assert "file 4 of 4" in lines[-1]
        shares = [int(found[1]) for line in lines if (found := re.search(r"\((\d+)%", line))]
        assert shares == sorted(shares)
        assert (len(shares), shares[-1]) == (8, 100)


# what a table of self-managed opt-outs may hold that no database takes
@pytest.mark.django_db
@pytest.mark.usefixtures("number")
@pytest.mark.parametrize("description", ["\\u0000", "half \\ud83d", "a backslash \\\\u0000 is none"])
def test_signs_that_no_database_takes(description: str, tmp_path: Path) -> None:
    path = tmp_path / "items.json"
    path.write_text(
        '{"incident_id": "1", "incident_stat": "acknowledged", "stat_date": "14/07/2025 21:03:59", '
        f'"first_contact": "+12062200000", "description": "{description}"}}\n'
    )
    counts = bring("incidents", path)["counts"]
    assert counts.get("not_taken", 0) == (0 if "backslash" in description else 1)


def test_the_files_are_the_same_each_time(tmp_path: Path) -> None:
    for kind, make in MADE.items():
        for place in ("one", "two"):
            (tmp_path / kind / place).mkdir(parents=True)
            make(tmp_path / kind / place, 120)
        one, two = (
            {file.name: file.read_bytes() for file in (tmp_path / kind / place).rglob("*") if file.is_file()}
            for place in ("one", "two")
        )
        assert one == two
