"""Contacts: phone numbers as people write them."""

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from messaging.forms import read_phone_number
from messaging.models import Contact

URL = "/admin/messaging/contact/"


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("+14255550182", "+14255550182"),
        (" +1 (425) 555-0182 ", "+14255550182"),
        ("001.425.555.0182", "+14255550182"),
        ("+44 (0)20 7946 0000", "+442079460000"),
        ("0044 (0)20/7946 0000", "+442079460000"),
        ("+1\u00a0425\u2011555\u20130182", "+14255550182"),
        ("\u202a+14255550182\u202c", "+14255550182"),
    ],
)
def test_the_forms_in_which_people_write_a_number(written: str, kept: str) -> None:
    assert read_phone_number(written) == kept


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("425 555 0182", "country code"),
        ("(0)425 555 0182", "country code"),
        ("+1 425 555 01822", "no country has one"),
        ("+1 425 555 0182 ext 7", "E.164"),
        ("+1 425 555 O182", "E.164"),
        ("++14255550182", "E.164"),
        ("", "country code"),
    ],
)
def test_what_is_refused_with_what_to_do(written: str, problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        read_phone_number(written)


def _save(boss: Client, number: str) -> str:
    answer = boss.post(f"{URL}add/", {"phone_number": number, "name": "Alice", "language": "", "time_zone": ""})
    return answer.content.decode()


def test_a_number_is_kept_in_e164(boss: Client) -> None:
    _save(boss, "+1 (425) 555-0182")
    assert Contact.objects.get().phone_number == "+14255550182"


def test_a_number_without_country_code_is_refused_with_what_to_do(boss: Client) -> None:
    assert "Begin with + and the country code" in _save(boss, "425 555 0182")
    assert not Contact.objects.exists()


def test_one_number_is_one_contact_in_whatever_form(boss: Client) -> None:
    _save(boss, "+14255550182")
    assert "already exists" in _save(boss, "001 425 555 0182")
    assert Contact.objects.count() == 1
