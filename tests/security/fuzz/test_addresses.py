"""Addresses of anything: parameters of lists in the API and in the admin, and links to the preferences page."""

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from drf_spectacular.generators import SchemaGenerator
from hypothesis import given
from hypothesis import strategies as st

from optout import links
from tests.messaging.factories import ANN, OUR_NUMBER
from tests.security.examples import examples
from tests.security.fuzz.writing import SENDABLE
from tests.security.world import world

pytestmark = pytest.mark.django_db

PATHS = SchemaGenerator().get_schema(request=None, public=True)["paths"]
LISTS = sorted(path for path, ways in PATHS.items() if "get" in ways and "{" not in path)
PARAMETERS = sorted({one["name"] for path in LISTS for one in PATHS[path]["get"].get("parameters", [])})
VALUES = st.one_of(
    SENDABLE,
    st.sampled_from(
        [
            *(
                "\x00",
                "+14255550100",
                " 14255550100",
                "0",
                "-1",
                "1" * 400,
                "1e9",
                "NaN",
                "true",
                "queued",
                "2026-01-01",
            ),
            *(
                "2026-01-01T00:00:00Z",
                "0001-01-01T00:00:00+14:00",
                "9999-12-31T23:59:59-14:00",
                "bz0x",
                "cD0x",
                "cj0xJnA9eA==",
            ),
            *("' OR 1=1 --", "%", "_", "\\", "*", "[", "(", "../..", "{}", "[]", "٣", "²"),
        ]
    ),
)
ADMIN = {
    "q": VALUES,
    "s": VALUES,
    "p": VALUES,
    "o": st.one_of(VALUES, st.lists(st.integers(-30, 30).map(str), max_size=4).map(".".join)),
    "all": VALUES,
    "e": VALUES,
    "_popup": VALUES,
    "_to_field": VALUES,
    "_facets": VALUES,
    "id__in": VALUES,
    "id__exact": VALUES,
    "pk": VALUES,
    "status__exact": VALUES,
    "phone_number__isnull": VALUES,
    "user__password__startswith": VALUES,
    "id__nonsense": VALUES,
}
PAGES = sorted((model._meta.app_label, model._meta.model_name or "") for model in admin.site._registry)


def some_of(parameters: dict[str, Any]) -> Any:
    return st.dictionaries(st.sampled_from(sorted(parameters)), st.one_of(*parameters.values()), max_size=3)


@pytest.fixture
def staff(db: None) -> Client:
    world()
    client = Client(raise_request_exception=False)
    client.force_login(User.objects.create_superuser("fuzzer"))
    return client


@pytest.mark.parametrize("path", LISTS)
def test_lists_of_the_api(staff: Client, path: str) -> None:
    @examples(25)
    @given(st.dictionaries(st.one_of(st.sampled_from(PARAMETERS), SENDABLE), VALUES, max_size=3))
    def asked(parameters: dict[str, str]) -> None:
        answer = staff.get(path, parameters)
        assert answer.status_code in {200, 400, 404}, (parameters, answer.content[:300])
        kind = "application/json" if answer.status_code == 200 else "application/problem+json"
        assert answer["content-type"] == kind

    asked()


@pytest.mark.parametrize("page", PAGES, ids=".".join)
def test_lists_of_the_admin(staff: Client, page: tuple[str, str]) -> None:
    address = reverse(f"admin:{page[0]}_{page[1]}_changelist")
    filters = ADMIN | dict.fromkeys(
        ("status", "outcome", "kind", "approved", "conversation", "at__gte", "after"), VALUES
    )

    @examples(12)
    @given(some_of(filters))
    def asked(parameters: dict[str, str]) -> None:
        answer = staff.get(address, parameters)
        assert answer.status_code in {200, 302, 400, 403}, (parameters, answer.content[-300:])

    asked()


def test_links_to_the_preferences_page(db: None) -> None:
    world()
    genuine = links.make(ANN, OUR_NUMBER).token
    client = Client(raise_request_exception=False)
    assert client.get(reverse("preferences", args=[genuine])).status_code == 200

    @examples(80)
    @given(
        token=st.one_of(
            SENDABLE.filter(bool),
            st.tuples(st.integers(0, len(genuine)), st.integers(0, 5), SENDABLE).map(
                lambda made: genuine[: made[0]] + made[2] + genuine[made[0] + made[1] :]
            ),
        ),
        method=st.sampled_from(["get", "post", "head", "put"]),
    )
    def opened(token: str, method: str) -> None:
        if token in {genuine, "", ".", ".."} or "/" in token:
            return
        answer = getattr(client, method)(reverse("preferences", args=[token]), {"action": "opt_out"})
        assert 400 <= answer.status_code < 500, (token, answer.status_code)

    opened()
