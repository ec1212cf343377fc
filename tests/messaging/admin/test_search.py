"""Texts are found by phone number, however staff write it."""

import pytest
from django.test import Client

from messaging.models import Contact, OriginationIdentity
from messaging.selectors import phone_numbers_meant
from tests.messaging.api.rows import inbound, outbound


@pytest.mark.parametrize(
    "written",
    ["+14255550182", "+1 (425) 555-0182", "001 425.555.0182", "(425) 555-0182", "1 425 555 0182", " 4255550182 "],
)
@pytest.mark.parametrize(("page", "make"), [("outboundmessage", outbound), ("inboundmessage", inbound)])
def test_any_form_of_a_phone_number_finds_its_texts(
    boss: Client, number: OriginationIdentity, written: str, page: str, make: type
) -> None:
    make(body="the wanted one")
    make(body="another", destination_phone_number="+14255550183", origination_phone_number="+14255550183") if (
        page == "inboundmessage"
    ) else make(body="another", destination_phone_number="+14255550183")
    found = boss.get(f"/admin/messaging/{page}/", {"q": written}).content.decode()
    assert "the wanted one" in found
    assert "another" not in found


def test_a_text_is_found_by_awss_id(boss: Client) -> None:
    outbound(body="the wanted one", carrier_message_id="aws-1")
    outbound(body="another")
    found = boss.get("/admin/messaging/outboundmessage/", {"q": "aws-1"}).content.decode()
    assert "the wanted one" in found
    assert "another" not in found


def test_what_is_neither_finds_nothing(boss: Client) -> None:
    outbound(body="the wanted one")
    assert "the wanted one" not in boss.get("/admin/messaging/outboundmessage/", {"q": "Alice"}).content.decode()


def test_a_contact_is_found_by_name_and_by_any_form_of_the_number(boss: Client, number: OriginationIdentity) -> None:
    Contact.objects.create(phone_number="+14255550182", name="Alice")
    Contact.objects.create(phone_number="+14255550183", name="Robert")
    for question in ("alic", "(425) 555-0182", "0182"):
        found = boss.get("/admin/messaging/contact/", {"q": question}).content.decode()
        assert "Alice" in found, question
        assert "Robert" not in found, question


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["", "Alice", "12", "room 425 555 0182", "1" * 16])
def test_other_words_mean_no_phone_number(text: str) -> None:
    assert phone_numbers_meant(text) == []


@pytest.mark.django_db
def test_a_short_code_means_itself() -> None:
    assert "72345" in phone_numbers_meant("72345")
