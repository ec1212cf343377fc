"""Idempotency-Key: sent again, a request is answered as the first time, and done once."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from knox.models import AuthToken
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from messaging import clock, remembering
from messaging.api import repeating
from messaging.api.keywords import Keywords
from messaging.models import Keyword, RememberedRequest
from messaging.work import OldRequests
from tests.messaging.api.conftest import ClientWith
from tests.moving import MovableTime
from tests.refusals import at_fault, is_problem
from tests.together import together

URL = "/api/v1/keywords/"
BODY = {"word": "HOURS", "text": "We are open."}
KEY = "8e03978e-40d5-43e8-bc93-6894a57f9324"


def send(api: APIClient, body: Any = None, key: str = KEY, url: str = URL, **more: Any) -> Any:
    return api.post(url, BODY if body is None else body, headers={"Idempotency-Key": key}, **more)


def test_the_first_answer_again(api: APIClient) -> None:
    first, again = send(api), send(api)
    assert [answer.status_code for answer in (first, again)] == [201, 201]
    assert again.json() == first.json()
    assert "Idempotency-Replayed" not in first
    assert (again["Idempotency-Replayed"], again["Content-Type"]) == ("true", "application/json")
    assert Keyword.objects.count() == 1
    # Without the key it would have been a second one.
    assert at_fault(api.post(URL, BODY)) == ["word"]


def test_the_answer_is_that_of_then(api: APIClient) -> None:
    first = send(api)
    api.patch(f"{URL}HOURS/", {"text": "We are closed."})
    assert send(api).json() == first.json()


@pytest.mark.parametrize("key", [f'"{KEY}"', "order 12, second try", "x", "x" * 255])
def test_keys(api: APIClient, key: str) -> None:
    assert send(api, key=key).status_code == 201
    assert send(api, key=key)["Idempotency-Replayed"] == "true"


def test_quotes_are_not_part_of_it(api: APIClient) -> None:
    send(api, key=KEY)
    assert send(api, key=f'"{KEY}"')["Idempotency-Replayed"] == "true"


@pytest.mark.parametrize("key", ["", " ", '""', "x" * 256, "schlüssel", "a\tb"])
def test_what_is_no_key_is_refused(api: APIClient, key: str) -> None:
    assert at_fault(send(api, key=key)) == ["Idempotency-Key"]
    assert not Keyword.objects.exists()


def test_names_in_another_order_say_the_same(api: APIClient) -> None:
    send(api)
    body = json.dumps(dict(reversed(BODY.items())), indent=4)
    assert send(api, body, content_type="application/json")["Idempotency-Replayed"] == "true"


@pytest.mark.parametrize(
    "other",
    [
        lambda api: send(api, BODY | {"text": "Otherwise"}),
        lambda api: send(api, url=f"{URL}?format=json"),
        lambda api: send(api, {"name": "Nights"}, url="/api/v1/segments/"),
    ],
)
def test_another_request_with_the_key_is_refused(api: APIClient, other: Callable[[APIClient], Any]) -> None:
    send(api)
    answer = other(api)
    assert (answer.status_code, is_problem(answer)["type"]) == (422, "/api/problems/key-reused/")
    assert Keyword.objects.get().text == "We are open."


def test_a_key_is_its_users(client_with: ClientWith) -> None:
    assert send(client_with(superuser=True)).status_code == 201
    assert send(client_with(superuser=True)).status_code == 400


def test_another_token_of_the_user_is_the_same(db: None) -> None:
    user, clients = User.objects.create_superuser("machine"), (APIClient(), APIClient())
    for client in clients:
        client.credentials(HTTP_AUTHORIZATION=f"Token {AuthToken.objects.create(user)[1]}")
    assert ["Idempotency-Replayed" in send(client) for client in clients] == [False, True]


def test_what_one_may_not_do_any_more_is_not_answered(client_with: ClientWith) -> None:
    api = client_with("add_keyword")
    assert send(api).status_code == 201
    User.objects.get().user_permissions.clear()
    assert send(api).status_code == 403


def test_a_refusal_may_be_mended_with_the_same_key(api: APIClient) -> None:
    assert send(api, {"word": "HOURS", "text": ""}).status_code == 400
    assert not RememberedRequest.objects.exists()
    assert send(api).status_code == 201


def test_a_conflict_is_judged_anew(api: APIClient) -> None:
    body = {"phone_number": "+14255550182"}
    assert send(api, body, url="/api/v1/shifts/XYZ123/book/").status_code == 404
    assert not RememberedRequest.objects.exists()


def test_a_body_that_cannot_be_read_is_refused_for_that(api: APIClient) -> None:
    answer = send(api, "{", content_type="application/json")
    assert is_problem(answer)["type"] == "/api/problems/parse-error/"
    assert not RememberedRequest.objects.exists()


def test_a_fault_of_ours_leaves_nothing(api: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    api.raise_request_exception = False
    real = Keywords.perform_create

    def broken(view: Any, serializer: Any) -> None:
        real(view, serializer)
        raise RuntimeError("broken after it was done")

    with monkeypatch.context() as patch:
        patch.setattr(Keywords, "perform_create", broken)
        assert send(api).status_code == 500
    assert not Keyword.objects.exists()
    assert send(api).status_code == 201


def test_without_the_header_it_costs_nothing(api: APIClient, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(5) as queries:
        assert api.post(URL, BODY).status_code == 201
    assert not [query for query in queries if "rememberedrequest" in query["sql"]]


def test_other_methods_take_no_notice(api: APIClient) -> None:
    send(api)
    headers = {"Idempotency-Key": KEY}
    for text in ("one", "two"):
        assert api.patch(f"{URL}HOURS/", {"text": text}, headers=headers).json()["text"] == text
    assert api.get(URL, headers=headers).status_code == 200


def test_a_file_is_known_by_what_is_in_it(api: APIClient) -> None:
    url = "/api/v1/segments/Nights/import/"
    whole = "phone_number\n+14255550182\n"
    first = send(api, whole, url=url, content_type="text/csv")
    assert (first.status_code, first.json()["created"]) == (200, 1)
    again = send(api, whole, url=url, content_type="text/csv")
    assert (again["Idempotency-Replayed"], again.json()["created"]) == ("true", 1)
    assert send(api, f"{whole}+14255550183\n", url=url, content_type="text/csv").status_code == 422


def test_an_answer_without_a_body(api: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    held = remembering.claim(User.objects.get().pk, KEY, "x")
    assert isinstance(held, remembering.Claim)
    remembering.keep(held, remembering.Answer(204, ""))
    monkeypatch.setattr(repeating, "_fingerprint", lambda request: "x")
    answer = send(api)
    assert (answer.status_code, answer.content, "Content-Type" in answer) == (204, b"", True)


class TestWhileTheFirstRuns:
    def test_the_second_is_told_to_wait(self, api: APIClient) -> None:
        seen: list[Any] = []
        real = Keywords.perform_create

        def meanwhile(view: Any, serializer: Any) -> None:
            if not seen:
                seen.append(None)
                seen[0] = send(api)
            real(view, serializer)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Keywords, "perform_create", meanwhile)
            assert send(api).status_code == 201
        (second,) = seen
        assert (second.status_code, second["Retry-After"]) == (409, "1")
        assert is_problem(second)["type"] == "/api/problems/request-in-progress/"
        assert send(api)["Idempotency-Replayed"] == "true"

    @pytest.mark.django_db(transaction=True)
    def test_of_many_at_once_one_does_it(self, api: APIClient) -> None:
        answers = together(*[lambda: send(api)] * 6)
        assert Keyword.objects.count() == 1
        assert {answer.status_code for answer in answers} <= {201, 409}
        firsts = [one for one in answers if one.status_code == 201 and "Idempotency-Replayed" not in one]
        assert len(firsts) == 1
        assert send(api).json() == firsts[0].json()

    @pytest.mark.django_db(transaction=True)
    def test_the_change_and_the_memory_of_it_are_one_transaction(self, api: APIClient) -> None:
        """Whoever sees the one sees the other: between them nobody can die."""
        looked: list[tuple[int, int | None]] = []
        real = remembering.keep

        def keep(held: remembering.Claim, answer: remembering.Answer) -> None:
            real(held, answer)

            def look() -> None:
                row = RememberedRequest.objects.get()
                looked.append((Keyword.objects.count(), row.status_code))

            _elsewhere(look)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(remembering, "keep", keep)
            assert send(api).status_code == 201
        assert looked == [(0, None)]
        _elsewhere(lambda: looked.append((Keyword.objects.count(), RememberedRequest.objects.get().status_code)))
        assert looked[1] == (1, 201)


def _elsewhere(act: Callable[[], None]) -> None:
    """On a connection of its own."""
    together(act)


class TestDied:
    def test_after_a_minute_the_next_takes_it(self, api: APIClient, time: MovableTime) -> None:
        """The first died before it did anything."""
        fingerprint = _died(api)
        assert send(api).status_code == 409
        time.forward((remembering.LEASE + timedelta(seconds=1)).total_seconds())
        answer = send(api)
        assert (answer.status_code, "Idempotency-Replayed" in answer) == (201, False)
        assert RememberedRequest.objects.get().fingerprint == fingerprint

    def test_one_who_was_only_slow_does_nothing(self, api: APIClient, time: MovableTime) -> None:
        """It comes back when another has done it: what it did is taken back."""
        answers: list[Any] = []
        real = Keywords.perform_create

        def slow(view: Any, serializer: Any) -> None:
            if not answers:
                answers.append(None)
                time.forward((remembering.LEASE + timedelta(seconds=1)).total_seconds())
                # Another has taken the claim meanwhile.
                RememberedRequest.objects.update(claim="another's", claimed_at=clock.now())
            real(view, serializer)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Keywords, "perform_create", slow)
            answer = send(api)
        assert (answer.status_code, Keyword.objects.exists()) == (409, False)
        # Nor does it take away what is the other's: here the row as it was before the transaction that was taken back.
        assert RememberedRequest.objects.get().status_code is None


def _died(api: APIClient) -> str:
    """A claim whose holder never comes back; its fingerprint."""
    fingerprints: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        real = repeating._fingerprint

        def noted(request: Any) -> str:
            fingerprints.append(real(request))
            return fingerprints[-1]

        patch.setattr(repeating, "_fingerprint", noted)
        patch.setattr(remembering, "release", lambda held: None)
        patch.setattr(Keywords, "perform_create", _power_cut)
        with pytest.raises(KeyboardInterrupt):
            send(api)
    assert not Keyword.objects.exists()
    return fingerprints[0]


def _power_cut(*_: object) -> None:
    raise KeyboardInterrupt


class TestForgetting:
    def test_after_a_day_the_key_is_free(self, api: APIClient, time: MovableTime) -> None:
        send(api)
        time.forward((remembering.KEPT - timedelta(minutes=10)).total_seconds())
        assert send(api)["Idempotency-Replayed"] == "true"
        time.forward((timedelta(minutes=11)).total_seconds())
        other = send(api, BODY | {"word": "OPEN"})
        assert (other.status_code, "Idempotency-Replayed" in other) == (201, False)

    def test_what_is_old_is_swept(self, api: APIClient, time: MovableTime, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(remembering, "_FORGOTTEN_TOGETHER", 2)
        for n in range(3):
            send(api, {"word": f"WORD{n}", "text": "x"}, key=f"key {n}")
        swept = OldRequests()
        assert not swept.is_due(clock.now())
        time.forward((remembering.KEPT + timedelta(seconds=1)).total_seconds())
        send(api, {"word": "NEW", "text": "x"}, key="new")
        assert swept.is_due(clock.now())
        swept.run()
        assert RememberedRequest.objects.count() == 2
        swept.run()
        assert [row.key for row in RememberedRequest.objects.all()] == ["new"]
        assert not swept.is_due(clock.now())
