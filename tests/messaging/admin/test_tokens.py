"""API tokens can be seen and revoked."""

from django.contrib.auth.models import User
from django.test import Client
from knox.models import AuthToken
from rest_framework.test import APIClient

URL = "/admin/knox/authtoken/"


def test_a_revoked_token_opens_nothing_any_more(boss: Client) -> None:
    row, token = AuthToken.objects.create(User.objects.create_superuser("machine"))
    api = APIClient()
    api.credentials(HTTP_AUTHORIZATION=f"Token {token}")
    assert api.get("/api/v1/keywords/").status_code == 200
    assert boss.post(f"{URL}{row.pk}/delete/", {"post": "yes"}).status_code == 302
    assert api.get("/api/v1/keywords/").status_code == 401


def test_neither_token_nor_hash_is_shown(boss: Client) -> None:
    row, token = AuthToken.objects.create(User.objects.create_user("machine"))
    pages = [boss.get(f"{URL}{path}").content.decode() for path in ("", f"{row.pk}/change/")]
    assert all("machine" in page and token[:8] in page for page in pages)
    assert not [page for page in pages if token in page]
