"""The pages of what people are texted."""

import json
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from config import roles
from config.roles import COMPLIANCE, HR, INCIDENT_STAFF, READ_ONLY
from messaging import clock
from messaging.models import TextTemplate
from messaging.phrases import catalogue, languages, own

pytestmark = pytest.mark.django_db

LIST = "/admin/messaging/texttemplate/"
SIZE = f"{LIST}size/"


def page(key: str, language: str = "es") -> str:
    return f"{LIST}{key}:{language}/change/"


def write(client: Client, key: str, text: str, language: str = "es", **more: str) -> Any:
    return client.post(page(key, language), {"text": text, **more})


def in_group(name: str) -> Client:
    roles.make(Group, Permission)
    user = User.objects.create_user(name, is_staff=True)
    user.groups.add(Group.objects.get(name=name))
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize(("code", "name"), [("en", "English"), ("es", "Spanish"), ("fr", "French"), ("de", "German")])
def test_every_phrase_is_listed_in_each_language(boss: Client, code: str, name: str) -> None:
    html = boss.get(LIST, {"language": code}).content.decode()
    for said in catalogue.everything():
        assert f'href="{page(said.phrase.key, code)}"' in html
        assert said.phrase.when in html.replace("&#x27;", "'")
    assert f'aria-current="page">{name}</a>' in html


@pytest.mark.parametrize("code", ["", "pt", "../../etc"])
def test_an_unknown_language_is_english(boss: Client, code: str) -> None:
    assert 'aria-current="page">English</a>' in boss.get(LIST, {"language": code}).content.decode()


def test_each_page_shows_the_phrase_in_a_whole_text(boss: Client) -> None:
    for said in catalogue.everything():
        for language in languages.names():
            answer = boss.get(page(said.phrase.key, language))
            assert answer.status_code == 200
            assert answer.context["whole"]["text"] == catalogue.in_whole(said, language)


def test_other_words_are_written_said_and_told(boss: Client) -> None:
    answer = write(boss, "incidents.thanks", "Gracias, {id}: {what}")
    assert answer["Location"] == f"{LIST}?language=es#incidents.thanks"
    html = boss.get(answer["Location"]).content.decode()
    assert "Gracias, <span" in html
    assert html.count("Your own words") == 1
    row = TextTemplate.objects.get()
    assert (row.key, row.language, row.text) == ("incidents.thanks", "es", "Gracias, {id}: {what}")
    entry = LogEntry.objects.get()
    before = "Gracias. El incidente {id} queda a su cargo: {what}"
    assert entry.get_change_message() == f"“{before}” became “Gracias, {{id}}: {{what}}”."
    # The log of changes leads to the page by the number of the row.
    assert "Gracias, {id}: {what}" in boss.get(str(entry.get_admin_url())).content.decode()
    assert "became" in boss.get(f"{LIST}{row.pk}/history/").content.decode()


def test_back_to_the_shipped_words(boss: Client) -> None:
    write(boss, "incidents.thanks", "Gracias, {id}: {what}")
    write(boss, "incidents.thanks", "whatever stands there", shipped="1")
    assert TextTemplate.objects.get().text == ""
    assert "Your own words" not in boss.get(LIST, {"language": "es"}).content.decode()
    assert LogEntry.objects.first().get_change_message().endswith("As shipped.")  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("key", "text", "problem"),
    [
        ("incidents.thanks", "Gracias, {id}", "{what} is missing"),
        ("incidents.thanks", "{id} {what} {name}", "{name} means nothing here"),
        ("incidents.thanks", "", "Write what people shall read"),
        ("incidents.thanks", "{id} {what}" + "x" * 400, "at most 320"),
        ("incidents.thanks", "x" * 6000, "at most 5000"),
        ("optout.opted-out", "SE HA DADO DE BAJA", "The word JOIN must stay"),
        ("optout.opted-in", "SE HA SUSCRITO", "The word STOP must stay"),
    ],
)
def test_what_cannot_be_said_is_told_and_not_written(boss: Client, key: str, text: str, problem: str) -> None:
    answer = write(boss, key, text)
    assert answer.status_code == 200
    html = answer.content.decode()
    assert problem in html
    assert not text or text[:40] in html, "what was typed is still there"
    assert not TextTemplate.objects.exists()
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize("place", ["incidents.thanks", "incidents.thanks:pt", "nothing:es", "7", ":", "9" * 40])
def test_what_is_no_phrase_is_not_found(boss: Client, place: str) -> None:
    assert boss.get(f"{LIST}{place}/change/").status_code == 404
    assert boss.post(SIZE, {"place": place, "text": "x"}).status_code == 404


def test_a_text_is_counted_while_it_is_written(boss: Client) -> None:
    told = boss.post(SIZE, {"place": "incidents.how-to-answer:es", "text": "YES, sí. NO"}).json()
    assert told["text"].endswith("\nYES, sí. NO")
    assert (told["encoding"], told["parts"], told["limit"], told["strange"]) == ("UCS-2", 2, 630, "í")
    assert told["problems"] == []
    told = boss.post(SIZE, {"place": "incidents.how-to-answer:es", "text": "Sí o no"}).json()
    assert [problem[:13] for problem in told["problems"]] == ["The word YES ", "The word NO m"]


def test_markup_is_words(boss: Client) -> None:
    write(boss, "incidents.noted", "<script>alert({id})</script>")
    html = boss.get(LIST, {"language": "es"}).content.decode()
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(" in html


MAY_WRITE = {
    INCIDENT_STAFF: {"incidents"},
    HR: {"shifts"},
    COMPLIANCE: {"optout", "messaging"},
    READ_ONLY: set[str](),
}
TEXTS = {
    "incidents": ("incidents.noted", "{id}"),
    "shifts": ("shifts.held", "Turnos:"),
    "optout": ("optout.opted-out", "BAJA. JOIN"),
    "messaging": ("messaging.help", "STOP"),
}


@pytest.mark.parametrize("role", MAY_WRITE)
def test_who_works_with_texts_puts_them_otherwise(role: str) -> None:
    client = in_group(role)
    assert client.get(LIST).status_code == 200
    for app, (key, text) in TEXTS.items():
        shown = client.get(page(key))
        assert shown.status_code == 200
        may = app in MAY_WRITE[role]
        assert ("<textarea" in shown.content.decode()) is may
        assert write(client, key, text).status_code == (302 if may else 403)
    assert {key.partition(".")[0] for key in TextTemplate.objects.values_list("key", flat=True)} == MAY_WRITE[role]


def test_the_list_asks_the_same_however_much_is_written(boss: Client) -> None:
    def ask() -> int:
        own.forget()
        with CaptureQueriesContext(connection) as found:
            assert boss.get(LIST, {"language": "es"}).status_code == 200
        return len(found)

    ask()
    few = ask()
    TextTemplate.objects.bulk_create(
        TextTemplate(key=said.phrase.key, language=language, text="x", changed_by="x", changed_at=clock.now())
        for said in catalogue.everything()
        for language in languages.names()
    )
    assert ask() == few < 20


def test_the_page_asks_the_same_however_much_is_written(boss: Client) -> None:
    def ask() -> int:
        own.forget()
        with CaptureQueriesContext(connection) as found:
            assert boss.get(page("shifts.held")).status_code == 200
        return len(found)

    ask()
    few = ask()
    TextTemplate.objects.bulk_create(
        TextTemplate(
            key=said.phrase.key, language=language, text=said.phrase.words, changed_by="x", changed_at=clock.now()
        )
        for said in catalogue.everything()
        for language in languages.names()
    )
    assert ask() == few < 20


def test_answers_are_json(boss: Client) -> None:
    answer = boss.post(SIZE, {"place": "shifts.held:de", "text": "Ihre Dienste:"})
    assert json.loads(answer.content)["text"].startswith("Ihre Dienste:\nXYZ123: Night, ward 3 (Mo 6 Jul 22:00-06:00)")
