"""The examples of docs/examples.md, each run as a process against the whole house, over HTTP and with a real token."""

import csv
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from knox.models import AuthToken

from incidents.models import Incident
from messaging.simulator import Simulator
from optout.models import ConsentEvent
from shifts.models import Campaign, Employee, Shift
from tests.flows.conftest import CARLA, Handset
from tests.house import House
from tests.messaging.factories import ANN, BOB, OUR_NUMBER, received
from tests.shifts.factories import employee, holding, shift

DOCS = Path(__file__).resolve().parent.parent.parent / "docs"
EXAMPLES = DOCS / "examples"
# As the example, but that it looks more often than every two seconds.
_QUICKLY = """
import sys, {name}
{name}.POLL_SECONDS = 0.1
sys.exit({name}.main(*sys.argv[1:]))
"""

pytestmark = pytest.mark.django_db(transaction=True)
Example = Callable[..., "Ran"]


class Ran:
    """An example that is running."""

    def __init__(self, name: str, arguments: tuple[str, ...], env: dict[str, str], house: House) -> None:
        self._house = house
        self._process = subprocess.Popen(
            [sys.executable, "-c", _QUICKLY.format(name=name), *arguments],
            cwd=EXAMPLES, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.out = self.err = ""
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        self.out, self.err = self._process.communicate(timeout=60)

    def meanwhile(self, condition: Callable[[], Any]) -> None:
        """Let the house work until something is so."""
        while not condition():
            assert self._reader.is_alive(), self.err
            self._house.settle()
            self._reader.join(0.05)

    @property
    def status(self) -> int:
        """Let the house work until it ends, and how it ended."""
        while self._reader.is_alive():
            self._house.sweep()
            self._reader.join(0.05)
        return int(self._process.returncode)


@pytest.fixture
def example(house: House, live_server: Any) -> Example:
    """Starts an example with a token of a superuser."""
    _, token = AuthToken.objects.create(User.objects.create_superuser("script"))
    env = os.environ | {"TEXTBACK_URL": live_server.url, "TEXTBACK_TOKEN": token, "PYTHONDONTWRITEBYTECODE": "1"}

    def start(name: str, *arguments: str) -> Ran:
        return Ran(name, arguments, env, house)

    return start


def test_every_example_stands_in_the_page_as_it_is() -> None:
    page = (DOCS / "examples.md").read_text()
    files = sorted(EXAMPLES.glob("*.py"))
    assert len(files) >= 8
    for file in files:
        assert f"```python\n{file.read_text()}```" in page, file.name
        assert f"(examples/{file.name})" in page
    named = Path(__file__).read_text()
    assert [file.stem for file in files if f'example("{file.stem}"' not in named] == ["textback"]


def test_open_an_incident_and_wait(example: Example, simulator: Simulator, ann: Handset, bob: Handset) -> None:
    ran = example("open_incident", "DB-17", "Replica is behind", ann.number, bob.number)
    ran.meanwhile(lambda: ann.texts)
    ann.says("yes!")
    assert ran.status == 0, ran.err
    assert ran.out.splitlines()[-1] == f"DB-17 is acknowledged {ann.number}"
    assert "Replica is behind" in ran.out


def test_an_incident_that_nobody_takes(example: Example, ann: Handset) -> None:
    ran = example("open_incident", "DB-18", "Replica is behind", ann.number)
    ran.meanwhile(lambda: ann.texts)
    ann.says("no")
    assert ran.status == 1
    assert Incident.objects.get().status == "unacknowledged"


def test_load_shifts(example: Example, tmp_path: Path) -> None:
    person = employee(ANN)
    holding(person, shift("N2", shift_info="Old words"))
    path = tmp_path / "shifts.csv"
    path.write_text(
        "shift_id,shift_info,starts_at,ends_at,places\n"
        "N1,Night ward 3,2027-07-01T22:00:00Z,2027-07-02T06:00:00Z,2\n"
        "N2,New words,,,\n"
    )
    for said in (["N1 added", "N2 up to date"], ["N1 up to date", "N2 up to date"]):
        ran = example("load_shifts", str(path))
        assert (ran.status, ran.err) == (0, "")
        assert ran.out.splitlines() == said
    assert list(Shift.objects.order_by("shift_id").values_list("shift_id", "shift_info", "places", "booked")) == [
        ("N1", "Night ward 3", 2, 0), ("N2", "New words", 1, 1),
    ]  # fmt: skip
    path.write_text("shift_id,shift_info,starts_at,ends_at,places\nSTOP,Nothing,,,\n")
    ran = example("load_shifts", str(path))
    assert (ran.status, ran.out) == (1, "")
    assert "STOP refused: 400" in ran.err


def test_import_a_segment(example: Example, tmp_path: Path) -> None:
    path = tmp_path / "nurses.csv"
    path.write_text(f"name,phone_number\nAnn,{ANN}\nBob,{BOB}\n")
    ran = example("import_segment", "Night nurses", str(path))
    assert (ran.status, ran.err) == (0, "")
    assert ran.out.splitlines()[-1] == "created 2, updated 0, left 0 as they were"
    assert Employee.objects.count() == 2
    path.write_text("name,phone_number\nCat,12\n")
    ran = example("import_segment", "Night nurses", str(path))
    assert (ran.status, ran.out) == (1, "")
    assert "'line': 2" in ran.err


def test_preview_send_and_follow_a_campaign(example: Example, simulator: Simulator) -> None:
    for who in (ANN, BOB):
        employee(who, segments=["Night nurses"])
    shift("N1", at=48)
    ran = example("send_campaign", "july", "Shifts are open.", "Night nurses", "N1")
    assert ran.status == 0, ran.err
    assert "2 people, 1 part(s) in GSM" in ran.out
    assert Campaign.objects.get().status == "draft"
    ran = example("send_campaign", "july", "Shifts are open.", "Night nurses", "N1", "--send")
    assert ran.status == 0, ran.err
    assert ran.out.splitlines()[-1].startswith("sent {'recipients': 2")
    assert sorted(sent.destination for sent in simulator.sent) == [ANN, BOB]


def test_read_outcomes_page_by_page(example: Example, incident: Callable[..., Incident], ann: Handset) -> None:
    for number in range(3):
        incident(f"N-{number}")
    ann.says("YES N-1")
    ran = example("read_outcomes", "2020-01-01T00:00:00Z")
    assert ran.status == 0, ran.err
    rows = list(csv.DictReader(StringIO(ran.out)))
    assert [(row["incident_id"], row["status"], row["acknowledged_by"]) for row in rows] == [
        ("N-2", "not_acknowledged", ""), ("N-1", "acknowledged", ann.number), ("N-0", "not_acknowledged", ""),
    ]  # fmt: skip
    assert rows[1]["seconds_to_acknowledgement"].isdigit()


def test_every_page_is_read(example: Example, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With pages of one row, as if there were thousands."""
    for number in range(3):
        text = received(f"What {number}?", CARLA)
        type(text).objects.filter(pk=text.pk).update(routed_at=text.received_at, outcome="unmatched")
    monkeypatch.setattr("messaging.api.base.NewestFirst.max_page_size", 1)
    ran = example("unmatched_texts", str(tmp_path / "printed.json"))
    assert ran.status == 0, ran.err
    assert [json.loads(line)["body"] for line in ran.out.splitlines()] == ["What 0?", "What 1?", "What 2?"]


def test_consent(example: Example) -> None:
    ran = example("consent", ANN, OUR_NUMBER)
    assert (ran.status, ran.out) == (0, f"{ANN} none  \n")
    for _ in range(2):
        ran = example("consent", ANN, OUR_NUMBER, "Asked by e-mail")
        assert ran.status == 1, ran.err
        assert ran.out.startswith(f"{ANN} opted_out ")
    event = ConsentEvent.objects.get()
    assert (event.actor, event.reason, event.source) == ("script", "Asked by e-mail", "api")


def test_unmatched_texts_are_printed_once(example: Example, house: House, tmp_path: Path, ann: Handset) -> None:
    file = str(tmp_path / "printed.json")
    ann.says("Where do I park?")
    ann.says("And when?")

    def bodies() -> list[str]:
        ran = example("unmatched_texts", file)
        assert ran.status == 0, ran.err
        return [json.loads(line)["body"] for line in ran.out.splitlines()]

    assert bodies() == ["Where do I park?", "And when?"]
    assert bodies() == []
    ann.says("Hello?")
    assert bodies() == ["Hello?"]


def test_a_wrong_token_is_said(example: Example, monkeypatch: pytest.MonkeyPatch) -> None:
    AuthToken.objects.all().delete()
    ran = example("consent", ANN, OUR_NUMBER)
    assert ran.status == 1
    assert "textback.Refused: 401" in ran.err
