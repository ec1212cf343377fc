"""Every page opens for a superuser, not for staff without the permission, at the same cost for any number of rows."""

import re
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from knox.models import AuthToken

from messaging.models import Contact, Keyword, Lane, OriginationIdentity, Status
from messaging.outbound import pauses
from tests.messaging.admin.conftest import StaffWith
from tests.messaging.api.rows import event, inbound, outbound
from tests.messaging.factories import received, standing

ADMIN = "/admin/messaging"


def _number(n: int) -> OriginationIdentity:
    number = OriginationIdentity.objects.create(identity=f"+1425555{n:04}", kind="ten_dlc", mps=1)
    Lane.objects.create(origination_identity=number, paused_at=timezone.now(), paused_reason="broken")
    return number


def _token(n: int) -> AuthToken:
    token: AuthToken = AuthToken.objects.create(User.objects.create_user(f"machine{n}"))[0]
    return token


# page → how to make a row
PAGES: dict[str, Any] = {
    "messaging/outboundmessage": lambda n: outbound(n, status="failed", conversation="incidents"),
    "messaging/inboundmessage": lambda n: inbound(n, outcome="unmatched"),
    "messaging/deliveryevent": lambda n: event(outbound(n)),
    "messaging/originationidentity": _number,
    "messaging/keyword": lambda n: Keyword.objects.create(word=f"WORD{n}", text="x"),
    "messaging/contact": lambda n: Contact.objects.create(phone_number=f"+1425555{n:04}", name=f"Person {n}"),
    "knox/authtoken": _token,
}
EDITABLE = {"messaging/originationidentity", "messaging/keyword", "messaging/contact", "knox/authtoken"}


@pytest.mark.parametrize("page", PAGES)
def test_list_and_row_open_for_a_superuser(boss: Client, page: str) -> None:
    row = PAGES[page](1)
    assert boss.get(f"/admin/{page}/").status_code == 200
    assert boss.get(f"/admin/{page}/{row.pk}/change/").status_code == 200
    assert boss.get(f"/admin/{page}/add/").status_code == (200 if page in EDITABLE else 403)


@pytest.mark.parametrize("page", PAGES)
def test_list_and_row_are_refused_to_staff_without_the_permission(staff_with: StaffWith, page: str) -> None:
    row = PAGES[page](1)
    stranger = staff_with()
    assert stranger.get(f"/admin/{page}/").status_code == 403
    assert stranger.get(f"/admin/{page}/{row.pk}/change/").status_code == 403


@pytest.mark.parametrize("page", PAGES)
def test_who_may_only_view_changes_nothing(staff_with: StaffWith, page: str) -> None:
    row = PAGES[page](1)
    # The texts are about incidents, of which not everybody sees the texts.
    reader = staff_with(f"view_{page.split('/')[1]}", "view_incident")
    assert reader.get(f"/admin/{page}/{row.pk}/change/").status_code == 200
    assert reader.post(f"/admin/{page}/{row.pk}/change/", {}).status_code == 403
    assert reader.post(f"/admin/{page}/{row.pk}/delete/", {"post": "yes"}).status_code == 403


@pytest.mark.parametrize("page", sorted(set(PAGES) - EDITABLE))
def test_history_is_written_by_nobody(boss: Client, page: str) -> None:
    row = PAGES[page](1)
    assert boss.post(f"/admin/{page}/{row.pk}/change/", {}).status_code == 403
    assert boss.post(f"/admin/{page}/add/", {}).status_code == 403
    assert boss.post(f"/admin/{page}/{row.pk}/delete/", {"post": "yes"}).status_code == 403


@pytest.mark.parametrize("page", PAGES)
def test_who_is_not_logged_in_is_sent_to_the_login(client: Client, db: None, page: str) -> None:
    assert client.get(f"/admin/{page}/")["Location"].startswith("/admin/login/")


def _queries(boss: Client, url: str) -> list[str]:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert boss.get(url).status_code == 200
    return [query["sql"] for query in queries]


@pytest.mark.parametrize("page", PAGES)
def test_the_number_of_queries_does_not_grow_with_the_rows(boss: Client, page: str) -> None:
    for n in range(2):
        PAGES[page](n)
    few = _queries(boss, f"/admin/{page}/")
    for n in range(2, 12):
        PAGES[page](n)
    assert len(_queries(boss, f"/admin/{page}/")) == len(few)


@pytest.mark.parametrize("page", ["outboundmessage", "inboundmessage", "deliveryevent"])
@pytest.mark.parametrize(
    "question", ["", "?q=%2B14255550182", "?q=nothing", "?conversation=incidents", "?status=failed"]
)
def test_a_big_table_is_never_counted(boss: Client, page: str, question: str) -> None:
    PAGES[f"messaging/{page}"](1)
    url = f"{ADMIN}/{page}/{question if page == 'outboundmessage' or 'q' in question else ''}"
    queries = _queries(boss, url)
    assert not [sql for sql in queries if "COUNT(" in sql or "DISTINCT" in sql]


def test_a_text_shows_what_aws_told_of_it(boss: Client) -> None:
    message = outbound(status="failed", error_reason="The number is not valid.")
    event(message, event_type="TEXT_INVALID", description="Invalid destination")
    page = boss.get(f"{ADMIN}/outboundmessage/{message.pk}/change/").content.decode()
    assert "The number is not valid." in page
    assert "Invalid destination" in page


def test_a_status_has_the_colour_of_its_meaning(boss: Client) -> None:
    outbound(status="failed")
    page = boss.get(f"{ADMIN}/outboundmessage/").content.decode()
    assert re.search(r"bg-red-100[^>]*>\s*Failed", page)


def test_a_paused_number_has_a_banner_with_the_reason(boss: Client, number: OriginationIdentity) -> None:
    url = f"{ADMIN}/originationidentity/{number.pk}/change/"
    assert "is paused since" not in boss.get(url).content.decode()
    pauses.pause(number.identity, "The spend limit is reached.")
    assert re.search(r"is paused since[^<]*The spend limit is reached\.", boss.get(url).content.decode())
    assert "The spend limit is reached." in boss.get(f"{ADMIN}/originationidentity/").content.decode()


def test_a_held_number_has_a_banner_with_the_reason(boss: Client, number: OriginationIdentity) -> None:
    url = f"{ADMIN}/originationidentity/{number.pk}/change/"
    Lane.objects.create(origination_identity=number)
    pauses.hold(number.identity, "A send guard cannot be asked.")
    page = boss.get(url).content.decode()
    assert re.search(r"is held since[^<]*A send guard cannot be asked\.", page)
    assert "is paused since" not in page
    listed = boss.get(f"{ADMIN}/originationidentity/").content.decode()
    assert "A send guard cannot be asked." in listed
    assert re.search(r"bg-orange-100[^>]*>\s*Held", listed)
    assert "1 held" in listed
    # Paused is what a person must deal with, and no guard is asked meanwhile.
    pauses.pause(number.identity, "The spend limit is reached.")
    page = boss.get(url).content.decode()
    assert "is paused since" in page
    assert "is held since" not in page
    assert "1 paused" in page
    assert "1 held" not in page


def test_a_number_that_is_off_is_not_held(boss: Client, number: OriginationIdentity) -> None:
    Lane.objects.create(origination_identity=number)
    pauses.hold(number.identity, "A send guard cannot be asked.")
    OriginationIdentity.objects.update(active=False)
    listed = boss.get(f"{ADMIN}/originationidentity/").content.decode()
    assert "Inactive" in listed
    assert "A send guard" not in listed
    assert "1 held" not in listed


def test_no_page_shows_what_python_makes_of_a_label(boss: Client, number: OriginationIdentity) -> None:
    message, text = standing(Status.SENT), received("hello")
    for page in (f"outboundmessage/{message.pk}", f"inboundmessage/{text.pk}", f"originationidentity/{number.pk}"):
        answer = boss.get(f"{ADMIN}/{page}/change/")
        assert answer.status_code == 200
        assert "(&#x27;" not in answer.content.decode()


def test_who_logs_in_without_having_asked_for_a_page_comes_to_the_first(client: Client, db: None) -> None:
    get_user_model().objects.create_user("alice", password="a long pass phrase", is_staff=True)
    answer = client.post("/admin/login/", {"username": "alice", "password": "a long pass phrase"}, follow=True)
    assert answer.redirect_chain == [("/admin/", 302)]
    assert answer.status_code == 200


def test_there_is_no_page_on_which_somebody_could_empty_queues(boss: Client) -> None:
    assert boss.get("/admin/django_rq/dashboard/").status_code == 404
