"""Consent from the command line: how somebody stands, saying it for them, and the ledger as a file."""

import csv
import tracemalloc
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from messaging import clock
from messaging.models import OriginationIdentity, OutboundMessage
from optout import ledger
from optout.ledger import Entry
from optout.models import ConsentEvent
from tests.commands import Ran, run
from tests.messaging.factories import ANN, BOB, OUR_NUMBER

SHORT = "24255"
NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _numbers(number: OriginationIdentity) -> None:
    OriginationIdentity.objects.create(identity=SHORT, kind="short_code", mps=50)


def said(action: str = "opt_out", who: str = ANN, minutes: int = 0, **fields: str) -> None:
    at = NOON + timedelta(minutes=minutes)
    ledger.record(Entry(who, OUR_NUMBER, action, **{"source": "sms"} | fields, occurred_at=at))  # type: ignore[arg-type]


class TestConsent:
    def test_how_somebody_stands_with_each_number(self) -> None:
        said()
        ran = run("consent", "+1 425 555 0182")
        assert (ran.status, ran.err) == (0, "")
        _, first, second = (line.split() for line in ran.out.splitlines())
        assert first == [OUR_NUMBER, "opted_out", "2026-07-01T12:00:00Z", "sms"]
        assert second == [SHORT, "none", "-", "-"]

    def test_in_json_as_the_api_has_it(self, api: APIClient) -> None:
        said()
        wanted = api.get("/api/v1/consent/", {"phone_number": ANN, "origination_identity": OUR_NUMBER}).json()
        assert run("consent", ANN, "--from", OUR_NUMBER, "--json").data == wanted
        assert [one["state"] for one in run("consent", ANN, "--json").lines] == ["opted_out", "none"]

    @pytest.mark.parametrize(("arguments", "status"), [((), 2), (("Ann",), 2), ((ANN, "--from", "+14255550109"), 3)])
    def test_wrong_input(self, arguments: tuple[str, ...], status: int) -> None:
        ran = run("consent", *arguments, "--json")
        assert (ran.status, ran.out) == (status, "")
        assert ran.err


class TestSetConsent:
    def set(self, *more: str, action: str = "opt_out", reason: str = "By e-mail") -> Ran:
        which = () if "--from" in more or "--every-number" in more else ("--from", OUR_NUMBER)
        return run("set_consent", ANN, action, "--reason", reason, *which, *more)

    def test_it_is_recorded_with_reason_and_actor_and_nobody_is_texted(self) -> None:
        User.objects.create_superuser("olga")
        ran = self.set("--as", "olga")
        assert ran.status == 0
        assert ran.out.startswith(f"{ANN} and {OUR_NUMBER}: opted_out since ")
        event = ConsentEvent.objects.get()
        assert (event.source, event.actor, event.reason) == ("staff", "olga", "By e-mail")
        assert not OutboundMessage.objects.exists()

    def test_without_as_the_command_line_is_who_did_it(self) -> None:
        self.set()
        assert ConsentEvent.objects.get().actor.startswith("command-line:")

    def test_every_number(self) -> None:
        assert self.set("--every-number", "--json").data["state"] == "opted_out"
        assert [one["state"] for one in run("consent", ANN, "--json").lines] == ["opted_out", "opted_out"]

    def test_a_key_is_recorded_once(self) -> None:
        self.set("--key", "ticket-1")
        again = self.set("--key", "ticket-1")
        assert (again.status, ConsentEvent.objects.count()) == (0, 1)
        assert "changes nothing" in again.err

    @pytest.mark.parametrize(
        ("more", "fields", "status", "said"),
        [
            ((), {"reason": " "}, 2, "reason: Say why"),
            ((), {"reason": "x" * 301}, 2, "reason: "),
            ((), {"action": "stop"}, 2, "invalid choice"),
            (("--from", OUR_NUMBER, "--every-number"), {}, 2, "not allowed with"),
            (("--from", "+14255550109"), {}, 2, "none of our numbers"),
            (("--key", "x" * 151), {}, 2, "key: "),
            (("--as", "clerk"), {}, 5, "optout.add_consentevent"),
        ],
    )
    def test_wrong_input_records_nothing(
        self, more: tuple[str, ...], fields: dict[str, str], status: int, said: str
    ) -> None:
        User.objects.create_user("clerk")
        ran = self.set(*more, "--json", **fields)
        assert (ran.status, ran.out) == (status, "")
        assert said in ran.err
        assert not ConsentEvent.objects.exists()


class TestExport:
    def table(self, *arguments: str) -> list[dict[str, str]]:
        ran = run("export_consent", *arguments)
        assert (ran.status, ran.err) == (0, "")
        return list(csv.DictReader(StringIO(ran.out)))

    def test_the_ledger_oldest_first_as_in_the_admin(self, admin_client: APIClient) -> None:
        said(minutes=2, reason="=1+1")
        said("opt_in", minutes=1)
        out = run("export_consent").out
        downloaded = b"".join(admin_client.get("/admin/optout/consentevent/export", follow=True)).decode()
        assert out == downloaded
        rows = self.table()
        assert [row["action"] for row in rows] == ["opt_in", "opt_out"]
        assert rows[1]["reason"] == "'=1+1"

    def test_in_json_a_line_for_each_as_the_api_has_it(self, api: APIClient) -> None:
        said()
        said("opt_in", minutes=1)
        wanted = api.get("/api/v1/consent/history/").json()["results"]
        assert run("export_consent", "--json").lines == sorted(wanted, key=lambda one: str(one["occurred_at"]))

    # what is asked for → whose events, in order
    @pytest.mark.parametrize(
        ("arguments", "found"),
        [
            ((), ["out", "in", "bob", "short"]),
            (("--phone-number", BOB), ["bob"]),
            (("--from", SHORT), ["short"]),
            (("--action", "opt_in"), ["in"]),
            (("--source", "staff", "--source", "api"), ["bob"]),
            (("--after", "2026-07-01T14:01:00+02:00", "--before", "2026-07-01T12:02:00Z"), ["in"]),
        ],
    )
    def test_filters(self, arguments: tuple[str, ...], found: list[str]) -> None:
        said(reason="out")
        said("opt_in", minutes=1, reason="in")
        said(who=BOB, minutes=2, reason="bob", source="staff")
        ledger.record(Entry(ANN, SHORT, "opt_out", "sms", occurred_at=NOON + timedelta(minutes=3), reason="short"))
        assert [row["reason"] for row in self.table(*arguments)] == found

    def test_a_file_appears_when_it_is_whole_and_is_its_owners(self, tmp_path: Path) -> None:
        said()
        path = tmp_path / "consent.csv"
        ran = run("export_consent", "--output", str(path))
        assert (ran.status, ran.out) == (0, "")
        assert path.read_text() == run("export_consent").out.replace("\r\n", "\n")
        assert path.stat().st_mode & 0o777 == 0o600
        assert [one.name for one in tmp_path.iterdir()] == ["consent.csv"]

    def test_a_file_that_cannot_be_written(self, tmp_path: Path) -> None:
        ran = run("export_consent", "--output", str(tmp_path / "nowhere" / "consent.csv"))
        assert (ran.status, ran.out) == (2, "")
        assert "cannot be written" in ran.err

    def test_memory_does_not_grow_with_the_rows(self, tmp_path: Path) -> None:
        def peak(count: int) -> int:
            now = clock.now()
            ConsentEvent.objects.bulk_create(
                ConsentEvent(
                    key=f"{count}:{n}", phone_number=f"+1425{2_000_000 + n}", origination_identity=OUR_NUMBER,
                    action="opt_out", source="import", occurred_at=now, recorded_at=now,
                )
                for n in range(count)
            )  # fmt: skip
            tracemalloc.start()
            assert run("export_consent", "--output", str(tmp_path / "all.csv")).status == 0
            most = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
            return most

        small, large = peak(3_000), peak(12_000)
        assert len((tmp_path / "all.csv").read_text().splitlines()) == 15_001
        assert large < 1.5 * small
