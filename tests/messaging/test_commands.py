"""Our numbers, and a text by hand, from the command line."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User

from messaging.models import Lane, OriginationIdentity, OutboundMessage
from messaging.outbound import pauses
from optout import ledger
from optout.ledger import Entry
from tests.commands import Ran, run
from tests.messaging.api.conftest import api, client_with
from tests.messaging.factories import ANN, BOB, OUR_NUMBER, received

__all__ = ["api", "client_with"]

pytestmark = pytest.mark.django_db


class TestNumbers:
    def test_the_list(self, number: OriginationIdentity) -> None:
        OriginationIdentity.objects.create(identity="24255", kind="short_code", mps=50)
        pauses.pause(OUR_NUMBER, "Spend limit reached")
        ran = run("numbers")
        assert (ran.status, ran.err) == (0, "")
        _, ours, short = ran.out.splitlines()
        assert ours.split(maxsplit=5) == [
            OUR_NUMBER, "(default)", "ten_dlc", "100", "paused", "Spend limit reached",
        ]  # fmt: skip
        assert short.split() == ["24255", "short_code", "50", "running", "-"]

    def test_in_json_a_line_for_each_as_the_api_has_it(self, number: OriginationIdentity, api: object) -> None:
        OriginationIdentity.objects.create(identity="24255", kind="short_code", mps=50)
        shown = api.get("/api/v1/origination-identities/").json()["results"]  # type: ignore[attr-defined]
        ran = run("numbers", "--json")
        assert sorted(ran.lines, key=str) == sorted(shown, key=str)
        assert run("numbers", "list", OUR_NUMBER, "--json").data["identity"] == OUR_NUMBER

    def test_pausing_and_going_on(self, number: OriginationIdentity) -> None:
        User.objects.create_superuser("olga")
        ran = run("numbers", "pause", OUR_NUMBER, "--reason", "Maintenance", "--as", "olga", "--json")
        assert (ran.status, ran.data["paused_reason"]) == (0, "Maintenance (olga)")
        again = run("numbers", "pause", OUR_NUMBER, "--reason", "Other")
        assert (again.status, Lane.objects.get().paused_reason) == (0, "Maintenance (olga)")
        assert "its reason stays" in again.err
        assert run("numbers", "resume", OUR_NUMBER, "--json").data["paused_at"] is None
        assert "not paused" in run("numbers", "resume", OUR_NUMBER).err
        # Only a user can stand in the log of changes.
        assert [entry.change_message for entry in LogEntry.objects.all()] == ["Command line: Paused."]

    def test_mps(self, number: OriginationIdentity) -> None:
        assert run("numbers", "mps", OUR_NUMBER, "20", "--json").data["mps"] == 20
        number.refresh_from_db()
        assert (number.mps, number.is_default) == (20, True)

    @pytest.mark.parametrize(
        ("arguments", "status", "said"),
        [
            (("pause", OUR_NUMBER), 2, "--reason"),
            (("pause", OUR_NUMBER, "--reason", "  "), 2, "--reason"),
            (("resume", OUR_NUMBER, "--reason", "x"), 2, "--reason"),
            (("pause", "--reason", "x"), 2, "Which number?"),
            (("mps", OUR_NUMBER), 2, "message parts per second"),
            (("resume", OUR_NUMBER, "5"), 2, "message parts per second"),
            (("mps", OUR_NUMBER, "0"), 2, "no whole number"),
            (("mps", OUR_NUMBER, "5001"), 2, "mps: "),
            (("mps", "+14255550109", "5"), 3, "none of our numbers"),
            (("list", "+14255550109"), 3, "none of our numbers"),
            (("resume", OUR_NUMBER, "--as", "clerk"), 5, "messaging.change_originationidentity"),
            (("explode", OUR_NUMBER), 2, "invalid choice"),
        ],
    )
    def test_wrong_input_changes_nothing(
        self, number: OriginationIdentity, arguments: tuple[str, ...], status: int, said: str
    ) -> None:
        User.objects.create_user("clerk")
        ran = run("numbers", *arguments, "--json")
        assert (ran.status, ran.out) == (status, "")
        assert said in ran.err
        number.refresh_from_db()
        assert number.mps == 100
        assert not Lane.objects.filter(paused_at__isnull=False).exists()


class TestSendText:
    def send(self, *more: str, to: str = ANN, body: str = "Your badge is here", stdin: str = "") -> Ran:
        return run("send_text", to, body, "--key", "badge-1", *more, stdin=stdin)

    def test_it_is_queued_once_for_its_key(self, number: OriginationIdentity, api: object) -> None:
        User.objects.create_superuser("olga")
        assert self.send("--as", "olga").out == f"{ANN}: queued, 1 part, from {OUR_NUMBER}\n"
        again = self.send("--json")
        message = OutboundMessage.objects.get()
        assert again.data == api.get(f"/api/v1/messages/{message.pk}/").json()  # type: ignore[attr-defined]
        assert (message.actor, message.body) == ("olga", "Your badge is here")

    def test_with_the_same_key_another_text_is_refused(self, number: OriginationIdentity) -> None:
        self.send()
        ran = self.send(body="Another")
        assert (ran.status, ran.out) == (4, "")
        assert OutboundMessage.objects.count() == 1

    def test_the_text_may_come_from_standard_input(self, number: OriginationIdentity) -> None:
        assert self.send(body="-", stdin="From a file\n").status == 0
        assert OutboundMessage.objects.get().body == "From a file"

    def test_texts_that_nobody_has_read_go_on_waiting(self, number: OriginationIdentity) -> None:
        text = received("Where is my badge?")
        type(text).objects.update(routed_at=text.received_at, outcome="unmatched")
        self.send()
        text.refresh_from_db()
        assert text.handled_at is None

    @pytest.mark.parametrize(
        ("more", "fields", "status", "said"),
        [
            ((), {"to": "5550182"}, 2, "country code"),
            ((), {"body": "  "}, 2, ""),
            ((), {"body": "x" * 2000}, 2, "2000"),
            (("--key", "x" * 81), {}, 2, "key: "),
            (("--from", "+14255550109"), {}, 4, "+14255550109"),
            ((), {"to": BOB}, 4, "gets no texts"),
            (("--as", "clerk"), {}, 5, "messaging.change_inboundmessage"),
        ],
    )
    def test_what_cannot_be_sent_is_not_queued(
        self, number: OriginationIdentity, more: tuple[str, ...], fields: dict[str, str], status: int, said: str
    ) -> None:
        User.objects.create_user("clerk")
        ledger.record(Entry(BOB, OUR_NUMBER, "opt_out", "sms"))
        ran = self.send("--json", *more, **fields)
        assert (ran.status, ran.out) == (status, "")
        assert said in ran.err
        assert not OutboundMessage.objects.exists()
