"""Campaigns and lists of employees from the command line."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from messaging import clock
from messaging.models import OriginationIdentity, Status
from optout import ledger, many
from optout.ledger import Entry
from shifts import campaigns
from shifts.campaigns.work import Campaigns
from shifts.models import Campaign, CampaignAct, Employee, Segment
from tests.commands import Ran, run
from tests.messaging.api.conftest import api, client_with
from tests.messaging.factories import ANN, BOB, OUR_NUMBER
from tests.moving import MovableTime
from tests.shifts.conftest import texted
from tests.shifts.factories import campaign, employee, shift

__all__ = ["api", "client_with"]

CAT = "+14255550184"
pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(number: OriginationIdentity, time: MovableTime) -> Campaign:
    """A draft to Ann, Bob, who has opted out, and Cat, who is not approved."""
    for who in (ANN, BOB):
        employee(who, segments=["Night nurses"])
    employee(CAT, approved=False, segments=["Night nurses"])
    ledger.record(Entry(BOB, OUR_NUMBER, "opt_out", "sms"))
    return campaign(shifts=[shift(at=24)])


class TestSend:
    def test_a_plan_tells_everything_and_does_nothing(self, draft: Campaign) -> None:
        ran = run("send_campaign", "july", "--plan")
        assert (ran.status, ran.err) == (0, "")
        told = ran.out.splitlines()
        assert told[0] == "july would text 1 people, and not 2: 1 Not approved, 1 Opted out"
        assert told[1].startswith("  text: Shifts are open. Reply with the shift code")
        assert "1 part(s) each in GSM" in told[2]
        assert f"  from {OUR_NUMBER}: 1" in told
        draft.refresh_from_db()
        assert (draft.status, CampaignAct.objects.count()) == ("draft", 0)

    def test_in_json_it_is_the_preview_of_the_api_and_a_fingerprint(self, draft: Campaign, api: APIClient) -> None:
        planned = run("send_campaign", "july", "--plan", "--json").data
        assert planned.pop("campaign_id") == "july"
        assert planned.pop("fingerprint") == campaigns.fingerprint(draft)
        assert planned == api.get("/api/v1/campaigns/july/preview/").json()

    def test_a_draft_is_sent(self, draft: Campaign, api: APIClient) -> None:
        User.objects.create_superuser("olga")
        sent = run("send_campaign", "july", "--as", "olga", "--json")
        assert sent.data == api.get("/api/v1/campaigns/july/").json()
        assert sent.data["status"] == "sending"
        assert CampaignAct.objects.get().actor == "olga"

    def test_a_draft_that_was_changed_since_the_plan_is_not(self, draft: Campaign) -> None:
        planned = run("send_campaign", "july", "--plan", "--json").data["fingerprint"]
        Campaign.objects.update(campaign_message="Other words")
        ran = run("send_campaign", "july", "--as-planned", planned)
        assert (ran.status, ran.out) == (4, "")
        assert "was changed since" in ran.err
        draft.refresh_from_db()
        assert draft.status == "draft"
        planned = run("send_campaign", "july", "--plan", "--json").data["fingerprint"]
        assert run("send_campaign", "july", "--as-planned", planned).out == "july: sending, 0 of 0 sent\n"

    @pytest.mark.parametrize(
        ("arguments", "status", "said"),
        [
            (("august",), 3, "There is no campaign august."),
            (("over",), 4, "Only one that is draft can be sent"),
            (("july", "--plan", "--as-planned", "x"), 2, "not allowed with"),
            (("july", "--as", "clerk"), 5, "shifts.change_campaign"),
        ],
    )
    def test_what_cannot_be_sent(self, draft: Campaign, arguments: tuple[str, ...], status: int, said: str) -> None:
        User.objects.create_user("clerk")
        campaign("over", status="sent")
        ran = run("send_campaign", *arguments, "--json")
        assert (ran.status, ran.out) == (status, "")
        assert said in ran.err
        draft.refresh_from_db()
        assert draft.status == "draft"


class TestAct:
    def test_paused_resumed_cancelled(self, draft: Campaign) -> None:
        run("send_campaign", "july")
        for action, status in (("pause", "paused"), ("resume", "sending"), ("cancel", "cancelled")):
            assert run("act_on_campaign", action, "july", "--json").data["status"] == status
        assert all(act.actor.startswith("command-line:") for act in CampaignAct.objects.all())

    @pytest.mark.parametrize(
        ("arguments", "status", "said"),
        [
            (("pause", "july"), 4, "Only one that is sending can be paused"),
            (("resume", "august"), 3, "There is no campaign august."),
            (("stop", "july"), 2, "invalid choice"),
            (("cancel", "july", "--as", "clerk"), 5, "shifts.change_campaign"),
        ],
    )
    def test_what_cannot_be_done(self, draft: Campaign, arguments: tuple[str, ...], status: int, said: str) -> None:
        User.objects.create_user("clerk")
        ran = run("act_on_campaign", *arguments)
        assert (ran.status, ran.out) == (status, "")
        assert said in ran.err
        draft.refresh_from_db()
        assert draft.status == "draft"


class TestStatus:
    def test_once_for_people(self, number: OriginationIdentity) -> None:
        made = campaign(status="sending")
        texted(made, ANN, status=Status.DELIVERED)
        texted(made, BOB, status=Status.FAILED)
        assert run("campaign_status", "july").out == "july: sending, 1 of 2 sent; 1 delivered, 1 failed\n"

    def test_in_json_as_the_api_has_it(self, number: OriginationIdentity, api: APIClient) -> None:
        texted(campaign(status="sending"), ANN)
        assert run("campaign_status", "july", "--json").data == api.get("/api/v1/campaigns/july/").json()

    def test_why_it_could_not_be_sent(self, number: OriginationIdentity) -> None:
        campaign(status="cancelled", problem="No number can be answered.")
        assert run("campaign_status", "july").out.splitlines()[1] == "  No number can be answered."

    def test_following_tells_what_changes_until_it_is_sent(
        self, draft: Campaign, time: MovableTime, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        run("send_campaign", "july")
        looks = list(_house_at_work(draft))

        def work(seconds: float) -> None:
            time.forward(seconds)
            # Work under way takes breaths of its own, which are shorter.
            if seconds >= 1:
                looks.pop(0)()

        monkeypatch.setattr(clock, "sleep", work)
        ran = run("campaign_status", "july", "--follow", "--json")
        assert ran.status == 0
        assert [(one["status"], one["counts"]["queued"]) for one in ran.lines] == [
            ("sending", 0), ("sending", 1), ("sending", 0), ("sent", 0),
        ]  # fmt: skip
        assert not looks

    @pytest.mark.parametrize(("status", "code"), [("draft", 4), ("cancelled", 4), ("sent", 0)])
    def test_following_what_does_not_move_ends_at_once(
        self, number: OriginationIdentity, status: str, code: int
    ) -> None:
        campaign(status=status)
        assert run("campaign_status", "july", "--follow").status == code

    @pytest.mark.parametrize(("arguments", "status"), [(("august",), 3), (("july", "--follow", "--every", "0"), 2)])
    def test_wrong_input(self, number: OriginationIdentity, arguments: tuple[str, ...], status: int) -> None:
        campaign()
        ran = run("campaign_status", *arguments)
        assert (ran.status, ran.out) == (status, "")


def _house_at_work(made: Campaign) -> list[Callable[[], object]]:
    """Looks: rows are made; nothing happens; the text leaves; the campaign is found to be over."""
    texts = campaigns.figures._texts([made.campaign_id])
    return [
        lambda: Campaigns().run(),
        lambda: None,
        lambda: texts.filter(status=Status.QUEUED).update(
            status=Status.SENT, sent_at=clock.now(), attempted_at=clock.now(), attempts=1, carrier_message_id="c-1"
        ),
        lambda: Campaigns().run(),
    ]


class TestImport:
    LIST = f"name,phone_number\nAnn,{ANN}\nBob,{BOB}\n"

    def imported(self, path: str | Path, *more: str, stdin: str = "") -> Ran:
        return run("import_employees", str(path), "--segment", "Night nurses", *more, stdin=stdin)

    @pytest.fixture
    def file(self, tmp_path: Path) -> Path:
        path = tmp_path / "nurses.csv"
        path.write_text(self.LIST)
        return path

    def test_a_plan_then_the_import_then_nothing_new(self, file: Path) -> None:
        assert self.imported(file, "--plan").out == "Night nurses: would be 2 rows, 2 created\n"
        assert not Employee.objects.exists()
        assert not Segment.objects.exists()
        assert self.imported(file).out == "Night nurses: 2 rows, 2 created\n"
        assert self.imported(file, "--json").data == {
            "rows": 2, "created": 0, "updated": 0, "unchanged": 2, "skipped": 0, "opted_out": 0, "duplicates": 0,
        }  # fmt: skip
        assert Employee.objects.count() == 2

    def test_from_standard_input(self, db: None) -> None:
        assert self.imported("-", stdin=self.LIST).status == 0
        assert Employee.objects.count() == 2

    def test_errors_by_line_and_nothing_imported(self, file: Path) -> None:
        file.write_text(f"{self.LIST}Cat,555\n")
        ran = self.imported(file)
        assert (ran.status, ran.out) == (2, "")
        assert ran.err.startswith("line 4, phone_number: Begin with +")
        assert ran.err.endswith("Errors: 1. Nothing was imported.\n")
        in_json = self.imported(file, "--plan", "--json")
        assert (in_json.status, in_json.data["total"]) == (2, 1)
        assert in_json.data["errors"][0]["line"] == 4
        assert not Employee.objects.exists()

    def test_when_consent_cannot_be_written_nobody_is_imported(
        self, file: Path, settings: object, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        file.write_text(f"ChannelType,Address,OptOut\nSMS,{ANN},ALL\n")
        monkeypatch.setattr(many, "record_all", lambda entries: 1 / 0)
        ran = self.imported(file)
        assert (ran.status, ran.out) == (6, "")
        assert not Employee.objects.exists()

    @pytest.mark.parametrize(
        ("name", "more", "status", "said"),
        [
            ("nowhere.csv", (), 2, "cannot be read"),
            ("nurses.csv", ("--segment", "a/b"), 2, "name: "),
            ("nurses.csv", ("--as", "clerk"), 5, "shifts.add_rosterimport"),
        ],
    )
    def test_wrong_input(self, file: Path, name: str, more: tuple[str, ...], status: int, said: str) -> None:
        User.objects.create_user("clerk")
        ran = self.imported(file.with_name(name), *more)
        assert (ran.status, ran.out) == (status, "")
        assert said in ran.err
        assert not Employee.objects.exists()
