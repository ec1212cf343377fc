"""The pages of an import: the form, the page that looks on, and its two buttons."""

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from shifts.models import Employee, RosterImport
from shifts.roster.decoding import LARGEST
from shifts.roster.work import Imports
from tests.incidents.test_admin import staff
from tests.messaging.factories import ANN, BOB
from tests.shifts.factories import employee, segment

IMPORTS = "/admin/shifts/rosterimport/"
FILE = f"name,phone_number\nAnn <b>,{ANN}\nBob,{BOB}\n"

pytestmark = pytest.mark.django_db


@pytest.fixture
def hanna(db: None) -> Client:
    """Somebody of HR."""
    return staff("add_rosterimport", "view_employee", name="hanna")


def _upload(client: Client, content: str | bytes = FILE, name: str = "Night nurses") -> Any:
    file = SimpleUploadedFile("people.csv", content.encode() if isinstance(content, str) else content)
    return client.post(f"{IMPORTS}add/", {"file": file, "segment": name}, follow=True)


def _row() -> RosterImport:
    return RosterImport.objects.get()


def _page(client: Client) -> str:
    answer = client.get(f"{IMPORTS}{_row().pk}/change/")
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", answer.content.decode())


def _press(client: Client, button: str) -> Any:
    return client.post(f"{IMPORTS}{_row().pk}/{button}/", follow=True)


def test_a_list_is_uploaded_looked_at_and_imported(hanna: Client) -> None:
    employee(BOB)
    page = _upload(hanna).content.decode()
    assert "data-live" in page
    assert "Waiting for a worker" in page
    progress = hanna.get(f"{IMPORTS}{_row().pk}/progress/")
    assert progress.json() == {"status": "checking", "done": 0, "total": 0, "words": "Waiting for a worker"}
    assert "no-store" in progress["Cache-Control"]

    Imports().run()
    page = _page(hanna)
    for words in ("a new segment", "<dt>New employees</dt><dd>1</dd>", "Ann &lt;b&gt;", ANN, ">Import</button>"):
        assert words in page
    assert "data-live" not in page
    assert Employee.objects.count() == 1

    assert "data-live" in _press(hanna, "import").content.decode()
    Imports().run()
    assert "What it did" in _page(hanna)
    assert "(2 employees now)" in _page(hanna)
    assert (_row().created_by, Employee.objects.count()) == ("hanna", 2)


def test_errors_are_told_by_line_and_column(hanna: Client) -> None:
    _upload(hanna, f"{FILE}Cat,12<i>\n")
    Imports().run()
    page = _page(hanna)
    for words in ("1 error. Nothing was imported.", '"Line">4<', '"Column">phone_number<', "12&lt;i&gt;", "corrected"):
        assert words in page
    assert ">Import</button>" not in page
    assert "it has errors" in _press(hanna, "import").content.decode()
    assert not Employee.objects.exists()


def test_who_opted_out_in_pinpoint_is_told_with_what_to_do(hanna: Client) -> None:
    _upload(hanna, f"ChannelType,Address,OptOut\nSMS,{ANN},ALL\nEMAIL,x,NONE\n")
    Imports().run()
    page = _page(hanna)
    for words in (
        "1 opted out in Pinpoint",
        "The import records that, and nobody texts them.",
        "Not for SMS, left out",
    ):
        assert words in page


def test_a_file_is_discarded(hanna: Client) -> None:
    _upload(hanna)
    Imports().run()
    assert "Nothing was imported" in _press(hanna, "discard").content.decode()
    assert not RosterImport.objects.exists()


def test_what_is_imported_is_not_discarded(hanna: Client) -> None:
    _upload(hanna)
    Imports().run()
    _press(hanna, "import")
    assert "cannot be discarded" in _press(hanna, "discard").content.decode()


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        ("", "Night", "empty"),
        (FILE, "", "required"),
        (FILE, "a/b", "without slashes"),
        (FILE, "x" * 101, "at most 100"),
        (b"x" * (LARGEST + 1), "Night", "larger than 20 MB"),
    ],
    ids=["no content", "no name", "slash", "long name", "too large"],
)
def test_what_the_form_refuses(content: str | bytes, name: str, words: str, hanna: Client) -> None:
    assert words in _upload(hanna, content, name).content.decode()
    assert not RosterImport.objects.exists()


def test_the_segments_there_are_are_offered_and_taken_in_any_case(hanna: Client) -> None:
    segment("Night nurses")
    assert '<option value="Night nurses">' in hanna.get(f"{IMPORTS}add/?segment=x").content.decode()
    _upload(hanna, name="NIGHT nurses")
    assert _row().segment_name == "Night nurses"


def test_the_list_does_not_read_the_files(hanna: Client) -> None:
    _upload(hanna)
    with CaptureQueriesContext(connection) as queries:
        assert b"people.csv" in hanna.get(IMPORTS).content
    assert not [query for query in queries if '"content"' in query["sql"]]


@pytest.mark.parametrize(
    ("codenames", "may_see", "may_act"),
    [((), 403, 403), (("view_rosterimport",), 200, 403), (("add_employee", "change_segment"), 403, 403)],
)
def test_who_may(codenames: tuple[str, ...], may_see: int, may_act: int, hanna: Client) -> None:
    _upload(hanna)
    Imports().run()
    rita = staff(*codenames, name="rita")
    row = f"{IMPORTS}{_row().pk}/"
    for address in (IMPORTS, f"{row}change/", f"{row}progress/"):
        assert rita.get(address).status_code == may_see, address
    for address in (f"{IMPORTS}add/", f"{row}import/", f"{row}discard/"):
        assert rita.post(address).status_code == may_act, address
    assert hanna.get(f"{row}import/").status_code == 405
    assert _row().status == "checked"
    assert hanna.get(f"{IMPORTS}99999/progress/").status_code == 404
    assert hanna.get(f"{IMPORTS}x/progress/").status_code == 404
