"""/contacts/: the people behind phone numbers."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from messaging.models import Contact
from tests.refusals import at_fault

URL = "/api/v1/contacts/"
ANN, BOB = "+14255550182", "+14255550183"
NEW = {"phone_number": ANN, "name": "Ann", "language": "es", "time_zone": "America/Los_Angeles"}


def test_add_read_change(api: APIClient) -> None:
    made = api.post(URL, NEW)
    assert (made.status_code, made.json()) == (201, NEW)
    assert api.get(f"{URL}{ANN}/").json() == NEW
    assert api.get(f"{URL}%2B{ANN[1:]}/").json() == NEW
    assert api.patch(f"{URL}{ANN}/", {"name": "Anna"}).json() == NEW | {"name": "Anna"}


def test_only_the_number_must_be_given(api: APIClient) -> None:
    assert api.post(URL, {"phone_number": ANN}).json() == {
        "phone_number": ANN,
        "name": "",
        "language": "",
        "time_zone": "",
    }


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"phone_number": "4255550182"}, "phone_number"),
        ({"phone_number": BOB}, "phone_number"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"name": "x" * 151}, "name"),
        ({"language": "x" * 11}, "language"),
        ({"colour": "red"}, "colour"),
        ({"name": "a\x00"}, "name"),
    ],
)
def test_bad_input_is_refused_on_its_field(api: APIClient, change: dict[str, Any], field: str) -> None:
    Contact.objects.create(phone_number=BOB)
    assert at_fault(api.post(URL, NEW | change)) == [field]
    assert Contact.objects.count() == 1


def test_a_number_is_not_changed(api: APIClient) -> None:
    api.post(URL, NEW)
    assert at_fault(api.patch(f"{URL}{ANN}/", {"phone_number": BOB})) == ["phone_number"]
    assert api.patch(f"{URL}{ANN}/", {"phone_number": ANN}).status_code == 200


def test_lists(api: APIClient) -> None:
    for number in (ANN, BOB):
        Contact.objects.create(phone_number=number)
    assert [row["phone_number"] for row in api.get(URL).json()["results"]] == [BOB, ANN]
    assert [row["phone_number"] for row in api.get(URL, {"phone_number": ANN}).json()["results"]] == [ANN]
    assert at_fault(api.get(URL, {"phone_number": "Ann"})) == ["phone_number"]
    assert at_fault(api.get(URL, {"name": "Ann"})) == ["name"]


@pytest.mark.parametrize("written", ["Ann", "+1", "%00", "+19995550182"])
def test_nobody_has_it(api: APIClient, written: str) -> None:
    assert api.get(f"{URL}{written}/").status_code == 404
