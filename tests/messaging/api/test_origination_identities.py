"""/origination-identities/: adding, changing, the default, pausing."""

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from messaging.models import Lane, OriginationIdentity
from messaging.outbound import pauses
from tests.refusals import at_fault

URL = "/api/v1/origination-identities/"


@pytest.mark.parametrize(
    ("identity", "kind", "country", "mps", "two_way"),
    [
        ("+14255550100", "ten_dlc", "US", 1, True),
        ("+18005550100", "toll_free", "US", 3, True),
        ("+442079460000", "long_code", "GB", 10, True),
        ("72345", "short_code", "", 100, True),
        ("ACME", "sender_id", "", 10, False),
    ],
)
def test_what_is_not_given_is_derived(
    api: APIClient, identity: str, kind: str, country: str, mps: int, two_way: bool
) -> None:
    answer = api.post(URL, {"identity": identity})
    assert (answer.status_code, answer.json()) == (
        201,
        {
            "identity": identity,
            "kind": kind,
            "iso_country_code": country,
            "mps": mps,
            "two_way": two_way,
            "self_managed_opt_outs": True,
            "is_default": False,
            "active": True,
            "paused_reason": "",
            "paused_at": None,
            "held_reason": "",
            "held_at": None,
        },
    )
    assert api.get(f"{URL}{identity}/").json() == answer.json()


def test_what_is_given_is_kept(api: APIClient) -> None:
    given = {
        "identity": "+16135550100",
        "kind": "long_code",
        "iso_country_code": "CA",
        "mps": 5,
        "two_way": False,
        "self_managed_opt_outs": False,
        "is_default": True,
        "active": False,
    }
    answer = api.post(URL, given)
    assert answer.status_code == 201
    assert answer.json() | given == answer.json()


def test_a_canadian_long_code_sends_one_part_a_second(api: APIClient) -> None:
    answer = api.post(URL, {"identity": "+16135550100", "kind": "long_code"})
    assert (answer.json()["iso_country_code"], answer.json()["mps"]) == ("CA", 1)


@pytest.mark.parametrize("path", ["+14255550100", "%2B14255550100"])
def test_a_number_is_found_with_its_plus_encoded_or_not(api: APIClient, number: OriginationIdentity, path: str) -> None:
    assert api.get(f"{URL}{path}/").json()["identity"] == "+14255550100"


def test_a_change_leaves_the_rest_alone(api: APIClient, number: OriginationIdentity) -> None:
    answer = api.patch(f"{URL}{number}/", {"mps": 7})
    assert (answer.status_code, answer.json()["mps"], answer.json()["is_default"]) == (200, 7, True)


@pytest.mark.parametrize("method", ["post", "patch"])
def test_there_is_one_default(api: APIClient, number: OriginationIdentity, method: str) -> None:
    if method == "post":
        answer = api.post(URL, {"identity": "72345", "is_default": True})
    else:
        api.post(URL, {"identity": "72345"})
        answer = api.patch(f"{URL}72345/", {"is_default": True})
    assert answer.json()["is_default"] is True
    assert api.get(f"{URL}72345/").json()["is_default"] is True
    assert api.get(f"{URL}{number}/").json()["is_default"] is False


def test_there_may_be_no_default(api: APIClient, number: OriginationIdentity) -> None:
    assert api.patch(f"{URL}{number}/", {"is_default": False}).json()["is_default"] is False
    assert not OriginationIdentity.objects.filter(is_default=True).exists()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "identity"),
        ({"identity": "4255550100x!"}, "identity"),
        ({"identity": "+1425"}, "identity"),
        ({"identity": "-ACME"}, "identity"),
        ({"identity": "+14255550100"}, "identity"),
        ({"identity": "72345", "mps": 0}, "mps"),
        ({"identity": "72345", "mps": 5001}, "mps"),
        ({"identity": "72345", "mps": None}, "mps"),
        ({"identity": "72345", "kind": "pigeon"}, "kind"),
        ({"identity": "72345", "kind": "sender_id"}, "kind"),
        ({"identity": "ACME", "kind": "long_code"}, "kind"),
        ({"identity": "ACME", "two_way": True}, "two_way"),
        ({"identity": "72345", "iso_country_code": "usa"}, "iso_country_code"),
        ({"identity": "72345", "iso_country_code": "XX"}, "iso_country_code"),
        ({"identity": "72345", "colour": "red"}, "colour"),
        ({"identity": "72345", "paused_reason": "I say so"}, "paused_reason"),
        ({"identity": "72345", "held_reason": "I say so"}, "held_reason"),
    ],
)
def test_bad_input_is_refused_on_its_field_and_changes_nothing(
    api: APIClient, number: OriginationIdentity, body: dict[str, object], field: str
) -> None:
    answer = api.post(URL, body)
    assert (answer.status_code, at_fault(answer)) == (400, [field])
    assert OriginationIdentity.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [({"identity": "72345"}, "identity"), ({"mps": 0}, "mps"), ({"kind": "sender_id"}, "kind"), ({"mpss": 1}, "mpss")],
)
def test_a_bad_change_is_refused_on_its_field(
    api: APIClient, number: OriginationIdentity, body: dict[str, object], field: str
) -> None:
    answer = api.patch(f"{URL}{number}/", body)
    assert (answer.status_code, at_fault(answer)) == (400, [field])


def test_a_paused_number_says_why_and_is_let_go(api: APIClient, number: OriginationIdentity) -> None:
    pauses.pause(number.identity, "The spend limit is reached.")
    shown = api.get(f"{URL}{number}/").json()
    assert shown["paused_reason"] == "The spend limit is reached."
    assert shown["paused_at"]
    answer = api.post(f"{URL}{number}/resume/")
    assert (answer.status_code, answer.json()["paused_reason"], answer.json()["paused_at"]) == (200, "", None)
    assert not Lane.objects.filter(paused_at__isnull=False).exists()


def test_a_held_number_says_why(api: APIClient, number: OriginationIdentity) -> None:
    Lane.objects.create(origination_identity=number)
    pauses.hold(number.identity, "A send guard cannot be asked.")
    shown = api.get(f"{URL}{number}/").json()
    assert (shown["held_reason"], shown["paused_at"]) == ("A send guard cannot be asked.", None)
    assert shown["held_at"]
    pauses.let_go(number.identity)
    shown = api.get(f"{URL}{number}/").json()
    assert (shown["held_reason"], shown["held_at"]) == ("", None)


def test_resuming_what_is_not_paused_changes_nothing(api: APIClient, number: OriginationIdentity) -> None:
    Lane.objects.create(origination_identity=number, lease_owner="me", lease_expires_at=timezone.now())
    assert api.post(f"{URL}{number}/resume/", {}).status_code == 200
    assert Lane.objects.get().lease_owner == "me"


def test_resuming_takes_no_fields(api: APIClient, number: OriginationIdentity) -> None:
    pauses.pause(number.identity, "broken")
    assert at_fault(api.post(f"{URL}{number}/resume/", {"force": True})) == ["force"]
    assert Lane.objects.get().paused_reason == "broken"


def test_resuming_an_unknown_number_is_404(api: APIClient) -> None:
    assert api.post(f"{URL}72345/resume/").status_code == 404


def test_a_number_is_not_deleted(api: APIClient, number: OriginationIdentity) -> None:
    assert api.delete(f"{URL}{number}/").status_code == 405
