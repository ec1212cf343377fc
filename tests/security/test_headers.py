"""What browsers are told, without a browser: the policy of each kind of page, and that no page needs more."""

import base64
import hashlib
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from optout import links
from tests.messaging.factories import ANN, OUR_NUMBER
from tests.security.world import world

pytestmark = pytest.mark.django_db


def policy(answer: Any) -> dict[str, list[str]]:
    """Directive → its values."""
    parts = [part.split() for part in answer["Content-Security-Policy"].split(";")]
    return {name: values for name, *values in parts}


@pytest.mark.parametrize("path", ["/admin/", "/admin/login/", "/api/docs/", "/api/v1/", "/healthz", "/nothing", "/"])
def test_no_page_lets_inline_scripts_plug_ins_or_frames_in(client: Client, path: str) -> None:
    told = policy(client.get(path))
    assert "'unsafe-inline'" not in told["script-src"]
    assert told["script-src"][0] == "'self'"
    assert told["object-src"] == told["base-uri"] == told["frame-ancestors"] == told["default-src"] == ["'none'"]
    assert told["form-action"] == told["connect-src"] == ["'self'"]
    # Only Unfold's own templates are evaluated.
    assert ("'unsafe-eval'" in told["script-src"]) is path.startswith("/admin/")


def test_the_preferences_page_keeps_its_stricter_policy(client: Client) -> None:
    answer = client.get(links.make(ANN, OUR_NUMBER).path)
    assert policy(answer)["default-src"] == ["'none'"]
    assert "script-src" not in policy(answer)
    assert answer["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize("path", ["/admin/login/", "/api/v1/", "/healthz", "/nothing"])
def test_the_other_headers(client: Client, path: str) -> None:
    answer = client.get(path)
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "geolocation=()" in answer["Permissions-Policy"]


def test_a_session_cookie_is_for_no_script_and_no_other_site(client: Client) -> None:
    User.objects.create_user("alice", password="a long pass phrase", is_staff=True)
    client.post("/admin/login/", {"username": "alice", "password": "a long pass phrase"})
    cookie = client.cookies["sessionid"]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")


class _Inline(HTMLParser):
    """Finds what a strict policy forbids: inline scripts, handlers, script addresses; and inline styles."""

    def __init__(self) -> None:
        super().__init__()
        self.forbidden: list[str] = []
        self.styles: list[str] = []
        self._within = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self._within = tag if tag in {"style", "script"} else ""
        if tag == "script" and not values.get("src"):
            # A block of data does nothing.
            self._within = "" if "json" in (values.get("type") or "") else tag
        elif tag == "script":
            self._within = ""
        self.forbidden += [f"<{tag} {name}>" for name in values if re.fullmatch(r"on\w+", name)]
        self.forbidden += [f"<{tag}> {value}" for value in values.values() if (value or "").startswith("javascript:")]

    def handle_endtag(self, tag: str) -> None:
        self._within = ""

    def handle_data(self, data: str) -> None:
        if self._within == "style":
            self.styles.append(data)
        elif self._within == "script" and data.strip():
            self.forbidden.append(f"<script>{data[:40]}")


def test_no_page_has_inline_scripts_and_each_inline_style_is_named(client: Client) -> None:
    rows = world()
    client.force_login(User.objects.create_superuser("boss"))
    pages = ["/admin/", "/admin/password_change/", "/api/docs/", "/admin/shifts/campaign/write/"]
    for label, row in rows.rows.items():
        page = f"/admin/{label.lower().replace('.', '/')}/"
        pages += [page, f"{page}add/", f"{page}{row.pk}/change/", f"{page}{row.pk}/history/", f"{page}{row.pk}/delete/"]
    seen = 0
    for page in pages:
        answer = client.get(page)
        if answer.status_code != 200:
            continue
        seen += 1
        found = _Inline()
        found.feed(answer.content.decode())
        assert found.forbidden == [], page
        for style in found.styles:
            named = f"'sha256-{base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()}'"
            # When an update of Unfold or drf-spectacular changed it: put this into config/security/headers.py.
            assert named in policy(answer)["style-src"], f"{page}: {named}: {style[:80]}"
    assert seen > 80
