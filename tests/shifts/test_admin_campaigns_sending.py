"""The dialog that sends a campaign: it states numbers, and exactly those are sent."""

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client

from messaging import clock
from messaging.models import OriginationIdentity, OutboundMessage, PartPrice
from shifts import campaigns
from shifts.campaigns import reach
from shifts.campaigns.audience import Everybody
from shifts.models import Campaign, SegmentMember
from tests.incidents.test_admin import staff
from tests.messaging.factories import ANN, BOB
from tests.moving import MovableTime
from tests.shifts.campaigns.conftest import says_stop
from tests.shifts.factories import campaign, employee, employees, holding, segment, shift
from tests.shifts.test_admin_campaigns import LIST, plain, status


@pytest.fixture
def olga(number: OriginationIdentity, time: MovableTime) -> Client:
    """Somebody of HR, and five people in the segment."""
    employees(5, segments=["Night nurses"])
    return staff("view_campaign", "add_campaign", "change_campaign")


def shown(client: Client, row: Campaign, action: str = "send_now") -> tuple[str, str]:
    """What the dialog says, and what goes along with a yes to it."""
    html = client.get(f"{LIST}{row.pk}/{action}/").content.decode()
    return plain(html), _token(html)


def _token(html: str) -> str:
    found = re.search(r'name="shown" value="(\w+)"', html)
    assert found
    return found[1]


def say_yes(client: Client, row: Campaign, token: str, action: str = "send_now") -> Any:
    return client.post(f"{LIST}{row.pk}/{action}/", {"_form_submitted": "on", "shown": token})


def test_it_states_the_numbers(olga: Client) -> None:
    PartPrice.objects.update(price=Decimal("0.01"), currency="USD")
    OriginationIdentity.objects.update(mps=2)
    employee(ANN, approved=False, segments=["Night nurses"])
    told, _ = shown(olga, campaign(campaign_message="x" * 160))
    assert (
        "This texts 5 people. 2 parts each, about 0.10 USD in all; it takes about 5 seconds at 2 parts a second."
        in told
    )
    assert "Not texted: 1 person not approved. Who has opted out by then gets no text." in told
    assert "x" * 160 in told


def test_it_states_the_time(olga: Client) -> None:
    later = campaign("later", scheduled_at=clock.now() + timedelta(days=3))
    assert re.search(r"This texts 5 people on \w+ \d+ \w+ \d+, \d\d:\d\d\.", shown(olga, later, "schedule")[0])
    past = campaign("past", scheduled_at=clock.now() - timedelta(minutes=1))
    told, _ = shown(olga, past)
    assert "This texts 5 people. " in told
    assert "Its time has passed" in told


def test_a_yes_to_what_was_shown_sends(olga: Client) -> None:
    row = campaign()
    _, token = shown(olga, row)
    assert say_yes(olga, row, token).status_code == 302
    assert status(row) == "sending"


def _edit(row: Campaign) -> None:
    request = campaigns.Request("july", "Other words.", "Night nurses", draft=True)
    campaigns.edit("july", request, actor="somebody else")


def _join(row: Campaign) -> None:
    employee(ANN, segments=["Night nurses"])


def _leave(row: Campaign) -> None:
    SegmentMember.objects.filter(employee__contact__phone_number="+14255560001").delete()


def _opt_out(row: Campaign) -> None:
    says_stop("+14255560001")


def _take(row: Campaign) -> None:
    holding(employee(BOB), row.shifts.get())


def _dearer(row: Campaign) -> None:
    PartPrice.objects.update(price=Decimal("0.5"))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (_edit, "Other words."),
        (_join, "This texts 6 people."),
        (_leave, "This texts 4 people."),
        (_opt_out, "This texts 4 people."),
        (_take, "N301 has no place left"),
        (_dearer, "about 2.50 USD in all"),
    ],
)
def test_a_yes_to_what_has_changed_since_sends_nothing_and_shows_the_dialog_anew(
    olga: Client, change: Any, says: str
) -> None:
    row = campaign(shifts=[shift("N301", at=20)])
    before, token = shown(olga, row)
    assert says not in before
    change(row)
    answer = say_yes(olga, row, token)
    assert answer.status_code == 200
    html = answer.content.decode()
    assert "Something has changed since this was shown" in html
    assert says in plain(html)
    assert (status(row), OutboundMessage.objects.count()) == ("draft", 0)
    # A yes to this is one to what is true now.
    assert say_yes(olga, row, _token(html)).status_code == 302
    assert status(row) == "sending"


def _counts(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The audiences that are gone through from now on."""
    gone_through: list[str] = []
    real = Everybody.chunk

    def chunk(self: Everybody, after: int, last: int) -> Any:
        gone_through.append(self.name)
        return real(self, after, last)

    monkeypatch.setattr(Everybody, "chunk", chunk)
    return gone_through


def test_a_large_audience_is_counted_once_to_be_shown_and_once_for_the_yes(
    olga: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reach, "_LARGE", 5)
    row = campaign()
    counted = _counts(monkeypatch)
    assert olga.get(f"{LIST}{row.pk}/change/").status_code == 200
    assert len(counted) == 1
    told, token = shown(olga, row)
    assert "This texts 5 people." in told
    assert len(counted) == 1
    # What was counted a moment ago is shown, and is no excuse.
    says_stop("+14255560001")
    assert "This texts 5 people." in shown(olga, row)[0]
    answer = say_yes(olga, row, token)
    assert "This texts 4 people." in plain(answer.content.decode())
    assert "Something has changed since this was shown" in answer.content.decode()
    assert (status(row), len(counted)) == ("draft", 2)
    assert say_yes(olga, row, _token(answer.content.decode())).status_code == 302
    assert (status(row), len(counted)) == ("sending", 3)


def test_what_was_counted_of_others_is_not_shown(olga: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reach, "_LARGE", 5)
    row = campaign()
    assert "This texts 5 people." in shown(olga, row)[0]
    _join(row)
    assert "This texts 6 people." in shown(olga, row)[0]
    employees(5, begin=100, segments=["Day nurses"])
    other = campaign("other", segment=segment("Day nurses"))
    SegmentMember.objects.filter(segment=other.segment).first().delete()  # type: ignore[union-attr]
    assert "This texts 4 people." in shown(olga, other)[0]
    OriginationIdentity.objects.create(identity="+14255550101", kind="ten_dlc", mps=1)
    Campaign.objects.filter(pk=row.pk).update(origination_identity="+14255550101")
    counted = _counts(monkeypatch)
    shown(olga, row)
    assert len(counted) == 1


def test_a_small_audience_is_counted_whenever_it_is_shown(olga: Client) -> None:
    row = campaign()
    assert "This texts 5 people." in shown(olga, row)[0]
    _opt_out(row)
    assert "This texts 4 people." in shown(olga, row)[0]


def test_a_time_that_passes_while_the_dialog_is_open_is_asked_about_again(olga: Client, time: MovableTime) -> None:
    row = campaign(scheduled_at=clock.now() + timedelta(minutes=1))
    _, token = shown(olga, row, "schedule")
    time.forward(120)
    answer = say_yes(olga, row, token, "schedule")
    assert answer.status_code == 200
    assert "Its time has passed: it would be sent at once." in plain(answer.content.decode())
    assert status(row) == "draft"


def test_a_yes_to_nothing_shows_the_dialog(olga: Client) -> None:
    row = campaign()
    answer = olga.post(f"{LIST}{row.pk}/send_now/", {"_form_submitted": "on"})
    assert answer.status_code == 200
    assert "This texts 5 people." in plain(answer.content.decode())
    assert "Something has changed" not in answer.content.decode()
    assert status(row) == "draft"


def test_a_change_between_the_look_and_the_lock_is_refused(olga: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two tabs, one instant: the form has found nothing changed, and then the draft is edited before it is sent."""
    row = campaign()
    _, token = shown(olga, row)
    real = campaigns.send

    def late(campaign_id: str, **how: Any) -> Campaign:
        _edit(row)
        return real(campaign_id, **how)

    monkeypatch.setattr(campaigns, "send", late)
    answer = say_yes(olga, row, token)
    (told,) = [str(one) for one in get_messages(answer.wsgi_request)]
    assert told == "july was changed since you looked at it, so nothing was sent. Look at it again."
    assert status(row) == "draft"


def test_what_was_shown_to_a_system_is_nothing(olga: Client) -> None:
    """The API sends without a dialog."""
    row = campaign()
    campaigns.send("july", actor="api:robot")
    assert status(row) == "sending"
