"""`manage.py create_token USERNAME` prints one token, and nothing else on stdout."""

import re
from datetime import datetime, timedelta
from io import StringIO

import pytest
from django.contrib.auth.models import Permission, User
from django.core.management import CommandError, call_command
from django.utils import timezone
from knox.models import AuthToken
from rest_framework.test import APIClient

pytestmark = pytest.mark.django_db


def _create(username: str, *more: str) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    call_command("create_token", username, *more, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def _status(token: str) -> int:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Token {token.strip()}")
    status: int = client.get("/api/v1/messages/").status_code
    return status


def test_a_token_for_a_user_that_exists_is_all_that_is_printed() -> None:
    User.objects.create_superuser("alice")
    out, err = _create("alice")
    assert re.fullmatch(r"[0-9a-f]{64}\n", out)
    assert err == ""
    assert _status(out) == 200


def test_only_a_hash_is_kept_and_it_does_not_expire() -> None:
    User.objects.create_superuser("alice")
    token = _create("alice")[0].strip()
    row = AuthToken.objects.get()
    assert token not in (row.digest, row.token_key)
    assert row.digest != token
    assert row.expiry is None


def test_each_call_makes_another_token_and_leaves_the_first_alone() -> None:
    User.objects.create_superuser("alice")
    first, second = _create("alice")[0], _create("alice")[0]
    assert first != second
    assert [_status(token) for token in (first, second)] == [200, 200]


def test_a_user_that_does_not_exist_is_made_and_that_is_said_on_stderr() -> None:
    out, err = _create("machine")
    assert _status(out) == 200
    assert "no user machine" in err
    user = User.objects.get()
    assert (user.is_active, user.is_staff, user.is_superuser) == (True, True, True)
    assert not user.has_usable_password()


def test_a_user_without_permissions_gets_a_token_that_opens_nothing_and_a_warning() -> None:
    User.objects.create_user("clerk")
    out, err = _create("clerk")
    assert _status(out) == 403
    assert "no permissions" in err


def test_a_token_has_the_permissions_of_its_user_and_no_more() -> None:
    user = User.objects.create_user("clerk")
    user.user_permissions.add(Permission.objects.get(codename="view_outboundmessage"))
    out, err = _create("clerk")
    assert (_status(out), err) == (200, "")


def test_an_inactive_user_gets_none() -> None:
    User.objects.create_user("gone", is_active=False)
    with pytest.raises(CommandError, match="not active"):
        _create("gone")
    assert not AuthToken.objects.exists()


@pytest.mark.parametrize("username", ["two words", "", "x" * 151])
def test_a_name_that_no_user_can_have_is_refused(username: str) -> None:
    with pytest.raises(CommandError, match="none can be made"):
        _create(username)
    assert not User.objects.exists()


def test_a_name_and_an_end() -> None:
    User.objects.create_superuser("alice")
    out, err = _create("alice", "--name", "monitoring in Oslo", "--expires", "90d")
    assert re.fullmatch(r"[0-9a-f]{64}\n", out)
    assert (err, _status(out)) == ("", 200)
    row = AuthToken.objects.get()
    assert row.details.name == "monitoring in Oslo"
    assert timedelta(days=89) < row.expiry - timezone.now() <= timedelta(days=90)


@pytest.mark.parametrize(
    ("written", "ends"),
    [
        ("2099-01-01", "2099-01-01T00:00:00+00:00"),
        ("2099-01-01T09:00:00+02:00", "2099-01-01T07:00:00+00:00"),
        ("2099-01-01 09:00", "2099-01-01T09:00:00+00:00"),
    ],
)
def test_ends(written: str, ends: str) -> None:
    User.objects.create_superuser("alice")
    _create("alice", "--expires", written)
    assert abs(AuthToken.objects.get().expiry - datetime.fromisoformat(ends)) < timedelta(minutes=1)


@pytest.mark.parametrize("written", ["soon", "2099-13-01", "-3", "0d", "2020-01-01", "999999d"])
def test_what_is_no_end_makes_no_token(written: str) -> None:
    User.objects.create_superuser("alice")
    with pytest.raises(CommandError):
        _create("alice", f"--expires={written}")
    assert not AuthToken.objects.exists()


def test_one_in_the_past_makes_no_user_either() -> None:
    with pytest.raises(CommandError, match="future"):
        _create("machine", "--expires", "2020-01-01")
    assert not User.objects.exists()
