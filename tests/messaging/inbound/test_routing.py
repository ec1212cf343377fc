"""Who is meant by a text: first match wins."""

from typing import Any

import pytest

from messaging.contracts import Handled, Reply
from messaging.inbound import routing
from messaging.models import InboundMessage, Keyword, OriginationIdentity, OutboundMessage, Status
from tests.messaging.factories import ANN, BOB, OUR_NUMBER, received, standing
from tests.moving import MovableTime

pytestmark = pytest.mark.django_db(transaction=True)

asked: list[tuple[str, str, bool]] = []


class Talk:
    """A conversation that understands its own key as a word."""

    key = ""

    def receive(self, text: InboundMessage, hint: OutboundMessage | None) -> Handled | None:
        asked.append((self.key, text.body, hint is not None))
        if text.body == "break":
            raise RuntimeError("a conversation that fails")
        if text.body.lower() != self.key:
            return None
        return Handled("incidents", self.key, "1", [Reply(f"{self.key} it is")])

    def not_understood(self, text: InboundMessage, hint: OutboundMessage) -> Handled | None:
        return Handled("not_understood", self.key, "1", [Reply(f"{self.key} did not understand")])

    def text_settled(self, message: OutboundMessage) -> None:
        pass

    def opted_out(self, phone_number: str, origination_identity: str, reason: str) -> None:
        pass


class Yes(Talk):
    key = "yes"


class Code(Talk):
    key = "code"


@pytest.fixture(autouse=True)
def conversations(settings: Any, number: OriginationIdentity) -> None:
    asked.clear()
    here = "tests.messaging.inbound.test_routing"
    settings.MESSAGING = settings.MESSAGING | {
        "CONVERSATIONS": {"yes": f"{here}.Yes", "code": f"{here}.Code"},
        "INTERCEPTORS": ["messaging.inbound.keywords.CannedReplies"],
    }


def routed(text: InboundMessage) -> str:
    routing.route_waiting()
    text.refresh_from_db()
    return text.outcome


def replies() -> list[str]:
    return list(OutboundMessage.objects.filter(is_automatic_reply=True).order_by("id").values_list("body", flat=True))


def test_the_owner_of_the_text_it_answers_is_asked_first() -> None:
    standing(Status.SENT, carrier_message_id="m1", conversation="code")
    assert routed(received("code", previous_published_message_id="m1")) == "incidents"
    assert asked == [("code", "code", True)]
    assert replies() == ["code it is"]


def test_another_conversation_that_understands_gets_what_the_owner_does_not() -> None:
    standing(Status.SENT, carrier_message_id="m1", conversation="code")
    assert routed(received("yes", previous_published_message_id="m1")) == "incidents"
    assert asked == [("code", "yes", True), ("yes", "yes", False)]


def test_what_nobody_understands_is_answered_by_the_owner() -> None:
    standing(Status.SENT, carrier_message_id="m1", conversation="code")
    assert routed(received("what?", previous_published_message_id="m1")) == "not_understood"
    assert replies() == ["code did not understand"]


def test_what_nobody_understands_and_nobody_owns_waits_for_staff_without_a_reply() -> None:
    assert routed(received("what?")) == "unmatched"
    assert replies() == []


def test_a_text_that_went_to_somebody_else_is_no_hint() -> None:
    standing(Status.SENT, to=BOB, carrier_message_id="m1", conversation="code")
    assert routed(received("what?", previous_published_message_id="m1")) == "unmatched"


@pytest.mark.parametrize("body", ["STOP", "stop.", "Unsubscribe!", "END"])
def test_who_opts_out_at_the_carrier_is_not_asked_for_an_answer(body: str) -> None:
    standing(Status.SENT, carrier_message_id="m1", conversation="code")
    assert routed(received(body, previous_published_message_id="m1")) == "unmatched"
    assert replies() == []


@pytest.mark.parametrize("body", ["HELP", "help", " Help! ", "«help»"])
def test_help_is_built_in_for_anybody(body: str) -> None:
    assert routed(received(body)) == "keyword"
    assert "STOP" in replies()[0]


@pytest.mark.parametrize("body", ["wifi", "WiFi", '"wifi".', "WIFI"])
def test_a_keyword_of_the_staff_wins_before_any_conversation(body: str) -> None:
    Keyword.objects.create(word="WIFI", text="The password is on the fridge.")
    assert routed(received(body)) == "keyword"
    assert replies() == ["The password is on the fridge."]
    assert asked == []


@pytest.mark.parametrize("body", ["help me", "no wifi here", "wi fi"])
def test_a_keyword_within_a_sentence_is_none(body: str) -> None:
    Keyword.objects.create(word="WIFI", text="The password is on the fridge.")
    assert routed(received(body)) == "unmatched"


@pytest.mark.parametrize("body", ["%", "w_fi", "wif%", "WiFi\\"])
def test_a_keyword_is_taken_literally(body: str) -> None:
    Keyword.objects.create(word="WIFI", text="The password is on the fridge.")
    assert routed(received(body)) == "unmatched"


def test_a_keyword_may_be_kept_in_any_case() -> None:
    Keyword.objects.create(word="WiFi", text="The password is on the fridge.")
    assert routed(received("wIFI")) == "keyword"


def test_a_reply_leaves_from_the_number_that_was_written_to() -> None:
    OriginationIdentity.objects.create(identity="+14255550199", kind="ten_dlc", mps=1)
    routed(received("yes", destination_phone_number="+14255550199"))
    assert OutboundMessage.objects.get(is_automatic_reply=True).origination_identity == "+14255550199"


def test_a_text_whose_own_commit_is_under_way_waits_a_little_then_goes_on(time: MovableTime) -> None:
    standing(Status.SENDING, conversation="code")
    text = received("what?", previous_published_message_id="not yet ours")
    assert routed(text) == ""
    time.forward(3.1)
    assert routed(text) == "unmatched"


def test_the_wait_ends_as_soon_as_the_commit_is_there(time: MovableTime) -> None:
    message = standing(Status.SENDING, conversation="code")
    text = received("what?", previous_published_message_id="m1")
    assert routed(text) == ""
    OutboundMessage.objects.filter(pk=message.pk).update(status="sent", carrier_message_id="m1")
    time.forward(0.4)
    assert routed(text) == "not_understood"


def test_texts_of_one_sender_keep_their_order_and_do_not_wait_for_a_broken_one(time: MovableTime) -> None:
    first = received("break")
    second = received("yes")
    other = received("yes", sender=BOB)
    routing.route_waiting()
    for text in (first, second, other):
        text.refresh_from_db()
    assert (first.outcome, second.outcome, other.outcome) == ("", "incidents", "incidents")
    assert first.error == "RuntimeError: a conversation that fails"
    assert first.attempts == 1
    time.forward(2)
    routing.route_waiting()
    first.refresh_from_db()
    assert first.attempts == 2, "nothing is lost: it is tried again"


def test_a_later_text_does_not_overtake_one_of_the_same_sender_that_still_waits(time: MovableTime) -> None:
    standing(Status.SENDING, conversation="code")
    first = received("first", previous_published_message_id="not yet ours")
    assert routed(first) == ""
    second = received("yes")
    assert routed(second) == ""
    time.forward(3.1)
    assert (routed(first), routed(second)) == ("unmatched", "incidents")


def test_what_a_broken_conversation_wrote_is_undone() -> None:
    received("break")
    routing.route_waiting()
    assert replies() == []


def test_at_most_five_automatic_replies_in_ten_minutes(time: MovableTime) -> None:
    for _ in range(8):
        received("yes")
    routing.route_waiting()
    rows = OutboundMessage.objects.filter(destination_phone_number=ANN)
    assert rows.filter(status="queued").count() == 5
    assert set(rows.filter(status="suppressed").values_list("error_code", flat=True)) == {"REPLY_LIMIT"}
    received("yes", sender=BOB)
    routing.route_waiting()
    assert OutboundMessage.objects.filter(destination_phone_number=BOB, status="queued").count() == 1
    time.forward(601)
    received("yes")
    routing.route_waiting()
    assert rows.filter(status="queued").count() == 6


def test_a_person_on_our_side_who_writes_begins_the_count_anew() -> None:
    for _ in range(6):
        received("yes")
    routing.route_waiting()
    standing(Status.SENT, actor="alice")
    received("yes")
    routing.route_waiting()
    assert OutboundMessage.objects.filter(is_automatic_reply=True, status="queued").count() == 6


def test_the_number_that_was_written_to_may_be_none_of_ours_any_more() -> None:
    routed(received("yes", destination_phone_number="+19995550000"))
    assert OutboundMessage.objects.get(is_automatic_reply=True).origination_identity == OUR_NUMBER
