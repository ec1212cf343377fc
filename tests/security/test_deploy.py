"""Production settings: what docs/settings.md tells operators to set is what Django's own deployment checks want."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

BASE = Path(__file__).resolve().parent.parent.parent
KEY = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_"


def _production() -> dict[str, str]:
    """The environment of the chapter "In production", with a key in the place of its dots."""
    text = (BASE / "docs" / "settings.md").read_text().split("## In production")[1]
    block = re.search(r"```sh\n(.*?)```", text, re.DOTALL)
    assert block is not None
    lines = dict(line.split("=", 1) for line in block[1].strip().splitlines())
    return lines | {"SECRET_KEY": KEY}


def _python(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=BASE,
        env={"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "config.settings", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def _check(**environment: str) -> subprocess.CompletedProcess[str]:
    return _python("manage.py", "check", "--deploy", "--fail-level", "WARNING", **environment)


def test_check_deploy_has_nothing_to_say_in_production() -> None:
    done = _check(**_production())
    assert (done.returncode, done.stdout.strip()) == (
        0,
        "System check identified no issues (2 silenced).",
    ), done.stderr
    assert KEY not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"BEHIND_PROXY": "0"}, "security.W008"),
        ({"HSTS_SECONDS": "0"}, "security.W004"),
        ({"DEBUG": "1"}, "security.W018"),
        ({"SECRET_KEY": "short"}, "security.W009"),
        ({"SNS_TOPIC_ARNS": ""}, "messaging.W011"),
    ],
)
def test_what_is_missing_is_named(change: dict[str, str], named: str) -> None:
    done = _check(**_production() | change)
    assert done.returncode == 1
    assert named in done.stderr


_ASK = """
import django
django.setup()
from django.test import Client
from django.conf import settings
client = Client(raise_request_exception=False, SERVER_NAME="localhost")
def show(path, **headers):
    answer = client.get(path, **headers)
    print(path, answer.status_code, answer.get("Location", "-"), answer.get("Strict-Transport-Security", "-"))
https = {"HTTP_X_FORWARDED_PROTO": "https"}
show("/healthz")
show("/admin/login/")
show("/preferences/x/")
show("/webhooks/sns/")
show("/healthz", **https)
print(settings.SESSION_COOKIE_SECURE, settings.CSRF_COOKIE_SECURE, settings.SESSION_COOKIE_HTTPONLY,
      settings.SESSION_COOKIE_SAMESITE, settings.CSRF_COOKIE_SAMESITE, settings.REST_FRAMEWORK["NUM_PROXIES"])
"""


def test_behind_a_proxy_everything_but_probes_goes_by_https() -> None:
    done = _python("-c", _ASK, **_production() | {"DATABASE_URL": "sqlite:///:memory:"})
    assert done.stdout.splitlines() == [
        "/healthz 200 - -",
        "/admin/login/ 301 https://localhost/admin/login/ -",
        "/preferences/x/ 301 https://localhost/preferences/x/ -",
        "/webhooks/sns/ 301 https://localhost/webhooks/sns/ -",
        "/healthz 200 - max-age=31536000",
        "True True True Lax Lax 1",
    ], done.stderr


def test_on_one_machine_nothing_is_redirected_and_a_header_changes_nothing() -> None:
    done = _python("-c", _ASK, SECRET_KEY=KEY, DATABASE_URL="sqlite:///:memory:")
    lines = done.stdout.splitlines()
    assert lines[0] == "/healthz 200 - -", done.stderr
    assert lines[-2] == "/healthz 200 - -"
    assert lines[-1] == "False False True Lax Lax 0"
    assert not [line for line in lines if " 301 " in line]


def test_the_key_is_not_logged_even_when_settings_are_printed_by_an_error() -> None:
    code = (
        "import django, logging; django.setup()\n"
        "from django.test import Client\n"
        "from django.urls import path\n"
        "import config.urls\n"
        "def broken(request): raise RuntimeError('broken')\n"
        "config.urls.urlpatterns.insert(0, path('broken', broken))\n"
        "browser = Client(raise_request_exception=False, SERVER_NAME='localhost')\n"
        "answer = browser.get('/broken', HTTP_COOKIE='sessionid=0123456789')\n"
        "print(answer.status_code, answer.content.decode())\n"
    )
    production = _production() | {"DATABASE_URL": "sqlite:///:memory:", "BEHIND_PROXY": "0", "LOG_LEVEL": "DEBUG"}
    done = _python("-c", code, **production)
    assert done.stdout.startswith("500")
    assert "RuntimeError: broken" in done.stderr
    assert KEY not in done.stdout + done.stderr
    assert "0123456789\n" not in done.stdout + done.stderr
