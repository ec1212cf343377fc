"""Whose text it is and what is answered, through the real router."""

from datetime import timedelta

import pytest

from incidents import lifecycle
from incidents.models import Incident
from messaging.models import Contact, Keyword, OutboundMessage, Priority, Status
from messaging.text import GSM, measure
from shifts import texts
from shifts.models import Booking, CallBack, Employee
from shifts.replies import ShiftReplies
from tests.messaging.factories import ANN, BOB, standing
from tests.moving import MovableTime
from tests.shifts.conftest import Phone, texted
from tests.shifts.factories import campaign, employee, holding, shift

pytestmark = pytest.mark.django_db

NOT_VALID = "This is not a valid shift code, please reply by typing REQUEST to view the available shifts"
HOW_TO_BOOK = "To book, reply with the codes only, e.g. XYZ123. To give one back: DROP XYZ123."
DAY = 86_400


@pytest.fixture
def ann(ann: Phone) -> Phone:
    """Ann is an approved employee."""
    employee(ANN, name="Ann")
    return ann


def incident(incident_id: str = "95") -> OutboundMessage:
    """An incident that asks Ann; its text has reached her."""
    request = lifecycle.Request(incident_id, "Pump 4", url="", first_contact=ANN, second_contact=BOB)
    lifecycle.open_incident(request, actor="ops")
    text = OutboundMessage.objects.get(conversation="incidents", destination_phone_number=ANN, subject=incident_id)
    OutboundMessage.objects.filter(pk=text.pk).update(status=Status.SENT, carrier_message_id=f"alert-{incident_id}")
    text.refresh_from_db()
    return text


def test_a_code_is_booked(ann: Phone) -> None:
    shift("XYZ123", at=5)
    assert ann.say("xyz123") == "Request summary - Shift booked: XYZ123"
    assert (ann.outcome, ann.subject) == ("shifts", "")
    row = Booking.objects.get()
    assert (row.source, row.actor, row.campaign) == ("sms", "", None)


def test_a_request_is_summed_up(ann: Phone) -> None:
    for code, at in [("A1", 5), ("B2", 30), ("C3", 60), ("D4", 8)]:
        shift(code, at=at)
    holding(employee(BOB), shift("E5"))
    ann.say("B2")
    assert ann.say("b2, a1 and E5\nD4 c3, F6") == (
        "Request summary - Shift booked: A1, C3 | Already yours: B2 | Shift not available: E5 | Overlaps with A1: D4"
        " | Shift doesn't exist: F6"
    )


def test_the_loser_is_told(ann: Phone) -> None:
    shift("XYZ123")
    employee(BOB)
    assert Phone(BOB).say("XYZ123") == "Request summary - Shift booked: XYZ123"
    assert ann.say("XYZ123") == "Request summary - Shift not available: XYZ123"


def test_the_commands(ann: Phone) -> None:
    assert ann.say("REQUEST") == "There are no shifts at this time"
    row = shift("XYZ123", at=5, shift_info="Night")
    assert ann.say("Request").startswith("XYZ123: Night (")
    assert ann.say("more") == "These were all the shifts. REQUEST lists them again."
    assert ann.say("mine") == ann.say("DROP") == "You hold no shifts. REQUEST lists those you can book."
    ann.say("XYZ123")
    assert ann.say("mine").startswith("Your shifts:\nXYZ123: Night (")
    assert ann.say("drop").startswith(
        "To give a shift back, reply for example DROP XYZ123. Your shifts:\nXYZ123: Night"
    )
    assert ann.say("drop xyz123, Q9") == "Drop summary - Given back: XYZ123 | Shift doesn't exist: Q9"
    assert ann.say("drop xyz123") == "Drop summary - Not yours: XYZ123"
    row.refresh_from_db()
    assert row.booked == 0


def test_agent_is_noted_for_staff(ann: Phone) -> None:
    text = texted(campaign("july"))
    assert ann.say("AGENT", answering=text) == "Your request is noted, staff will call you."
    assert CallBack.objects.values_list("phone_number", "subject", "status").get() == (ANN, "july", "waiting")
    assert (ann.outcome, ann.subject) == ("shifts", "july")


def test_unknown_codes_are_asked_back(ann: Phone) -> None:
    assert ann.say("ABC9") == NOT_VALID
    assert ann.outcome == "shifts"
    assert ann.say("ABC9", answering=texted(campaign("july"))) == NOT_VALID
    assert (ann.outcome, ann.subject) == ("shifts", "july")
    assert ann.say("ABC9", answering="a text that nobody knows") == NOT_VALID
    assert ann.say("ABC9", answering=standing(Status.SENT, BOB, conversation="incidents")) == NOT_VALID
    assert ann.say("ABC9", answering=standing(Status.SENT, conversation="consent")) == NOT_VALID


def test_unknown_codes_in_answer_to_another_conversation_are_none_of_ours(ann: Phone) -> None:
    incident()
    ann.say("ABC9", answering=OutboundMessage.objects.get(destination_phone_number=ANN))
    assert ann.outcome == "not_understood"
    assert OutboundMessage.objects.latest("id").conversation == "incidents"


def test_what_is_not_understood_is_asked_back_only_in_answer_to_ours(ann: Phone) -> None:
    assert ann.say("what is this?") == ""
    assert ann.outcome == "unmatched"
    assert ann.say("what is this?", answering=texted(campaign("july"))) == NOT_VALID
    assert (ann.outcome, ann.subject) == ("not_understood", "july")


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        ("XYZ123 and BADCODE", "Request summary - Shift booked: XYZ123 | Shift doesn't exist: BADCODE"),
        ("XYZ123 BADCODE", "Request summary - Shift booked: XYZ123 | Shift doesn't exist: BADCODE"),
        ("BADCODE, OTHERBAD", NOT_VALID),
        ("BADCODE", NOT_VALID),
        ("badcode", ""),
    ],
)
def test_codes_without_a_digit_that_are_none(ann: Phone, body: str, answer: str) -> None:
    shift("XYZ123")
    assert ann.say(body) == answer
    assert Booking.objects.count() == (1 if "Shift booked" in answer else 0)


@pytest.mark.parametrize("answering", [None, "another"])
def test_drop_is_answered_whatever_follows(ann: Phone, answering: str | None) -> None:
    hint = incident() if answering else None
    assert ann.say("DROP ZZZ999", answering=hint) == "Drop summary - Shift doesn't exist: ZZZ999"
    assert ann.outcome == "shifts"


class TestWhoWritesASentence:
    """It books nothing, and says how to book if it names a shift."""

    @pytest.mark.parametrize(
        "body",
        [
            "can I take XYZ123 on Friday instead",
            "xyz-123 or BADCODE?",
            "I can't do XYZ 123",
            "is XYZ123 from 9:30 to 17:30?",
            "XYZ123 \N{THUMBS DOWN SIGN}",
            "cancel XYZ123",
            "XYZ123 YES PLEASE BUT LATER",
        ],
    )
    def test_is_told_how_to_book_in_answer_to_ours(self, ann: Phone, body: str) -> None:
        shift("XYZ123")
        assert ann.say(body, answering=texted(campaign("july"))) == HOW_TO_BOOK
        assert (ann.outcome, ann.subject) == ("not_understood", "july")
        assert not Booking.objects.exists()

    @pytest.mark.parametrize("answering", [None, "a text that nobody knows"])
    def test_waits_for_staff_when_it_answers_nothing(self, ann: Phone, answering: str | None) -> None:
        """It may be a plea to stop as well."""
        shift("XYZ123")
        texted(campaign("july"))
        assert ann.say("take me off the list XYZ123", answering=answering) == ""
        assert ann.outcome == "unmatched"

    @pytest.mark.parametrize(
        "body", ["can I take ABC9 on Friday", "good morning everybody", "Liked “XYZ123: Night”", "yes, if XYZ9"]
    )
    def test_is_asked_for_a_code_only_in_answer_to_ours(self, ann: Phone, body: str) -> None:
        shift("XYZ123")
        shift("MORNING")
        assert ann.say(body) == ""
        assert ann.outcome == "unmatched"
        assert ann.say(body, answering=texted(campaign("july"))) == NOT_VALID
        assert ann.outcome == "not_understood"

    def test_is_shown_the_code_as_it_is_stored(self, ann: Phone) -> None:
        shift("ab-7")
        said = ann.say("is AB 7 a night shift", answering=texted(campaign("july")))
        assert "e.g. ab-7. To give one back: DROP ab-7." in said

    def test_is_told_in_one_text(self) -> None:
        size = measure(texts.how_to_book("W" * 30))
        assert (size.encoding, size.parts) == (GSM, 1)

    @pytest.mark.parametrize("approved", [None, False])
    def test_is_told_nothing_without_approval(self, ann: Phone, *, approved: bool | None) -> None:
        shift("XYZ123")
        stranger = Phone(BOB)
        if approved is not None:
            employee(BOB, approved=approved)
        assert stranger.say("can I take XYZ123 on Friday instead") == ""
        assert stranger.outcome == "unmatched"

    @pytest.mark.parametrize("body", ["stop texting me about XYZ123", "no more texts for XYZ123", "unsubscribe XYZ123"])
    def test_is_read_by_staff_if_it_may_want_no_more_texts(self, ann: Phone, body: str) -> None:
        shift("XYZ123")
        assert ann.say(body) == ""
        assert ann.outcome == "unmatched"

    @pytest.mark.parametrize("hinted", [True, False])
    def test_is_the_incidents_if_they_understand_it(self, ann: Phone, *, hinted: bool) -> None:
        shift("XYZ123")
        alert = incident("95")
        heard = ann.say("YES 95, then I cannot do XYZ123", answering=alert if hinted else None)
        assert heard.startswith("Thank you. Incident 95 is yours")
        assert ann.outcome == "incidents"

    def test_is_explained_the_incident_in_answer_to_one(self, ann: Phone) -> None:
        shift("XYZ123")
        assert HOW_TO_BOOK not in ann.say("is XYZ123 on Friday", answering=incident("95"))
        assert OutboundMessage.objects.latest("id").conversation == "incidents"

    def test_is_understood_by_the_incidents_in_answer_to_a_campaign(self, ann: Phone) -> None:
        shift("XYZ123")
        incident("95")
        answered = texted(campaign("july"))
        assert ann.say("YES 95, then I cannot do XYZ123", answering=answered).startswith("Thank you. Incident 95")


def test_more_in_passing_counts_only_after_a_request(ann: Phone, time: MovableTime) -> None:
    shift("XYZ123")
    assert ann.say("more") == ""
    assert ann.outcome == "unmatched"
    assert ann.say("more", answering=texted(campaign("july"))).startswith("XYZ123")
    assert ann.say("more") == "These were all the shifts. REQUEST lists them again."
    time.forward(DAY + 60)
    assert ann.say("more") == ""


class TestBesideIncidents:
    """The same number, the same person."""

    def test_a_code_in_answer_to_an_incident_is_booked(self, ann: Phone) -> None:
        shift("XYZ123")
        assert ann.say("XYZ123", answering=incident()) == "Request summary - Shift booked: XYZ123"

    @pytest.mark.parametrize("body", ["YES", "yes 95"])
    @pytest.mark.parametrize("approved", [True, False])
    def test_yes_in_answer_to_a_campaign_is_the_incidents(self, ann: Phone, body: str, *, approved: bool) -> None:
        if not approved:
            Employee.objects.update(approved=False)
        incident("95")
        assert ann.say(body, answering=texted(campaign("july"))).startswith("Thank you. Incident 95 is yours")
        assert Incident.objects.get().status == "acknowledged"
        assert ann.outcome == "incidents"

    def test_yes_is_never_ours(self, ann: Phone) -> None:
        assert ann.say("YES") == ""
        assert ann.outcome == "unmatched"

    def test_an_alert_and_a_shift_of_the_same_name(self, ann: Phone) -> None:
        shift("95")
        alert = incident("95")
        assert ann.say("95", answering=alert) == "Request summary - Shift booked: 95"
        assert ann.say("yes 95", answering=alert).startswith("Thank you. Incident 95 is yours")


class TestCampaigns:
    """For which campaign a text and its bookings count."""

    def counted(self, ann: Phone, answering: OutboundMessage | str | None = None) -> tuple[str, str]:
        """Of the text, and of its booking."""
        shift("XYZ123")
        ann.say("XYZ123", answering)
        booking = Booking.objects.select_related("campaign").get()
        return ann.subject, booking.campaign.campaign_id if booking.campaign else ""

    def test_the_one_it_answers(self, ann: Phone) -> None:
        answered = texted(campaign("june"))
        texted(campaign("july"))
        assert self.counted(ann, answered) == ("june", "june")

    def test_the_last_one_without_a_hint(self, ann: Phone) -> None:
        texted(campaign("july"), seconds_ago=DAY)
        texted(campaign("june"), seconds_ago=2 * DAY)
        texted(campaign("bobs"), to=BOB)
        assert self.counted(ann) == ("july", "july")

    @pytest.mark.parametrize("status", [Status.QUEUED, Status.SUPPRESSED, Status.FAILED, Status.CANCELLED])
    def test_not_one_that_did_not_reach_them(self, ann: Phone, status: Status) -> None:
        texted(campaign("june"), seconds_ago=DAY)
        texted(campaign("july"), status=status)
        assert self.counted(ann) == ("june", "june")

    @pytest.mark.parametrize("status", [Status.SENT, Status.DELIVERED, Status.UNKNOWN])
    def test_one_that_may_have_reached_them(self, ann: Phone, status: Status) -> None:
        texted(campaign("july"), status=status)
        assert self.counted(ann) == ("july", "july")

    def test_not_one_of_long_ago(self, ann: Phone) -> None:
        texted(campaign("july"), seconds_ago=14 * DAY + 60)
        assert self.counted(ann) == ("", "")

    def test_one_that_was_queued_long_ago_and_sent_since(self, ann: Phone, time: MovableTime) -> None:
        text = texted(campaign("july"), seconds_ago=20 * DAY)
        OutboundMessage.objects.update(attempted_at=text.queued_at + timedelta(days=19))
        assert self.counted(ann) == ("july", "july")

    def test_an_answer_to_our_reply_counts_for_the_campaign_of_the_reply(self, ann: Phone) -> None:
        texted(campaign("july"))
        answered = standing(Status.SENT, conversation="shifts", subject=campaign("june").campaign_id)
        assert self.counted(ann, answered) == ("june", "june")

    def test_not_that_of_a_reply_that_they_do_not_answer(self, ann: Phone) -> None:
        texted(campaign("july"))
        standing(Status.SENT, conversation="shifts", subject=campaign("june").campaign_id, priority=Priority.REPLY)
        assert self.counted(ann) == ("july", "july")

    def test_the_reply_has_it_as_well(self, ann: Phone) -> None:
        texted(campaign("july"))
        ann.say("REQUEST")
        reply = OutboundMessage.objects.latest("id")
        assert (reply.conversation, reply.subject, reply.priority) == ("shifts", "july", 10)
        assert reply.is_automatic_reply


@pytest.mark.parametrize("word", ["REQUEST", "MORE", "AGENT", "MINE", "DROP", "REQUESTS", "XYZ123", "XYZ-123"])
def test_words_of_ours_are_reserved(word: str) -> None:
    shift("xyz123")
    assert ShiftReplies().reserves(word).endswith("Choose another word.")


@pytest.mark.parametrize("word", ["WIFI", "HELP", "STOP", "YES", "W9", "24/7", "THANKS"])
def test_other_words_are_free(word: str) -> None:
    assert ShiftReplies().reserves(word) == ""


def test_a_keyword_of_staff_comes_first(ann: Phone) -> None:
    Keyword.objects.create(word="WARD9", text="Second floor.")
    assert ann.say("ward9") == "Second floor."


def test_replies_are_in_their_language(ann: Phone) -> None:
    Contact.objects.update(language="es")
    shift("XYZ123")
    assert ann.say("XYZ123") == "Resumen de la solicitud - Turno reservado: XYZ123"
