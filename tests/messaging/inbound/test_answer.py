"""Answers by hand: where they leave from, what forbids them, that one is one, and what they take off the inbox."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from messaging import clock
from messaging.inbound import inbox, routing
from messaging.inbound.inbox import CannotAnswer
from messaging.models import InboundMessage, Keyword, OriginationIdentity, OutboundMessage, Priority, Status
from messaging.outbound import reply_limits
from messaging.text import BodyEmpty, BodyTooLong
from tests.messaging.factories import ANN, BOB, OUR_NUMBER, received, standing
from tests.together import together

pytestmark = pytest.mark.django_db(transaction=True)

HERE = "tests.messaging.inbound.test_answer"
OTHER = "+14255550199"
KEY = "a" * 32


class Forbids:
    """Forbids everything to Bob from our number."""

    def refusals(self, recipients: Sequence[tuple[str, str]]) -> dict[tuple[str, str], str]:
        return {pair: "Opted out by text on 2026-07-01." for pair in recipients if pair == (BOB, OUR_NUMBER)}

    def carrier_opted_out(self, message: OutboundMessage) -> None: ...

    def opted_out_elsewhere(self, found: Mapping[str, datetime | None], *, actor: str, reason: str) -> None: ...


class Away(Forbids):
    """Cannot be asked."""

    def refusals(self, recipients: Sequence[tuple[str, str]]) -> dict[tuple[str, str], str]:
        raise RuntimeError("the ledger is away")


@pytest.fixture(autouse=True)
def _plugged_in(settings: Any, number: OriginationIdentity) -> None:
    settings.MESSAGING = settings.MESSAGING | {"SEND_GUARDS": [f"{HERE}.Forbids"]}


def _unmatched(body: str = "Can I park there?", sender: str = ANN, **fields: Any) -> InboundMessage:
    now = clock.now()
    return received(body, sender, outcome="unmatched", routed_at=now, **fields)


def _answer(to: str = ANN, body: str = "Yes, behind the house.", **options: Any) -> OutboundMessage:
    return inbox.answer(to, body, **{"by": "alice", "key": KEY, **options})


def test_an_answer_is_a_reply_of_whoever_wrote_it() -> None:
    _unmatched()
    message = _answer()
    message.refresh_from_db()
    assert (message.destination_phone_number, message.body) == (ANN, "Yes, behind the house.")
    assert (message.status, message.priority, message.actor) == (Status.QUEUED, Priority.REPLY, "alice")
    assert not message.is_automatic_reply


def test_it_leaves_from_the_number_that_was_written_to() -> None:
    OriginationIdentity.objects.create(identity=OTHER, kind="ten_dlc", mps=1)
    standing(Status.SENT)
    _unmatched(destination_phone_number=OTHER)
    assert _answer().origination_identity == OTHER


def test_or_from_the_one_that_messaging_chooses_when_that_is_none_of_ours() -> None:
    _unmatched(destination_phone_number="+19995550000")
    assert _answer().origination_identity == OUR_NUMBER


def test_or_from_the_one_that_its_writer_chooses() -> None:
    OriginationIdentity.objects.create(identity=OTHER, kind="ten_dlc", mps=1)
    _unmatched()
    assert _answer(origination_identity=OTHER).origination_identity == OTHER


@pytest.mark.parametrize("fields", [{"active": False}, {"two_way": False}])
def test_but_never_from_one_that_cannot_be_answered(fields: dict[str, bool]) -> None:
    OriginationIdentity.objects.create(identity=OTHER, kind="ten_dlc", mps=1, **fields)
    _unmatched(destination_phone_number=OTHER)
    with pytest.raises(CannotAnswer, match="is not an active origination identity"):
        _answer(origination_identity=OTHER)
    assert _answer().origination_identity == OUR_NUMBER


def test_somebody_who_has_never_written_can_be_written_to() -> None:
    assert _answer().status == Status.QUEUED


def test_it_takes_the_unmatched_texts_of_that_person_off_the_inbox() -> None:
    first, second, of_bob = _unmatched(), _unmatched("Hello?"), _unmatched(sender=BOB)
    _answer()
    for text in (first, second, of_bob):
        text.refresh_from_db()
    assert (first.handled_by, second.handled_by, of_bob.handled_by) == ("alice", "alice", "")


def test_but_not_one_that_came_while_it_was_written() -> None:
    read = _unmatched()
    later = _unmatched("Or shall I take the bus?")
    _answer(seen=read.pk)
    read.refresh_from_db()
    later.refresh_from_db()
    assert read.handled_by == "alice"
    assert later.handled_at is None


def test_and_not_one_that_somebody_else_has_dealt_with_or_nobody_has_routed() -> None:
    theirs = _unmatched(handled_by="bob", handled_at=clock.now())
    unrouted = received("still to be placed")
    _answer()
    theirs.refresh_from_db()
    unrouted.refresh_from_db()
    assert (theirs.handled_by, unrouted.handled_at) == ("bob", None)


def test_whom_a_guard_forbids_gets_nothing_and_their_text_goes_on_waiting() -> None:
    text = _unmatched(sender=BOB)
    with pytest.raises(CannotAnswer, match=r"Opted out by text on 2026-07-01\."):
        _answer(BOB)
    text.refresh_from_db()
    assert text.handled_at is None
    assert not OutboundMessage.objects.exists()


def test_nothing_is_sent_while_consent_cannot_be_read(settings: Any) -> None:
    settings.MESSAGING = settings.MESSAGING | {"SEND_GUARDS": [f"{HERE}.Away"]}
    with pytest.raises(CannotAnswer, match="Nothing is sent"):
        _answer()
    assert not OutboundMessage.objects.exists()


def test_a_stop_between_the_question_and_the_row_is_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    text = _unmatched(sender=BOB)
    monkeypatch.setattr(inbox, "_allowed", lambda phone_number, wanted: OUR_NUMBER)
    message = _answer(BOB)
    text.refresh_from_db()
    assert (message.status, message.error_reason) == (Status.SUPPRESSED, "Opted out by text on 2026-07-01.")
    assert text.handled_at is None


@pytest.mark.parametrize("sender", ["72345", "AMAZON"])
def test_a_short_code_cannot_be_answered(sender: str) -> None:
    _unmatched(sender=sender)
    with pytest.raises(CannotAnswer, match="nobody can text it"):
        _answer(sender)


@pytest.mark.parametrize(
    ("body", "problem"), [("  \n", BodyEmpty), ("x" * 1531, BodyTooLong), ("é€" * 800, BodyTooLong)]
)
def test_what_cannot_be_sent_is_refused(body: str, problem: type[Exception]) -> None:
    text = _unmatched()
    with pytest.raises(problem):
        _answer(body=body)
    text.refresh_from_db()
    assert text.handled_at is None


def test_there_may_be_no_number_to_send_from() -> None:
    OriginationIdentity.objects.update(active=False)
    with pytest.raises(CannotAnswer, match="no origination identity"):
        _answer()


def test_the_same_answer_twice_is_one() -> None:
    first = _answer()
    _unmatched("came after it")
    assert _answer().pk == first.pk
    assert OutboundMessage.objects.count() == 1


def test_the_same_answer_twice_is_one_though_consent_has_gone_meanwhile() -> None:
    OriginationIdentity.objects.create(identity=OTHER, kind="ten_dlc", mps=1)
    first = _answer(BOB, origination_identity=OTHER)
    OriginationIdentity.objects.filter(identity=OTHER).update(active=False)
    assert _answer(BOB).pk == first.pk


@pytest.mark.parametrize(("to", "body"), [(BOB, "Yes, behind the house."), (ANN, "No.")])
def test_a_key_is_of_one_answer(to: str, body: str) -> None:
    _answer()
    with pytest.raises(CannotAnswer, match="sent from this page before"):
        _answer(to, body)


def test_the_same_answer_twice_in_the_same_instant_is_one() -> None:
    text = _unmatched()
    first, second = together(lambda: _answer().pk, lambda: _answer().pk)
    assert first == second
    assert OutboundMessage.objects.count() == 1
    text.refresh_from_db()
    assert text.handled_by == "alice"


def test_two_people_may_answer_in_the_same_instant_and_one_of_them_has_dealt_with_it() -> None:
    text = _unmatched()
    together(lambda: _answer(key="b" * 32, by="alice"), lambda: _answer(key="c" * 32, by="bob", body="No."))
    assert OutboundMessage.objects.count() == 2
    text.refresh_from_db()
    assert text.handled_by in {"alice", "bob"}


def _automatic() -> list[str]:
    rows = OutboundMessage.objects.filter(is_automatic_reply=True).order_by("id")
    return list(rows.values_list("status", flat=True))


def test_automatic_answers_begin_anew_when_a_person_has_acted() -> None:
    Keyword.objects.create(word="HOURS", text="We are open.")
    for _ in range(reply_limits.MOST_REPLIES + 1):
        received("hours")
    routing.route_waiting()
    assert _automatic() == ["queued"] * reply_limits.MOST_REPLIES + ["suppressed"]
    _answer()
    for _ in range(reply_limits.MOST_REPLIES + 1):
        received("hours")
    routing.route_waiting()
    assert _automatic()[6:] == ["queued"] * reply_limits.MOST_REPLIES + ["suppressed"]


def test_a_persons_answer_is_never_held_back_by_the_limit() -> None:
    Keyword.objects.create(word="HOURS", text="We are open.")
    for _ in range(reply_limits.MOST_REPLIES + 1):
        received("hours")
    routing.route_waiting()
    assert [_answer(key=letter * 32).status for letter in "abcdef0"] == [Status.QUEUED] * 7


def test_times_of_a_redrive_do_not_bend_which_number_was_written_to_last() -> None:
    OriginationIdentity.objects.create(identity=OTHER, kind="ten_dlc", mps=1)
    now = clock.now()
    _unmatched(destination_phone_number=OTHER, received_at=now)
    _unmatched("days late", received_at=now - timedelta(days=3))
    assert inbox.number_for(ANN) == OTHER
