"""The review list: texts that may be pleas to stop, read and decided by a person."""

import re
from typing import Any

import pytest
from django.test import Client

from config import sidebar
from messaging.models import Contact, InboundMessage, OutboundMessage
from optout import pleas, selectors
from optout.models import ConsentEvent, Plea
from tests.incidents.test_admin import staff
from tests.messaging.api.rows import NOON, inbound
from tests.messaging.factories import ANN, BOB, OUR_NUMBER
from tests.optout.test_admin import plain, queries, read, say

LIST = "/admin/optout/plea/"
CONFIRMED = {"_form_submitted": "on"}

pytestmark = pytest.mark.django_db


def plea(body: str = "please stop texting me", phone_number: str = ANN, **fields: Any) -> Plea:
    """A text on the list, routed."""
    return pleas.note(inbound(body=body, origination_phone_number=phone_number, outcome="unmatched", **fields))


def choose(client: Client, action: str, *chosen: Plea) -> str:
    form = {"action": action, "_selected_action": [one.pk for one in chosen]}
    return plain(client.post(LIST, form, follow=True).content.decode())


def stands(phone_number: str = ANN) -> str:
    found = selectors.standing_with(phone_number, OUR_NUMBER)
    return found.state if found else ""


@pytest.fixture
def olga(db: None) -> Client:
    return staff("view_plea", "add_consentevent")


@pytest.mark.parametrize(
    ("codenames", "sees", "acts"),
    [
        ((), 403, 403),
        (("view_plea",), 200, 403),
        (("view_plea", "change_plea", "add_plea", "delete_plea"), 200, 403),
        (("view_plea", "add_consentevent"), 200, 200),
    ],
)
def test_who_may_do_what(codenames: tuple[str, ...], sees: int, acts: int) -> None:
    one, other = plea(), plea("stop it", BOB)
    client = staff(*codenames)
    for address in (LIST, f"{LIST}{one.pk}/change/"):
        assert client.get(address).status_code == sees
    for action in ("opt_out", "dismiss"):
        assert client.get(f"{LIST}{one.pk}/{action}/").status_code == acts
    shown = client.get(f"{LIST}{one.pk}/change/").content.decode()
    assert (f"{LIST}{one.pk}/opt_out/" in shown) == (acts == 200)
    client.post(f"{LIST}{one.pk}/opt_out/", CONFIRMED | {"reason": "Asked"})
    choose(client, "opt_out_chosen", other)
    assert (stands(), stands(BOB)) == (("opted_out", "opted_out") if acts == 200 else ("", ""))


def test_nobody_adds_edits_or_deletes(admin_client: Client) -> None:
    one = plea()
    assert admin_client.get(f"{LIST}add/").status_code == 403
    assert admin_client.post(f"{LIST}{one.pk}/change/", {"decision": "no_plea"}).status_code == 403
    assert admin_client.post(f"{LIST}{one.pk}/delete/", {"post": "yes"}).status_code == 403


def test_the_list_shows_what_waits_unless_something_else_is_chosen(olga: Client) -> None:
    Contact.objects.create(phone_number=ANN, name="Ann")
    plea("wait for me")
    pleas.dismiss(plea("nice bus stop", BOB), by="otto")
    pleas.opt_out(plea("leave me alone", "+14255550184"), by="otto", reason="x")
    bodies = ("wait for me", "nice bus stop", "leave me alone")

    def shown(**query: str) -> list[str]:
        text = read(olga, LIST, **query)
        return [body for body in bodies if body in text]

    assert shown() == shown(decision="waiting") == ["wait for me"]
    assert shown(decision="no_plea") == ["nice bus stop"]
    assert shown(decision="opted_out") == ["leave me alone"]
    assert shown(decision="all") == list(bodies)
    assert f"{ANN} Ann wait for me Waiting -" in read(olga, LIST)
    assert "leave me alone Opted out otto" in read(olga, LIST, decision="all")
    assert shown(decision="all", q="+1 (425) 555-0183") == ["nice bus stop"]


def test_each_choice_of_the_filter_is_there_once(olga: Client) -> None:
    plea()
    changelist = olga.get(LIST).context["cl"]
    choices = list(changelist.filter_specs[0].choices(changelist))
    assert [choice["display"] for choice in choices] == ["Waiting", "Opted out", "Not a plea", "All"]
    assert [choice["selected"] for choice in choices] == [True, False, False, False]


def test_a_list_costs_the_same_for_any_number_of_rows_and_counts_nothing(olga: Client) -> None:
    def more(first: int, last: int) -> None:
        for n in range(first, last):
            Contact.objects.create(phone_number=f"+1425555{n:04}", name=f"Person {n}")
            plea(phone_number=f"+1425555{n:04}")

    more(1000, 1002)
    few = queries(olga, LIST)
    more(1002, 1012)
    many = queries(olga, LIST)
    assert len(many) == len(few) <= 10
    assert not [sql for sql in many if "COUNT(" in sql and "optout" in sql]


def test_the_page_shows_the_whole_text_and_how_they_stand(olga: Client) -> None:
    one = plea("please " * 60 + "stop")
    text = read(olga, f"{LIST}{one.pk}/change/")
    assert "please " * 60 + "stop" in text
    assert "They never said anything of it: they may be texted." in text
    assert "Waits for a person to decide." in text
    say("opt_in")
    assert "Opted in since 21 Jan 2026, 12:00:00 (text)." in read(olga, f"{LIST}{one.pk}/change/")


def test_a_plea_is_taken_for_an_opt_out_as_of_when_it_came(olga: Client) -> None:
    one = plea()
    address = f"{LIST}{one.pk}/opt_out/"
    assert 'value="Asked by text: please stop texting me"' in olga.get(address).content.decode()
    assert stands() == ""
    answer = olga.post(address, CONFIRMED | {"reason": "Asked by text: please stop texting me"}, follow=True)
    assert answer.redirect_chain == [(LIST, 302)]
    text = plain(answer.content.decode())
    assert f"{ANN} is opted out of texts from {OUR_NUMBER}. Nobody was texted." in text
    event = ConsentEvent.objects.get()
    assert (event.source, event.actor, event.occurred_at) == ("staff", "olga", NOON)
    assert event.reason == "Asked by text: please stop texting me"
    assert InboundMessage.objects.get().handled_by == "olga"
    assert not OutboundMessage.objects.exists()
    text = read(olga, f"{LIST}{one.pk}/change/")
    assert re.search(r"Opted out: decided on .{8,30} by olga\.", text)


def test_the_reason_offered_always_fits(olga: Client) -> None:
    one = plea("stop\nit " * 200)
    html = olga.get(f"{LIST}{one.pk}/opt_out/").content.decode()
    [reason] = re.findall(r'value="(Asked by text: [^"]*)"', html)
    assert len(reason) == 300
    assert "\n" not in reason
    olga.post(f"{LIST}{one.pk}/opt_out/", CONFIRMED | {"reason": reason})
    assert ConsentEvent.objects.get().reason == reason


def test_no_reason_no_opt_out(olga: Client) -> None:
    one = plea()
    assert olga.post(f"{LIST}{one.pk}/opt_out/", CONFIRMED | {"reason": " "}).status_code == 200
    assert stands() == ""


def test_what_is_no_plea_leaves_the_list_after_a_question(olga: Client) -> None:
    one = plea("nice bus stop")
    address = f"{LIST}{one.pk}/dismiss/"
    assert "their consent stays as it is" in read(olga, address)
    assert selectors.waiting_pleas().exists()
    text = plain(olga.post(address, CONFIRMED, follow=True).content.decode())
    assert "Taken off the list; nothing was recorded." in text
    one.refresh_from_db()
    assert (one.decision, one.decided_by) == ("no_plea", "olga")
    assert not ConsentEvent.objects.exists()


def test_a_dialog_leads_back_to_the_list(olga: Client) -> None:
    answer = olga.post(f"{LIST}{plea().pk}/dismiss/", CONFIRMED, headers={"HX-Request": "true"})
    assert answer["HX-Redirect"] == LIST


def test_several_are_decided_at_once(olga: Client) -> None:
    first, second, third = plea("leave me"), plea("enough", BOB), plea("bus stop", "+14255550184")
    text = choose(olga, "opt_out_chosen", first, second)
    assert "Opted out: 2. Nobody was texted." in text
    assert (stands(), stands(BOB)) == ("opted_out", "opted_out")
    reasons = set(ConsentEvent.objects.values_list("reason", flat=True))
    assert reasons == {"Asked by text: leave me", "Asked by text: enough"}
    assert "Taken off the list: 1. Nothing was recorded." in choose(olga, "dismiss_chosen", third)
    assert not selectors.waiting_pleas().exists()


@pytest.mark.parametrize("action", ["opt_out", "dismiss"])
def test_who_was_first_has_decided(olga: Client, action: str) -> None:
    one = plea()
    pleas.dismiss(one, by="otto")
    form = CONFIRMED | {"reason": "Asked"}
    text = plain(olga.post(f"{LIST}{one.pk}/{action}/", form, follow=True).content.decode())
    assert f"{ANN}: otto has decided before: not a plea." in text
    assert stands() == ""
    text = choose(olga, f"{action}_chosen", one)
    assert "otto has decided before" in text
    assert "Opted out:" not in text
    assert "Taken off the list" not in text


def test_nothing_is_offered_for_what_is_decided(olga: Client) -> None:
    one = plea()
    pleas.dismiss(one, by="otto")
    html = olga.get(f"{LIST}{one.pk}/change/").content.decode()
    assert f"{LIST}{one.pk}/opt_out/" not in html
    assert f"{LIST}{one.pk}/dismiss/" not in html


@pytest.mark.parametrize("in_bulk", [False, True])
def test_a_later_join_decides_and_staff_are_told(olga: Client, in_bulk: bool) -> None:
    one = plea(received_at=NOON)
    say("opt_in", occurred_at=NOON.replace(hour=13))
    if in_bulk:
        text = choose(olga, "opt_out_chosen", one)
    else:
        form = CONFIRMED | {"reason": "Asked"}
        text = plain(olga.post(f"{LIST}{one.pk}/opt_out/", form, follow=True).content.decode())
    assert (
        f"Recorded, but {ANN} stays opted in to texts from {OUR_NUMBER}: that was said later (1 Jul 2026, 13:00:00)"
        in text
    )
    assert "Opted out: 1" not in text
    assert stands() == "opted_in"


@pytest.mark.parametrize("pk", ["0", "x", "9" * 30])
@pytest.mark.parametrize("action", ["opt_out", "dismiss"])
def test_there_is_no_action_on_nothing(olga: Client, pk: str, action: str) -> None:
    assert olga.post(f"{LIST}{pk}/{action}/", CONFIRMED | {"reason": "x"}).status_code == 404


def test_nothing_that_people_write_becomes_html(olga: Client) -> None:
    attack = '"><script>alert(1)</script>'
    Contact.objects.create(phone_number=ANN, name=attack)
    one = plea(f"stop {attack}")
    for address in (LIST, f"{LIST}{one.pk}/change/", f"{LIST}{one.pk}/opt_out/"):
        html = olga.get(address).content.decode()
        assert "&lt;script&gt;alert(1)" in html
        assert "<script>alert" not in html


def test_the_sidebar_counts_what_waits_and_no_further_than_99(olga: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    assert sidebar._pleas() == ""
    plea()
    plea("stop", BOB)
    pleas.dismiss(plea("bus stop"), by="otto")
    assert sidebar._pleas() == "2"
    monkeypatch.setattr(sidebar, "_MOST_COUNTED", 1)
    assert sidebar._pleas() == "1+"
    text = read(olga, LIST)
    assert "Review list" in text
    # Consent is not for those who may see the review list only.
    assert f'href="{LIST}"' in olga.get(LIST).content.decode()
    assert 'href="/admin/optout/consent/"' not in olga.get(LIST).content.decode()
