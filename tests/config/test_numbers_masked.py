"""Whole phone numbers are for those who may see them: in pages, files and the API."""

import html
import json
import re
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from knox.models import AuthToken
from rest_framework.test import APIClient

from config.masking import numbers_masked
from messaging.models import Contact
from tests.messaging.api.rows import inbound, outbound
from tests.messaging.factories import ANN, OUR_NUMBER
from tests.security.world import world

pytestmark = pytest.mark.django_db

MASKED = f"+1***{ANN[-2:]}"
_SEES = "messaging.see_phone_numbers"


@pytest.fixture(autouse=True)
def _rows() -> None:
    world()


def somebody(*without: str) -> Client:
    """Staff with every permission but these."""
    user = User.objects.create_user(f"without {without}", is_staff=True)
    user.user_permissions.set(
        one
        for one in Permission.objects.select_related("content_type")
        if f"{one.content_type.app_label}.{one.codename}" not in without
    )
    client = Client()
    client.force_login(user)
    return client


def body(answer: Any) -> str:
    content: bytes = answer.getvalue() if answer.streaming else answer.content
    return content.decode()


_PLACES = [
    "/admin/messaging/contact/",
    "/admin/messaging/inboundmessage/",
    "/admin/shifts/employee/",
    "/admin/shifts/callback/",
    "/admin/optout/plea/",
    "/admin/incidents/incident/report-by-contact",
    "/admin/shifts/employee/export/",
    "/api/v1/inbound/",
    "/api/v1/employees/",
]


@pytest.mark.parametrize("place", _PLACES)
def test_masked_without_the_permission(place: str) -> None:
    answer = somebody(_SEES).get(place, follow=True)
    assert answer.status_code == 200
    found = body(answer)
    assert MASKED in found
    assert ANN not in found
    assert ANN[1:] not in found


def with_token(client: Client) -> APIClient:
    """The same user, by a token."""
    api = APIClient()
    user = User.objects.get(pk=client.session["_auth_user_id"])
    api.credentials(HTTP_AUTHORIZATION=f"Token {AuthToken.objects.create(user)[1]}")
    return api


def test_a_token_shows_what_its_user_may_see() -> None:
    place = "/api/v1/employees/"
    (masked,) = with_token(somebody(_SEES)).get(place).json()["results"]
    assert masked["phone_number"] == MASKED
    (whole,) = with_token(somebody()).get(place).json()["results"]
    assert whole["phone_number"] == ANN


def test_the_next_page_of_a_number_one_knows_can_be_asked_for() -> None:
    api = with_token(somebody(_SEES))
    for n in range(3):
        outbound(n, destination_phone_number=ANN, subject="shifts:july")
    page = api.get("/api/v1/messages/", {"phone_number": ANN, "page_size": "2"}).json()
    assert {row["destination_phone_number"] for row in page["results"]} == {ANN}
    assert api.get(page["next"]).status_code == 200
    other = api.get("/api/v1/messages/", {"page_size": "2"}).json()
    assert {row["destination_phone_number"] for row in other["results"]} == {MASKED}


def test_a_number_that_one_has_sent_comes_back() -> None:
    api = with_token(somebody(_SEES))
    new = {"phone_number": "+14255550184"}
    assert api.post("/api/v1/employees/", new).json()["phone_number"] == "+14255550184"
    # Beside it others stay masked, and what is hidden in other fields is no way to try out thousands.
    changed = api.patch("/api/v1/shifts/XYZ123/", {"shift_info": f"{ANN} or another"}).json()
    assert [holder["phone_number"] for holder in changed["employees"]] == [MASKED]


@pytest.mark.parametrize("place", _PLACES)
def test_whole_with_it(place: str) -> None:
    answer = somebody().get(place, follow=True)
    assert answer.status_code == 200
    assert ANN in body(answer).replace("\\u002B", "+").replace("%2B", "+")


def test_our_own_numbers_are_no_secret() -> None:
    answer = somebody(_SEES).get("/admin/messaging/originationidentity/")
    assert OUR_NUMBER in body(answer)


def test_masked_json_is_json() -> None:
    answer = somebody(_SEES).get("/api/v1/employees/")
    assert json.loads(answer.content)["results"][0]["phone_number"] == MASKED
    assert int(answer["Content-Length"]) == len(answer.content)


@pytest.mark.parametrize("typed", ["(425) 555-0182", "425 5550182", "14255550182"])
def test_who_knows_a_number_finds_it(typed: str) -> None:
    found = body(somebody(_SEES).get("/admin/messaging/contact/", {"q": typed}))
    assert MASKED in found
    assert ANN not in found


_TYPED = [ANN, "+1 425 555 0182", "+1 (425) 555-0182", "425 5550182", "(425) 555-0182"]


@pytest.mark.parametrize("typed", _TYPED)
def test_what_was_typed_leads_on(typed: str) -> None:
    for n in range(120):
        inbound(n)
    client, place = somebody(_SEES), "/admin/messaging/inboundmessage/"
    page = body(client.get(place, {"q": typed}))
    assert f'value="{typed}"' in page
    following = re.findall(r'href="(\?[^"]*p=2[^"]*)"', page)
    assert following
    found = client.get(place + html.unescape(following[0]))
    assert len(found.context["cl"].result_list) == 50
    # And back from the page of a row.
    row = re.findall(r'href="([^"]*/change/\?_changelist_filters=[^"]*)"', page)[0]
    back = re.findall(r'href="(/admin/messaging/inboundmessage/\?[^"]*)"', body(client.get(html.unescape(row))))
    assert back
    assert client.get(html.unescape(back[0])).context["cl"].query == typed


def test_other_numbers_stay_masked_beside_the_one_that_was_typed() -> None:
    found = body(somebody(_SEES).get("/admin/shifts/callback/", {"q": "+14255550199"}))
    assert ANN not in found
    assert "+14255550199" in found


def test_a_list_of_guesses_is_answered_as_before() -> None:
    found = body(somebody(_SEES).get("/admin/messaging/inboundmessage/inbox/", {"q": f"+14255550111, {ANN}"}))
    assert ANN not in found
    assert ANN not in body(somebody(_SEES, "x.y").get("/admin/shifts/employee/", {"e": ANN, "p": "1"}, follow=True))


def test_a_form_with_a_masked_number_changes_nothing() -> None:
    contact = Contact.objects.get(phone_number=ANN)
    page = f"/admin/messaging/contact/{contact.pk}/change/"
    answer = somebody(_SEES).post(page, {"phone_number": MASKED, "name": "Anna", "language": "", "time_zone": ""})
    assert answer.status_code == 200
    contact.refresh_from_db()
    assert (contact.phone_number, contact.name) == (ANN, "Ann")


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        (f"from {ANN} to {OUR_NUMBER}", f"from {MASKED} to {OUR_NUMBER}"),
        ("?q=%2B14255550182&p=2", "?q=%2B1***82&p=2"),
        ('{"token": "a1b2c3d4e5f6a7b8c9d0"}', '{"token": "a1b2c3d4e5f6a7b8c9d0"}'),
    ],
)
def test_only_numbers(text: str, masked: str) -> None:
    assert numbers_masked(text, keep={OUR_NUMBER}) == masked
