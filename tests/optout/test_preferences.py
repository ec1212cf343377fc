"""The preferences page: what it says, what its buttons do, and what it keeps to itself."""

import html
import logging
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import signing
from django.core.cache import caches
from django.db import connection
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.utils import translation
from playwright.sync_api import Page, expect, sync_playwright
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks

from config.settings import BASE_DIR
from messaging.models import Contact, OutboundMessage
from optout import ledger, links, page_wording, preferences, selectors, throttles
from optout.ledger import Entry
from optout.models import EVERY_NUMBER, ConsentEvent
from tests.messaging.factories import ANN, BOB, OUR_NUMBER
from tests.moving import MovableTime

OTHER_NUMBER = "+14255550109"
NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
}
CHROMIUM = shutil.which("chromium")
# In CI a missing browser is a failure, not a reason to look away.
MAY_SKIP = CHROMIUM is None and not os.environ.get("CI")

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _redis_is_there() -> None:
    """Whether Redis was away is remembered by the process."""
    throttles._Throttle._away = False


@pytest.fixture
def phone() -> Client:
    """A browser as strict as Django can make it, from nowhere in particular."""
    return Client(enforce_csrf_checks=True)


def _path(phone_number: str = ANN, identity: str = OUR_NUMBER) -> str:
    return links.make(phone_number, identity).path


def _said(action: str = "opt_out", minutes: int = 0, **fields: Any) -> None:
    values: dict[str, Any] = {"phone_number": ANN, "origination_identity": OUR_NUMBER, "source": "sms"}
    ledger.record(Entry(action=action, **values | {"occurred_at": NOON + timedelta(minutes=minutes)} | fields))


def _state(phone_number: str = ANN, identity: str = OUR_NUMBER) -> str:
    stands = selectors.standing_with(phone_number, identity)
    return stands.state if stands else "none"


def _buttons(page: Any) -> list[str]:
    return re.findall(r'<button name="action" value="(\w+)"', page.content.decode())


def _heading(page: Any) -> str:
    return "".join(re.findall("<h1>(.*)</h1>", page.content.decode()))


class TestWhatItSays:
    @pytest.mark.parametrize(
        ("said", "heading", "buttons", "words"),
        [
            ([], "You may get these texts", ["opt_out", "opt_out_all"], "You have not told us"),
            ([("opt_in", {})], "You get these texts", ["opt_out", "opt_out_all"], "1 July 2026"),
            ([("opt_out", {})], "You do not get these texts", ["opt_in", "opt_out_all"], "1 July 2026"),
            (
                [("opt_out", {"every_number": True})],
                "You do not get these texts",
                ["opt_in"],
                "Texts from all our numbers were stopped on 1 July 2026",
            ),
            (
                [("opt_out", {"every_number": True}), ("opt_in", {"minutes": 1})],
                "You get these texts",
                ["opt_out", "opt_out_all"],
                "1 July 2026",
            ),
            (
                [("opt_out", {"origination_identity": OTHER_NUMBER})],
                "You may get these texts",
                ["opt_out", "opt_out_all"],
                "You have not told us",
            ),
        ],
    )
    def test_how_somebody_stands_and_what_they_can_do(
        self, phone: Client, said: list[tuple[str, dict[str, Any]]], heading: str, buttons: list[str], words: str
    ) -> None:
        for action, fields in said:
            _said(action, **fields)
        page = phone.get(_path())
        assert (page.status_code, _heading(page), _buttons(page)) == (200, heading, buttons)
        assert words in page.content.decode()

    def test_whose_texts_they_are_and_which_phone_is_meant(self, phone: Client, settings: Any) -> None:
        settings.MESSAGING = settings.MESSAGING | {"ORGANISATION": "Tom & Sons"}
        page = phone.get(_path()).content.decode()
        assert "Tom &amp; Sons" in page
        assert "Tom & Sons" not in page
        assert "+1 425-555-0100" in page
        assert "your phone ending in 82" in page

    def test_the_phone_number_itself_is_not_on_the_page(self, phone: Client) -> None:
        page = phone.get(_path()).content.decode()
        assert "5550182" not in re.sub(r"\D", "", page)

    @pytest.mark.parametrize(
        ("identity", "shown"),
        [
            ("+14255550100", "+1 425-555-0100"),
            ("+442079460000", "+44 20 7946 0000"),
            ("72345", "72345"),
            ("ACME", "ACME"),
        ],
    )
    def test_our_number_is_written_as_people_write_it(self, identity: str, shown: str) -> None:
        assert preferences.readable(identity) == shown

    def test_who_is_unknown_to_us_sees_the_same_as_who_is_known(self, phone: Client) -> None:
        Contact.objects.create(phone_number=ANN, name="Ann")
        known, unknown = phone.get(_path(ANN)), phone.get(_path("+442079460182"))
        assert known.content == unknown.content

    def test_no_script_and_nothing_from_elsewhere(self, phone: Client) -> None:
        page = phone.get(_path()).content.decode()
        assert "<script" not in page
        assert "style=" not in page
        assert re.findall(r'(?:src|href|action)="([^"]*)"', page) == ["/static/optout/preferences.css"]
        assert 'lang="en"' in page
        assert 'name="viewport"' in page

    def test_three_queries(self, phone: Client, django_assert_num_queries: DjangoAssertNumQueries) -> None:
        path = _path()
        with django_assert_num_queries(3):
            phone.get(path)


class TestWhoseLanguageItIs:
    @pytest.mark.parametrize(
        ("contact", "browser", "language", "heading"),
        [
            ("es", "", "es", "No recibe estos mensajes"),
            ("fr", "de", "fr", "Vous ne recevez pas ces messages"),
            ("de-AT", "", "de", "Sie erhalten diese Nachrichten nicht"),
            # Of whom we know no language their browser says it.
            ("", "fr-CA,fr;q=0.8,en;q=0.5", "fr", "Vous ne recevez pas ces messages"),
            ("", "pt, de;q=0.7", "de", "Sie erhalten diese Nachrichten nicht"),
            ("", "en, de;q=0.7", "en", "You do not get these texts"),
            (None, "es", "es", "No recibe estos mensajes"),
            # And else it is that of the house.
            ("", "pt", "en", "You do not get these texts"),
            (None, "*", "en", "You do not get these texts"),
            ("", "\x00;;q=x," * 20, "en", "You do not get these texts"),
            ("pt", "de", "en", "You do not get these texts"),
        ],
    )
    def test_the_page(self, phone: Client, contact: str | None, browser: str, language: str, heading: str) -> None:
        if contact is not None:
            Contact.objects.create(phone_number=ANN, language=contact)
        _said("opt_out")
        page = phone.get(_path(), headers={"accept-language": browser})
        assert _heading(page) == heading
        assert f'<html lang="{language}">' in page.content.decode()
        assert _buttons(page) == ["opt_in", "opt_out_all"]

    @pytest.mark.parametrize(
        ("language", "day"),
        [("en", "1 July 2026"), ("es", "1 de julio de 2026"), ("fr", "1 juillet 2026"), ("de", "1. Juli 2026")],
    )
    def test_days_are_written_as_people_write_them(self, phone: Client, language: str, day: str) -> None:
        _said("opt_out", every_number=True)
        page = html.unescape(phone.get(_path(), headers={"accept-language": language}).content.decode())
        assert page.count(day) == 2

    @pytest.mark.parametrize("language", ["en", "es", "fr", "de"])
    @pytest.mark.parametrize(("token", "status"), [("nonsense", 404), (None, 410), ("unknown", 400)])
    def test_what_is_refused_is_said_in_that_of_the_browser(
        self, phone: Client, language: str, token: str | None, status: int
    ) -> None:
        headers = {"accept-language": language}
        if token == "unknown":
            answer = phone.post(_path(), {"action": "nonsense"}, headers=headers)
        else:
            answer = phone.get(f"/preferences/{token or _expired()}/", headers=headers)
        page = html.unescape(answer.content.decode())
        assert answer.status_code == status
        assert f'<html lang="{language}">' in page
        _title, heading, sentence, _back = page_wording.REFUSALS[
            {404: "not_genuine", 410: "expired", 400: "unknown"}[status]
        ]
        assert heading.shipped(language) in page
        assert sentence.shipped(language) in page
        before, _, after = page_wording.STOP.shipped(language).partition("STOP")
        assert f"{before}<strong>STOP</strong>{after}" in page

    def test_no_word_of_it_stays_english(self, phone: Client) -> None:
        _said("opt_out", every_number=True)
        _said("opt_in", minutes=1)
        english = [phrase.words for phrase in page_wording.PHRASES if len(phrase.words) > 5]
        for path in (_path(), _path(BOB), "/preferences/nonsense/"):
            page = html.unescape(phone.get(path, headers={"accept-language": "de"}).content.decode())
            assert [words for words in english if words in page] == []

    def test_the_next_page_is_not_in_the_language_of_this_one(self, phone: Client) -> None:
        phone.get(_path(), headers={"accept-language": "de"})
        assert translation.get_language() == "en"


class TestWhatItDoes:
    @pytest.mark.parametrize("method", ["get", "head"])
    @pytest.mark.parametrize("query", ["", "?action=opt_out", "?action=opt_in"])
    def test_looking_changes_nothing(self, phone: Client, method: str, query: str) -> None:
        assert getattr(phone, method)(_path() + query).status_code == 200
        assert not ConsentEvent.objects.exists()

    def test_head_has_no_body(self, phone: Client) -> None:
        page = phone.head(_path())
        assert (page.content, page["Cache-Control"]) == (b"", "no-store")

    @pytest.mark.parametrize("method", ["put", "patch", "delete", "options"])
    def test_there_is_nothing_else(self, phone: Client, method: str) -> None:
        page = getattr(phone, method)(_path())
        assert (page.status_code, page["Cache-Control"]) == (405, "no-store")

    @pytest.mark.parametrize(
        ("action", "here", "elsewhere"),
        [("opt_out", "opted_out", "none"), ("opt_out_all", "opted_out", "opted_out"), ("opt_in", "opted_in", "none")],
    )
    def test_a_button_is_recorded_and_the_page_shows_what_is_so_then(
        self,
        phone: Client,
        time: MovableTime,
        django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
        action: str,
        here: str,
        elsewhere: str,
    ) -> None:
        path = _path()
        with django_capture_on_commit_callbacks(execute=True):
            answer = phone.post(path, {"action": action})
        assert (answer.status_code, answer["Location"]) == (303, path)
        event = ConsentEvent.objects.get()
        assert (event.phone_number, event.origination_identity, event.source) == (ANN, OUR_NUMBER, "web")
        assert (event.actor, event.word, event.reason) == ("", "", "")
        assert timedelta(0) <= time.now - event.occurred_at < timedelta(minutes=1)
        assert (_state(), _state(identity=OTHER_NUMBER), _state(BOB)) == (here, elsewhere, "none")
        assert ("opt_in" in _buttons(phone.get(path))) is (here == "opted_out")
        assert not OutboundMessage.objects.exists()

    def test_twice_is_recorded_twice_and_the_state_stays(self, phone: Client, time: MovableTime) -> None:
        path = _path()
        phone.post(path, {"action": "opt_out"})
        first = selectors.standing_with(ANN, OUR_NUMBER)
        time.forward(60)
        assert phone.post(path, {"action": "opt_out"}).status_code == 303
        second = selectors.standing_with(ANN, OUR_NUMBER)
        assert first is not None
        assert second is not None
        assert ConsentEvent.objects.count() == 2
        assert (second.state, second.since) == ("opted_out", first.since)

    def test_out_of_everything_and_back_in_for_this_number_alone(self, phone: Client, time: MovableTime) -> None:
        path = _path()
        phone.post(path, {"action": "opt_out_all"})
        time.forward(1)
        phone.post(path, {"action": "opt_in"})
        assert (_state(), _state(identity=OTHER_NUMBER), _state(identity=EVERY_NUMBER)) == (
            "opted_in",
            "opted_out",
            "opted_out",
        )

    @pytest.mark.parametrize(
        "body", [{}, {"action": ""}, {"action": "OPT_OUT"}, {"action": "delete"}, {"act": "opt_out"}]
    )
    def test_what_no_button_says_is_refused_and_records_nothing(self, phone: Client, body: dict[str, str]) -> None:
        page = phone.post(_path(), body)
        assert (page.status_code, _heading(page)) == (400, "Nothing was changed")
        assert 'href=""' in page.content.decode()
        assert not ConsentEvent.objects.exists()

    def test_no_cookie_is_set_and_none_is_looked_at(self, phone: Client) -> None:
        path = _path()
        for page in (phone.get(path), phone.post(path, {"action": "opt_out"}), phone.get("/preferences/wrong/")):
            assert not page.cookies
            assert "Cookie" not in page.get("Vary", "")

    def test_somebody_who_is_logged_in_is_nobody_else_here(self, admin_client: Client) -> None:
        assert admin_client.get(_path()).content == Client().get(_path()).content


def _expired() -> str:
    past = int(NOON.timestamp()) - 10 * 365 * 24 * 3600
    return signing.Signer(salt="optout.links", sep=".").sign_object([ANN, OUR_NUMBER, past])


def _swapped() -> str:
    of_ann, of_bob = (links.make(phone_number, OUR_NUMBER).token for phone_number in (ANN, BOB))
    return f"{of_ann.split('.')[0]}.{of_bob.split('.')[1]}"


class TestLinksThatDoNotWork:
    @pytest.mark.parametrize(
        ("token", "status"),
        [(_expired, 410), (_swapped, 404), (lambda: "nonsense", 404), (lambda: "a.b", 404), (lambda: "%00", 404)],
    )
    @pytest.mark.parametrize("method", ["get", "head", "post"])
    def test_nothing_is_said_of_anybody_and_how_to_opt_out_is(
        self, phone: Client, token: Any, status: int, method: str
    ) -> None:
        _said("opt_out")
        page = getattr(phone, method)(f"/preferences/{token()}/", {"action": "opt_in"})
        text = page.content.decode()
        assert page.status_code == status
        if method != "head":
            assert "<strong>STOP</strong> to the number that texted you" in text
        assert not re.search(r"\d", re.sub("<head>.*</head>|h1", "", text, flags=re.DOTALL))
        assert "<button" not in text
        assert _state() == "opted_out"
        assert ConsentEvent.objects.count() == 1

    def test_all_that_are_not_genuine_look_the_same(self, phone: Client) -> None:
        _said("opt_out")
        pages = {phone.get(f"/preferences/{token}/").content for token in (_swapped(), "nonsense", "a.b")}
        assert len(pages) == 1


@pytest.mark.parametrize(
    ("method", "token", "body"),
    [
        ("get", "", {}),
        ("post", "", {"action": "opt_out"}),
        ("post", "", {"action": "unknown"}),
        ("get", "nonsense", {}),
        ("get", _expired(), {}),
    ],
)
def test_every_answer_keeps_the_address_and_the_page_private(
    phone: Client, method: str, token: str, body: dict[str, str]
) -> None:
    page = getattr(phone, method)(f"/preferences/{token}/" if token else _path(), body)
    assert {name: page[name] for name in HEADERS} == HEADERS


class TestLimits:
    def test_sixty_requests_a_minute_from_one_address(self, phone: Client, time: MovableTime) -> None:
        path = _path()
        for _ in range(60):
            assert phone.get(path).status_code == 200
        refused = phone.get(path)
        assert (refused.status_code, _heading(refused)) == (429, "Too many requests")
        assert 50 <= int(refused["Retry-After"]) <= 60
        assert {name: refused[name] for name in HEADERS} == HEADERS
        assert "STOP" in refused.content.decode()
        assert phone.get(path, REMOTE_ADDR="192.0.2.7").status_code == 200
        time.forward(int(refused["Retry-After"]))
        assert phone.get(path).status_code == 200

    def test_whoever_guesses_links_is_slowed_down_as_well(self, phone: Client) -> None:
        assert [phone.get(f"/preferences/{n}/").status_code for n in range(61)] == [404] * 60 + [429]

    def test_ten_opt_ins_an_hour_for_one_phone_from_wherever(self, phone: Client, time: MovableTime) -> None:
        for n in range(10):
            identity = OUR_NUMBER if n % 2 else OTHER_NUMBER
            answer = phone.post(_path(ANN, identity), {"action": "opt_in"}, REMOTE_ADDR=f"192.0.2.{n}")
            assert answer.status_code == 303
        refused = phone.post(_path(), {"action": "opt_in"}, REMOTE_ADDR="192.0.2.99")
        assert refused.status_code == 429
        assert 3500 <= int(refused["Retry-After"]) <= 3600
        assert ConsentEvent.objects.count() == 10
        assert phone.get(_path()).status_code == 200
        assert phone.post(_path(BOB), {"action": "opt_in"}).status_code == 303
        time.forward(int(refused["Retry-After"]))
        assert phone.post(_path(), {"action": "opt_in"}).status_code == 303

    def test_nobody_is_kept_from_opting_out(self, phone: Client) -> None:
        for _ in range(11):
            phone.post(_path(), {"action": "opt_in"})
        for action in ("opt_out", "opt_out_all"):
            assert phone.post(_path(), {"action": action}).status_code == 303
        assert _state() == "opted_out"

    def test_what_no_button_says_does_not_count_as_an_opt_in(self, phone: Client) -> None:
        for _ in range(11):
            phone.post(_path(), {"action": "unknown"})
        assert phone.post(_path(), {"action": "opt_in"}).status_code == 303

    @pytest.mark.parametrize(("proxies", "others_pass"), [(0, False), (1, True)])
    def test_what_a_stranger_says_of_its_address_counts_only_behind_a_proxy(
        self, phone: Client, settings: Any, proxies: int, others_pass: bool
    ) -> None:
        settings.REST_FRAMEWORK = settings.REST_FRAMEWORK | {"NUM_PROXIES": proxies}
        path = _path()
        for n in range(60):
            phone.get(path, headers={"x-forwarded-for": f"198.51.100.{n}, 192.0.2.1"})
        same = phone.get(path, headers={"x-forwarded-for": "198.51.100.99, 192.0.2.1"})
        other = phone.get(path, headers={"x-forwarded-for": "198.51.100.1, 192.0.2.2"})
        assert (same.status_code, other.status_code) == (429, 200 if others_pass else 429)

    @pytest.mark.parametrize(("behind_proxy", "proxies"), [("", "0"), ("0", "0"), ("1", "1")])
    def test_a_proxy_is_believed_when_there_is_one(self, behind_proxy: str, proxies: str) -> None:
        env = {"PATH": os.environ["PATH"], "SECRET_KEY": "a", "DATABASE_URL": "sqlite:///a.sqlite3"}
        env |= {"BEHIND_PROXY": behind_proxy} if behind_proxy else {}
        code = "from config import settings; print(settings.REST_FRAMEWORK['NUM_PROXIES'])"
        made = subprocess.run([sys.executable, "-c", code], cwd=BASE_DIR, env=env, capture_output=True, check=True)
        assert made.stdout.decode().strip() == proxies

    def test_redis_is_not_told_who_it_is(self, phone: Client) -> None:
        phone.post(_path(), {"action": "opt_in"})
        client = caches["default"]._cache.get_client()  # type: ignore[attr-defined]
        keys = [key.decode() for key in client.keys("*throttle*")]
        assert len(keys) == 2
        assert all(key.startswith("textback:") for key in keys)
        assert not any("127.0.0.1" in key or "5550182" in key for key in keys)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("method", ["get", "post"])
def test_while_consent_cannot_be_read_it_says_how_to_opt_out(
    phone: Client, method: str, caplog: pytest.LogCaptureFixture
) -> None:
    path = _path()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE optout_consent RENAME TO optout_consent_away")
        try:
            answer = getattr(phone, method)(path, {"action": "opt_out"})
        finally:
            cursor.execute("ALTER TABLE optout_consent_away RENAME TO optout_consent")

    assert answer.status_code == 503
    assert "STOP" in answer.content.decode()
    assert answer["Referrer-Policy"] == "no-referrer"
    assert not any(path in record.getMessage() for record in caplog.records), "the path is the credential"


def test_head_has_no_body() -> None:
    # Asked directly: the test client takes away what a server would send.
    answer = preferences.Preferences.as_view()(RequestFactory().head(_path()), token=links.make(ANN, OUR_NUMBER).token)

    assert isinstance(answer, HttpResponse)
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer["Cache-Control"] == "no-store"


class TestWithoutRedis:
    @pytest.fixture
    def _away(self, settings: Any) -> None:
        """A place where no Redis is."""
        settings.CACHES = {"default": settings.CACHES["default"] | {"LOCATION": ["unix:///nowhere/redis.sock"]}}

    @pytest.mark.usefixtures("_away")
    def test_people_can_opt_out(self, phone: Client, caplog: pytest.LogCaptureFixture) -> None:
        path = _path()
        assert phone.get(path).status_code == 200
        for _ in range(11):
            assert phone.post(path, {"action": "opt_out"}).status_code == 303
        assert _state() == "opted_out"
        told = [record for record in caplog.records if record.name == "optout.throttles"]
        assert [record.levelno for record in told] == [logging.WARNING]

    def test_it_is_told_again_when_redis_has_been_there_meanwhile(
        self, phone: Client, settings: Any, caplog: pytest.LogCaptureFixture
    ) -> None:
        there = settings.CACHES["default"]
        away = there | {"LOCATION": ["unix:///nowhere/redis.sock"]}
        for where in (away, there, away):
            settings.CACHES = {"default": where}
            assert phone.get(_path()).status_code == 200
        assert len([record for record in caplog.records if record.name == "optout.throttles"]) == 2


@contextmanager
def _small_phone(url: str) -> Iterator[Page]:
    """A narrow browser without JavaScript. Within it the test must not read rows: Playwright's loop is in the way."""
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        page = browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 640}).new_page()
        page.goto(url)
        yield page
        browser.close()


def _fits(page: Page) -> None:
    body = page.locator("html").bounding_box()
    assert body is not None
    assert body["width"] <= 360
    for button in page.get_by_role("button").all():
        box = button.bounding_box()
        assert box is not None
        assert box["height"] >= 44
        assert 0 <= box["x"] <= 360 - box["width"]


@pytest.mark.browser
@pytest.mark.skipif(MAY_SKIP, reason="needs Debian's chromium")
@pytest.mark.django_db(transaction=True)
def test_out_and_in_again_on_a_small_phone_without_javascript(live_server: Any) -> None:
    with _small_phone(f"{live_server.url}{_path()}") as page:
        _fits(page)
        page.get_by_role("button", name="Stop these texts").click()
        expect(page.get_by_role("heading")).to_have_text("You do not get these texts")
        page.reload()
        _fits(page)
        page.get_by_role("button", name="Get these texts again").click()
        expect(page.get_by_role("heading")).to_have_text("You get these texts")
        page.get_by_role("button", name="Stop texts from all our numbers").click()
        expect(page.get_by_role("main")).to_contain_text("Texts from all our numbers were stopped")
        _fits(page)
        assert page.context.cookies() == []
    assert list(ConsentEvent.objects.order_by("id").values_list("action", "every_number")) == [
        ("opt_out", False),
        ("opt_in", False),
        ("opt_out", True),
    ]
