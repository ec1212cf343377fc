"""A campaign to five phones and what they answer: outbox, boto3, simulator, webhook, routing, and back."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from incidents.models import Incident
from messaging.models import InboundMessage, OriginationIdentity, OutboundMessage, PartPrice
from messaging.simulator import Simulator
from shifts import campaigns
from shifts.campaigns.work import Campaigns
from shifts.models import Booking, CallBack, Campaign, Shift
from tests.flows.conftest import Handset
from tests.house import House
from tests.messaging.factories import ANN, OUR_NUMBER
from tests.shifts import factories

pytestmark = pytest.mark.django_db(transaction=True)

MESSAGE = "Two nights are open."
HOW = "Reply with the shift codes, e.g. XYZ123, XYZ124. REQUEST lists open shifts. STOP to opt out."
STRANGER = "+14255559999"


@pytest.fixture
def nurses(house: House, simulator: Simulator) -> list[Handset]:
    """Five approved employees of one segment."""
    people = factories.employees(5, segments=["Night nurses"])
    factories.shift("XYZ123", at=24, shift_info="Ward 3")
    factories.shift("XYZ124", at=48, shift_info="Ward 5", places=2)
    return [Handset(simulator, house, one.contact.phone_number) for one in people]


@pytest.fixture
def campaign(house: House, nurses: list[Handset]) -> Callable[..., Campaign]:
    """Sends a campaign to them."""

    def send(campaign_id: str = "july", **fields: object) -> Campaign:
        request = campaigns.Request(campaign_id, MESSAGE, "Night nurses", ("XYZ123", "XYZ124"), **fields)  # type: ignore[arg-type]
        made, _ = campaigns.create(request, actor="hr")
        house.settle()
        house.sweep()
        made.refresh_from_db()
        return made

    return send


def queued_campaign(campaign_id: str = "july") -> Campaign:
    """A campaign whose texts wait for their number."""
    made, _ = campaigns.create(campaigns.Request(campaign_id, MESSAGE, "Night nurses"), actor="hr")
    Campaigns().run()
    assert figures(made).queued == 5
    return made


def figures(campaign: Campaign) -> campaigns.Counts:
    return campaigns.counts([campaign])[campaign.campaign_id]


def test_everybody_gets_one_text_that_says_how_to_book(
    campaign: Callable[..., Campaign], nurses: list[Handset], simulator: Simulator
) -> None:
    made = campaign()
    assert [nurse.texts for nurse in nurses] == [[f"{MESSAGE}\n{HOW}"]] * 5
    assert {sent.message_type for sent in simulator.sent} == {"PROMOTIONAL"}
    assert (made.status, figures(made).sent, figures(made).recipients) == ("sent", 5, 5)


def test_the_first_has_the_shift_and_the_second_is_told(
    campaign: Callable[..., Campaign], nurses: list[Handset]
) -> None:
    made = campaign()
    nurses[0].says("xyz123, XYZ124,")
    nurses[1].says("I can take XYZ123 and XYZ124 please")
    assert nurses[0].last == "Request summary - Shift booked: XYZ123, XYZ124"
    assert nurses[1].last == "Request summary - Shift booked: XYZ124 | Shift not available: XYZ123"
    assert (figures(made).replied, figures(made).booked) == (2, 2)
    assert {booking.campaign_id for booking in Booking.objects.all()} == {made.pk}


def test_a_whole_evening_of_one_employee(campaign: Callable[..., Campaign], nurses: list[Handset]) -> None:
    campaign()
    nurse, other = nurses[:2]
    nurse.says("Request")
    assert [line.split(":")[0] for line in nurse.last.splitlines()] == [
        "XYZ123",
        "XYZ124",
        "Reply with the codes you want.",
    ]
    nurse.says("XYZ123")
    nurse.says("mine")
    assert "XYZ123: Ward 3" in nurse.last
    other.says("XYZ123")
    assert other.last == "Request summary - Shift not available: XYZ123"
    nurse.says("drop xyz123")
    assert nurse.last == "Drop summary - Given back: XYZ123"
    other.says("XYZ123")
    assert other.last == "Request summary - Shift booked: XYZ123"
    assert Shift.objects.get(shift_id="XYZ123").booked == 1


def test_gibberish_and_a_yes_are_asked_for_a_code(campaign: Callable[..., Campaign], nurses: list[Handset]) -> None:
    campaign()
    for body in ("XYZ999", "what?", "YES"):
        nurses[0].says(body)
        assert nurses[0].last == (
            "This is not a valid shift code, please reply by typing REQUEST to view the available shifts"
        )
    assert not Booking.objects.exists()


def test_a_redelivered_code_changes_nothing_and_tells_nothing_new(
    campaign: Callable[..., Campaign], nurses: list[Handset]
) -> None:
    campaign()
    for _ in range(3):
        nurses[0].says("XYZ123", inbound_id="the-same")
    assert nurses[0].texts[1:] == ["Request summary - Shift booked: XYZ123"]
    nurses[0].says("XYZ123")
    assert nurses[0].last == "Request summary - Already yours: XYZ123"
    assert Shift.objects.get(shift_id="XYZ123").booked == 1


def test_a_code_is_understood_whatever_was_texted_last(
    campaign: Callable[..., Campaign],
    incident: Callable[..., Incident],
    nurses: list[Handset],
    ann: Handset,
    house: House,
) -> None:
    """AWS names the alert; YES goes to the incident and the code to the shift, and the other way round."""
    factories.employee(ANN, segments=["Night nurses"])
    campaign()
    incident("123")
    ann.says("XYZ123")
    assert ann.last == "Request summary - Shift booked: XYZ123"
    ann.says("yes")
    assert "Thank you" in ann.last
    assert Incident.objects.get().status == "acknowledged"


def test_an_incident_is_answered_by_somebody_whose_last_text_was_a_campaign(
    campaign: Callable[..., Campaign], incident: Callable[..., Incident], nurses: list[Handset], ann: Handset
) -> None:
    factories.employee(ANN, segments=["Night nurses"])
    incident("123")
    campaign()
    assert ann.last.startswith(MESSAGE)
    ann.says("YES 123")
    assert Incident.objects.get().status == "acknowledged"


def test_an_alert_overtakes_a_campaign(
    incident: Callable[..., Incident], nurses: list[Handset], ann: Handset, simulator: Simulator
) -> None:
    OriginationIdentity.objects.update(mps=1)
    queued_campaign()
    incident("123")
    assert simulator.sent[0].destination == ANN
    assert len(simulator.sent) == 6


def test_a_stop_ends_the_campaign_for_one_and_join_brings_them_back(
    campaign: Callable[..., Campaign], nurses: list[Handset]
) -> None:
    campaign()
    nurses[0].says("stop")
    second = campaign("august")
    assert len(nurses[0].texts) == 2, "the campaign, and the confirmation"
    assert (figures(second).suppressed, figures(second).sent) == (1, 4)
    nurses[0].says("join")
    campaign("september")
    assert nurses[0].last.startswith(MESSAGE)


def test_whoever_is_not_approved_gets_no_campaign_and_one_answer_a_day(
    campaign: Callable[..., Campaign], nurses: list[Handset], simulator: Simulator, house: House
) -> None:
    refused = Handset(
        simulator, house, factories.employee(approved=False, segments=["Night nurses"]).contact.phone_number
    )
    stranger = Handset(simulator, house, STRANGER)
    made = campaign()
    assert (refused.texts, figures(made).suppressed) == ([], 1)
    for handset in (refused, stranger):
        for body in ("XYZ123", "request", "AGENT"):
            handset.says(body)
        assert handset.texts == ["NOT-AUTHORISED please contact the administrator"]
        handset.says("hello there")
        assert len(handset.texts) == 1
        assert InboundMessage.objects.latest("id").outcome == "unmatched"
    assert not Booking.objects.exists()
    assert not CallBack.objects.exists()


def test_agent_without_connect_is_a_call_back_of_the_staff(
    campaign: Callable[..., Campaign], nurses: list[Handset]
) -> None:
    campaign()
    nurses[0].says("Agent, please")
    assert nurses[0].last == "Your request is noted, staff will call you."
    nurses[1].says("agentic")
    assert CallBack.objects.values_list("phone_number", "status").get() == (nurses[0].number, "waiting")
    nurses[0].says("AGENT")
    assert CallBack.objects.count() == 1


def test_shifts_are_listed_in_pages(nurses: list[Handset]) -> None:
    for number in range(60):
        factories.shift(f"DAY{number:03}", at=100 + number, shift_info="A day on the ward with the long corridor")
    nurse = nurses[0]
    nurse.says("REQUEST")
    seen = nurse.last
    while "MORE lists the rest" in nurse.last:
        nurse.says("More")
        seen += "\n" + nurse.last
        # A person asks on: ten minutes later nobody takes it for a loop of machines.
        nurse._house.forward(601, step=601)
    listed = [line.split(":")[0] for line in seen.splitlines() if ": " in line]
    assert listed == ["XYZ123", "XYZ124", *(f"DAY{number:03}" for number in range(60))]


def test_a_campaign_paused_resumed_and_cancelled(nurses: list[Handset], house: House, simulator: Simulator) -> None:
    queued_campaign()
    campaigns.pause("july", actor="hr")
    house.forward(10)
    assert simulator.sent == []
    campaigns.resume("july", actor="hr")
    house.forward(3)
    assert len(simulator.sent) == 5
    other = queued_campaign("august")
    campaigns.cancel("august", actor="hr")
    house.forward(10)
    assert len(simulator.sent) == 5
    assert figures(other).cancelled == 5
    assert [one.status for one in Campaign.objects.order_by("id")] == ["sent", "cancelled"]


def test_hr_by_api(nurses: list[Handset], house: House) -> None:
    api = APIClient()
    api.force_authenticate(User.objects.create_superuser("hr"))
    content = {"campaign_id": "july", "campaign_message": MESSAGE, "segment": "night nurses", "shifts": ["xyz123"]}
    assert api.post("/api/v1/campaigns/", content | {"draft": True}).status_code == 201
    PartPrice.objects.get_or_create(iso_country_code="", defaults={"price": "0.05"})
    preview = api.get("/api/v1/campaigns/july/preview/").json()
    assert (preview["recipients"], preview["parts"], preview["estimated_cost_currency"]) == (5, 1, "USD")
    assert api.post("/api/v1/campaigns/july/send/").status_code == 200
    house.settle()
    house.sweep()
    nurses[2].says("XYZ123")
    shown = api.get("/api/v1/campaigns/july/").json()
    assert (shown["status"], shown["counts"]["sent"], shown["counts"]["booked"]) == ("sent", 5, 1)
    shift = api.get("/api/v1/shifts/xyz123/").json()
    assert shift["shift_status"] == "taken"
    assert [one["phone_number"] for one in shift["employees"]] == [nurses[2].number]
    assert [row["outcome"] for row in api.get("/api/v1/inbound/").json()["results"]] == ["shifts"]


def test_replies_leave_from_the_number_that_was_written_to(
    campaign: Callable[..., Campaign], nurses: list[Handset]
) -> None:
    OriginationIdentity.objects.create(identity="+14255550199", kind="ten_dlc", iso_country_code="US", mps=100)
    campaign(origination_identity="+14255550199")
    assert set(OutboundMessage.objects.values_list("origination_identity", flat=True)) == {"+14255550199"}
    nurses[0].says("REQUEST")
    assert OutboundMessage.objects.latest("id").origination_identity == OUR_NUMBER
    assert InboundMessage.objects.get().subject == "july"


def test_a_booking_is_confirmed_however_much_was_asked_before(nurses: list[Handset]) -> None:
    nurse = nurses[0]
    for _ in range(7):
        nurse.says("REQUEST")
    assert len(nurse.texts) == 5, "seven answers in a minute might be a loop"
    nurse.says("XYZ123")
    assert nurse.last == "Request summary - Shift booked: XYZ123"
    nurse.says("DROP XYZ123")
    assert nurse.last == "Drop summary - Given back: XYZ123"
    before = len(nurse.texts)
    nurse.says("DROP XYZ123")
    assert len(nurse.texts) == before, "nothing has changed"
    nurse.says("AGENT")
    assert nurse.last == "Your request is noted, staff will call you."
    nurse.says("AGENT")
    assert len(nurse.texts) == before + 1


def test_thanks_need_no_answer(campaign: Callable[..., Campaign], nurses: list[Handset]) -> None:
    campaign()
    nurses[0].says("XYZ123")
    before = len(nurses[0].texts)
    nurses[0].says("Thank you!")
    assert len(nurses[0].texts) == before
    assert InboundMessage.objects.latest("id").outcome == "shifts"
