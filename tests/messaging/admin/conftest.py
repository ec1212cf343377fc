"""Browsers of staff."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

StaffWith = Callable[..., Client]


@pytest.fixture
def staff_with(db: None) -> StaffWith:
    """A member of staff with these permissions (``view_keyword`` …) and no others, logged in."""

    def make(*codenames: str, superuser: bool = False) -> Client:
        user = User.objects.create_user(f"staff{User.objects.count()}", is_staff=True, is_superuser=superuser)
        # Whole numbers are another matter: tests/config/test_numbers_masked.py .
        wanted = {*codenames, "see_phone_numbers"}
        user.user_permissions.set(Permission.objects.filter(codename__in=wanted))
        assert user.user_permissions.count() == len(wanted)
        client = Client()
        client.force_login(user)
        return client

    return make


@pytest.fixture
def boss(staff_with: StaffWith) -> Client:
    """A superuser, logged in."""
    return staff_with(superuser=True)
