"""The admin as people use it: a real browser, a real server, people of each role."""

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.test import Client
from playwright.sync_api import Browser, expect, sync_playwright

from config import roles
from tests.browser.watching import ARGUMENTS, CHROMIUM, Watched, watched

DESKTOP, PHONE = 1280, 390

# A busy machine takes its time; what never comes is found out a little later.
expect.set_options(timeout=20_000)

As = Callable[..., Watched]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for a module."""
    # Playwright has a loop in this thread, in which Django would refuse the database; nobody else runs in it.
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield launched
        launched.close()
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def as_(live_server: Any, browser: Browser) -> Iterator[As]:
    """`as_("HR")`: a page of somebody in that group; `as_("boss")`: of a superuser; `as_("HR", width=PHONE)`.

    At the end no page may have complained.
    """
    opened: list[Watched] = []

    def open_as(role: str, *, width: int = DESKTOP) -> Watched:
        client = Client()
        client.force_login(person(role))
        session = client.cookies["sessionid"].value
        options = {"viewport": {"width": width, "height": 900}}
        if width == PHONE:
            options |= {"has_touch": True, "is_mobile": True, "device_scale_factor": 2}  # type: ignore[dict-item]
        opened.append(page := watched(browser, live_server.url, session, **options))
        return page

    yield open_as
    for one in opened:
        assert one.complaints == []
        one.page.context.close()


def person(role: str) -> User:
    """Somebody of the staff, in one group; "boss" may do everything."""
    if found := User.objects.filter(username=role).first():
        return found
    if role == "boss":
        return User.objects.create_superuser(role)
    # A transactional test before this one has emptied the tables.
    roles.make(Group, Permission)
    user = User.objects.create_user(role, is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    return user
