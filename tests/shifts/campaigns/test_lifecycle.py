"""Which moves a campaign makes, who makes them, and what everybody else is told."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from messaging import clock
from messaging.models import OriginationIdentity, OutboundMessage, Withheld
from messaging.models import Status as Sent
from shifts.campaigns import DifferentContent, NotAllowed, cancel, create, edit, lifecycle, pause, resume, send
from shifts.models import Campaign, CampaignAct, Segment, Shift, Status
from tests.messaging.factories import standing
from tests.moving import MovableTime
from tests.shifts.campaigns.conftest import ask, claim, crowd, expand, fresh, rows, sent_to, settle, statuses
from tests.shifts.factories import campaign, shift
from tests.together import together

pytestmark = pytest.mark.django_db

Act = Callable[..., Campaign]
ACTS: dict[str, Act] = {"send": send, "pause": pause, "resume": resume, "cancel": cancel}

# (act, from) → to. Whatever is not here is refused.
ALLOWED = {
    ("send", Status.DRAFT): Status.SENDING,
    ("pause", Status.SENDING): Status.PAUSED,
    ("resume", Status.PAUSED): Status.SENDING,
    ("cancel", Status.DRAFT): Status.CANCELLED,
    ("cancel", Status.SCHEDULED): Status.CANCELLED,
    ("cancel", Status.SENDING): Status.CANCELLED,
    ("cancel", Status.PAUSED): Status.CANCELLED,
}


def acts(row: Campaign) -> list[tuple[str, str]]:
    return list(row.acts.values_list("status", "actor"))


def soon(seconds: float = 3600) -> Any:
    return clock.now() + timedelta(seconds=seconds)


class TestMoves:
    @pytest.mark.parametrize("status", Status.values)
    @pytest.mark.parametrize("act", ACTS)
    def test_every_act_on_every_status(self, nurses: Segment, act: str, status: str) -> None:
        row = campaign(status=status)
        before = Campaign.objects.values().get()
        if (to := ALLOWED.get((act, Status(status)))) is not None:
            assert ACTS[act]("july", actor="hr").status == to
            assert fresh(row).status == to
            assert acts(row) == [(to, "hr")]
            assert (fresh(row).ended_at is not None) is (to == Status.CANCELLED)
            return
        with pytest.raises(NotAllowed) as refusal:
            ACTS[act]("july", actor="hr")
        assert f"The campaign is {status}. Only one that is " in str(refusal.value)
        assert Campaign.objects.values().get() == before
        assert acts(row) == []
        assert not Withheld.objects.exists()

    @pytest.mark.parametrize("status", Status.values)
    def test_only_what_has_not_begun_is_edited(self, nurses: Segment, status: str) -> None:
        row = campaign(status=status)
        before = Campaign.objects.values().get()
        changed = ask(campaign_message="Other words", scheduled_at=soon())
        if status in {Status.DRAFT, Status.SCHEDULED}:
            assert edit("july", changed, actor="hr").campaign_message == "Other words"
            assert fresh(row).status == status
            return
        with pytest.raises(NotAllowed, match=f"The campaign is {status}: it can be edited only before it is sent"):
            edit("july", changed, actor="hr")
        assert Campaign.objects.values().get() == before

    @pytest.mark.parametrize("status", Status.values)
    def test_time_begins_only_what_is_scheduled(self, nurses: Segment, status: str) -> None:
        row = campaign(status=status, scheduled_at=clock.now())
        lifecycle.start_due("july")
        expected = Status.SENDING if status == Status.SCHEDULED else status
        assert fresh(row).status == expected
        assert acts(row) == ([(Status.SENDING, "")] if status == Status.SCHEDULED else [])

    @pytest.mark.parametrize("status", Status.values)
    def test_only_what_is_being_sent_comes_to_its_end(self, nurses: Segment, status: str) -> None:
        row = campaign(status=status, expanded_at=clock.now())
        lifecycle.finish("july")
        assert fresh(row).status == (Status.SENT if status == Status.SENDING else status)
        assert acts(row) == ([(Status.SENT, "")] if status == Status.SENDING else [])

    def test_the_table_of_moves_is_kept_to_below_the_acts(self, nurses: Segment) -> None:
        row = campaign(status="sent")
        for status in Status:
            with pytest.raises(NotAllowed, match=f"is sent and cannot become {status.label.lower()}"):
                lifecycle._move(row, status, "hr")
        assert set(lifecycle.LEGAL) == set(Status)


class TestCreate:
    def test_it_is_sent_at_once(self, nurses: Segment) -> None:
        row, new = create(ask(), actor="hr")
        assert (new, row.status, row.created_by, row.started_at is not None) == (True, "sending", "hr", True)
        assert acts(row) == [("draft", "hr"), ("sending", "hr")]

    def test_or_at_its_time(self, nurses: Segment) -> None:
        row, _ = create(ask(scheduled_at=soon()), actor="hr")
        assert (row.status, row.started_at, row.text) == ("scheduled", None, "")
        assert acts(row) == [("draft", "hr"), ("scheduled", "hr")]

    def test_or_when_somebody_says_so(self, nurses: Segment) -> None:
        row, _ = create(ask(draft=True), actor="hr")
        assert acts(row) == [("draft", "hr")]
        assert send("july", actor="boss").status == "sending"
        assert acts(row)[1:] == [("sending", "boss")]

    @pytest.mark.parametrize(("seconds", "becomes"), [(3600, "scheduled"), (-1, "sending")])
    def test_a_draft_with_a_time_waits_for_it_unless_it_is_past(
        self, nurses: Segment, seconds: float, becomes: str
    ) -> None:
        create(ask(draft=True, scheduled_at=soon()), actor="hr")
        Campaign.objects.update(scheduled_at=soon(seconds))
        assert send("july", actor="hr").status == becomes

    def test_its_rows_are_as_asked_for(self, nurses: Segment, number: OriginationIdentity) -> None:
        shifts = [shift("A1"), shift("B2")]
        create(
            ask(
                shifts=("b2", "a1"), footer="Text {codes}", origination_identity=number.identity, scheduled_at=soon(60)
            ),
            actor="hr",
        )
        row = Campaign.objects.get()
        assert (row.segment, set(row.shifts.all()), row.footer) == (nurses, set(shifts), "Text {codes}")
        assert row.origination_identity == number.identity
        assert row.scheduled_at is not None

    def test_a_repeat_returns_the_first_and_makes_nothing(self, nurses: Segment) -> None:
        shift("A1")
        first, _ = create(ask(shifts=("A1",)), actor="hr")
        expand()
        again, new = create(ask(shifts=(" a1",), segment="NIGHT NURSES"), actor="somebody else")
        assert (again.pk, new, again.created_by) == (first.pk, False, "hr")
        assert (Campaign.objects.count(), rows().count(), len(acts(first))) == (1, 4, 2)

    def test_a_repeat_after_its_time_or_when_what_it_names_is_gone_returns_the_first(
        self, nurses: Segment, time: MovableTime
    ) -> None:
        request = ask(scheduled_at=soon(60))
        first, _ = create(request, actor="hr")
        time.forward(120)
        OriginationIdentity.objects.update(active=False)
        assert create(request, actor="hr") == (first, False)

    def test_other_content_under_the_same_id_is_refused(self, nurses: Segment) -> None:
        create(ask(), actor="hr")
        with pytest.raises(DifferentContent, match=r"july exists with other content\. Give a new campaign another id"):
            create(ask(campaign_message="Other"), actor="hr")
        # Also when it could not be sent at all: the id is what is wrong.
        with pytest.raises(DifferentContent):
            create(ask(segment="Nobody"), actor="hr")

    def test_an_edited_one_is_no_longer_what_was_asked_for(self, nurses: Segment) -> None:
        create(ask(draft=True), actor="hr")
        edit("july", ask(draft=True, campaign_message="New"), actor="hr")
        with pytest.raises(DifferentContent):
            create(ask(draft=True), actor="hr")
        assert create(ask(draft=True, campaign_message="New"), actor="hr")[1] is False


class TestTogether:
    pytestmark = pytest.mark.django_db(transaction=True)

    def test_of_two_creators_one_makes_it(self, nurses: Segment) -> None:
        for round_ in range(5):
            request = ask(f"c{round_}")
            made = together(*[partial(create, request, actor="hr")] * 4)
            assert sorted(new for _, new in made) == [False, False, False, True]
            assert len({row.pk for row, _ in made}) == 1
        assert CampaignAct.objects.count() == 10

    def test_of_two_creators_with_other_content_one_is_refused(self, nurses: Segment) -> None:
        def make(words: str) -> str:
            try:
                return create(ask(campaign_message=words), actor="hr")[0].campaign_message
            except DifferentContent:
                return "refused"

        told = together(lambda: make("one"), lambda: make("two"))
        assert sorted(told) == sorted(["refused", Campaign.objects.get().campaign_message])

    @pytest.mark.parametrize(("act", "status"), [*ALLOWED])
    def test_of_two_who_do_the_same_one_did_it(self, nurses: Segment, act: str, status: Status) -> None:
        row = campaign(status=status)

        def try_it(actor: str) -> str:
            try:
                ACTS[act]("july", actor=actor)
            except NotAllowed as problem:
                assert f"The campaign is {ALLOWED[act, status]}" in str(problem)  # noqa: PT017
                return ""
            return actor

        told = together(lambda: try_it("one"), lambda: try_it("two"))
        winner = max(told)
        assert sorted(told) == ["", winner]
        assert acts(row) == [(ALLOWED[act, status], winner)]

    def test_of_pause_and_cancel_both_may_be_done_but_cancel_is_last(self, nurses: Segment) -> None:
        for round_ in range(5):
            row = campaign(f"c{round_}", status="sending")

            def try_it(act: Act, row: Campaign = row) -> bool:
                try:
                    act(row.campaign_id, actor="hr")
                except NotAllowed:
                    return False
                return True

            together(lambda: try_it(pause), lambda: try_it(cancel), lambda: try_it(resume))
            assert fresh(row).status == "cancelled"
            assert acts(row)[-1] == ("cancelled", "hr")

    def test_who_edits_while_it_is_sent_is_told(self, nurses: Segment) -> None:
        for round_ in range(5):
            row, _ = create(ask(f"c{round_}", draft=True), actor="hr")

            def change(row: Campaign = row) -> str:
                try:
                    edit(row.campaign_id, ask(row.campaign_id, campaign_message="New"), actor="hr")
                except NotAllowed:
                    return "refused"
                return "edited"

            told = together(change, lambda row=row: send(row.campaign_id, actor="hr").status)  # type: ignore[misc]
            new = fresh(row)
            assert new.status == "sending"
            assert new.text.startswith("New" if "edited" in told else "Shifts are open.")
            assert new.campaign_message == ("New" if "edited" in told else "Shifts are open.")


class TestTheText:
    def test_it_is_frozen_when_sending_begins(self, nurses: Segment) -> None:
        row = shift("A1", places=1)
        sent, _ = create(ask(shifts=("A1",)), actor="hr")
        Shift.objects.filter(pk=row.pk).update(booked=1)
        Campaign.objects.update(campaign_message="Other", footer="Other")
        pause("july", actor="hr")
        resume("july", actor="hr")
        expand()
        assert fresh(sent).text == sent.text
        assert set(rows().values_list("body", flat=True)) == {sent.text}
        assert "A1" in sent.text

    def test_a_scheduled_one_names_what_is_open_when_it_begins(self, nurses: Segment, time: MovableTime) -> None:
        shift("A1", at=1)
        shift("B2", at=24)
        row, _ = create(ask(shifts=("A1", "B2"), scheduled_at=soon(2 * 3600)), actor="hr")
        time.forward(2 * 3600)
        lifecycle.start_due("july")
        assert "e.g. B2." in fresh(row).text

    def test_a_scheduled_one_that_can_no_longer_be_sent_is_cancelled_and_says_why(
        self, nurses: Segment, time: MovableTime
    ) -> None:
        # Two undated shifts with long codes are freed; the text has grown since it was checked.
        for code in ("A" * 29 + "1", "B" * 29 + "2"):
            shift(code, places=1, booked=1)
        codes = ("A" * 29 + "1", "B" * 29 + "2")
        length = 1530 - len("\n")
        row, _ = create(
            ask(campaign_message="x" * length, footer="{codes}", shifts=codes, scheduled_at=soon(60)), actor="hr"
        )
        Shift.objects.update(booked=0)
        time.forward(60)
        lifecycle.start_due("july")
        row = fresh(row)
        assert (row.status, row.started_at, row.text) == ("cancelled", None, "")
        assert "at most 1530 can be sent" in row.problem
        assert row.ended_at is not None
        assert acts(row)[-1] == ("cancelled", "")
        lifecycle.start_due("july")
        assert len(acts(row)) == 3

    def test_a_draft_that_can_no_longer_be_sent_stays_a_draft(self, nurses: Segment) -> None:
        row = campaign(campaign_message="x" * 1530)
        with pytest.raises(ValidationError) as refusal:
            send("july", actor="hr")
        assert "campaign_message" in refusal.value.message_dict
        assert (fresh(row).status, acts(row)) == ("draft", [])

    def test_a_problem_that_is_long_is_shortened(self, nurses: Segment) -> None:
        row = campaign(status="sending")
        pause("july", actor="", problem="x" * 400)
        assert len(fresh(row).problem) == 300
        assert resume("july", actor="hr").problem == ""


class TestTime:
    def test_never_early_whoever_asks(self, nurses: Segment, time: MovableTime) -> None:
        row, _ = create(ask(scheduled_at=soon(60)), actor="hr")
        time.forward(59)
        lifecycle.start_due("july")
        assert fresh(row).status == "scheduled"
        time.forward(1)
        lifecycle.start_due("july")
        assert fresh(row).status == "sending"
        assert fresh(row).started_at >= row.scheduled_at  # type: ignore[operator]

    def test_a_scheduled_one_needs_a_time_when_it_is_edited(self, nurses: Segment) -> None:
        row, _ = create(ask(scheduled_at=soon()), actor="hr")
        with pytest.raises(ValidationError) as refusal:
            edit("july", ask(), actor="hr")
        assert "give a time, or cancel it" in refusal.value.message_dict["scheduled_at"][0]
        assert fresh(row).scheduled_at is not None

    def test_a_time_that_is_moved_is_the_one_that_counts(self, nurses: Segment, time: MovableTime) -> None:
        row, _ = create(ask(scheduled_at=soon(60)), actor="hr")
        edit("july", ask(scheduled_at=soon(600)), actor="hr")
        time.forward(300)
        lifecycle.start_due("july")
        assert fresh(row).status == "scheduled"

    def test_editing_changes_all_that_was_asked_for_and_nothing_else(self, nurses: Segment) -> None:
        shift("A1")
        shift("B2")
        crowd(1, begin=100, name="Day nurses")
        row, _ = create(ask(shifts=("A1",), draft=True), actor="hr")
        edit("july", ask(segment="Day nurses", shifts=("B2",), footer="{codes}", draft=True), actor="boss")
        row = fresh(row)
        assert (row.segment.name, row.footer, row.created_by) == ("Day nurses", "{codes}", "hr")
        assert [one.shift_id for one in row.shifts.all()] == ["B2"]

    def test_a_refused_edit_changes_nothing(self, nurses: Segment) -> None:
        row, _ = create(ask(draft=True), actor="hr")
        with pytest.raises(ValidationError):
            edit("july", ask(campaign_message="New", shifts=("NONE1",), draft=True), actor="hr")
        assert fresh(row).campaign_message == "Shifts are open."


class TestTheEnd:
    def test_sent_only_when_every_text_has_left_or_ended(self, number: OriginationIdentity) -> None:
        row = sent_to(4)
        lifecycle.finish("july")
        assert fresh(row).status == "sending", "nobody has a row yet"
        expand()
        keys = list(rows().values_list("pk", flat=True))
        for key, status in zip(keys, (Sent.CANCELLED, Sent.FAILED, Sent.SUPPRESSED, Sent.QUEUED), strict=True):
            OutboundMessage.objects.filter(pk=key).update(status=status)
        for status in (Sent.QUEUED, Sent.SENDING):
            OutboundMessage.objects.filter(pk=keys[3]).update(status=status)
            lifecycle.finish("july")
            assert fresh(row).status == "sending"
        OutboundMessage.objects.filter(pk=keys[3]).update(status=Sent.UNKNOWN)
        lifecycle.finish("july")
        assert (fresh(row).status, fresh(row).ended_at is not None) == ("sent", True)

    def test_a_row_kept_out_of_its_lane_has_not_left(self, number: OriginationIdentity) -> None:
        row = sent_to(1)
        expand()
        OutboundMessage.objects.update(withheld=True)
        lifecycle.finish("july")
        assert fresh(row).status == "sending"

    def test_an_answer_that_waits_and_other_campaigns_do_not_keep_it(self, number: OriginationIdentity) -> None:
        row = sent_to(1)
        expand()
        OutboundMessage.objects.update(status=Sent.FAILED)
        standing(Sent.QUEUED, conversation="shifts", subject="july", priority=10)
        standing(Sent.QUEUED, conversation="shifts", subject="august", priority=30)
        standing(Sent.QUEUED, conversation="incidents", subject="july", priority=30)
        lifecycle.finish("july")
        assert fresh(row).status == "sent"

    def test_not_while_it_is_settling(self, number: OriginationIdentity) -> None:
        row = sent_to(1)
        expand()
        pause("july", actor="hr")
        resume("july", actor="hr")
        OutboundMessage.objects.update(status=Sent.FAILED)
        lifecycle.finish("july")
        assert fresh(row).status == "sending"
        settle()
        lifecycle.finish("july")
        assert fresh(row).status == "sent"

    def test_an_empty_segment_ends_sent(self, number: OriginationIdentity) -> None:
        row = sent_to(0)
        assert expand() == 1
        lifecycle.finish("july")
        assert fresh(row).status == "sent"
        assert statuses() == []

    def test_a_draft_or_scheduled_one_that_is_cancelled_withholds_nothing(self, nurses: Segment) -> None:
        for status in ("draft", "scheduled"):
            row = campaign(status, status=status)
            cancel(status, actor="hr")
            assert not fresh(row).settling
        assert not Withheld.objects.exists()


def test_a_refused_pause_leaves_the_texts_where_they_are(number: OriginationIdentity) -> None:
    sent_to(2)
    expand()
    cancel("july", actor="hr")
    settle()
    with pytest.raises(NotAllowed):
        pause("july", actor="hr")
    assert not Withheld.objects.exists()
    assert claim() == []


def test_an_unknown_campaign_is_no_campaign(db: None) -> None:
    for act in ACTS.values():
        with pytest.raises(Campaign.DoesNotExist):
            act("none", actor="hr")
