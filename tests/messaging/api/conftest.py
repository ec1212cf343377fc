"""Clients of the API, with real tokens."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Permission, User
from knox.models import AuthToken
from rest_framework.test import APIClient

from config.models import TokenDetails
from messaging import clock

ClientWith = Callable[..., APIClient]


@pytest.fixture
def client_with(db: None) -> ClientWith:
    """A client whose user has these permissions of messaging (``view_outboundmessage`` …) and no others."""

    def make(*codenames: str, superuser: bool = False) -> APIClient:
        user = User.objects.create_user(f"user{User.objects.count()}", is_superuser=superuser)
        user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
        assert user.user_permissions.count() == len(codenames)
        client = APIClient()
        row, token = AuthToken.objects.create(user)
        # Used a moment ago, as in the middle of a day: the first use is noted by two queries more.
        TokenDetails.objects.create(token=row, last_used_at=clock.now())
        client.credentials(HTTP_AUTHORIZATION=f"Token {token}")
        return client

    return make


@pytest.fixture
def api(client_with: ClientWith) -> APIClient:
    """A client that may do everything."""
    return client_with(superuser=True)
