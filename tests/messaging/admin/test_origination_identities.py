"""Staff add and change numbers, pause and resume them, and choose the default."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from messaging.models import Lane, OriginationIdentity
from messaging.outbound import pauses
from tests.messaging.admin.conftest import StaffWith

URL = "/admin/messaging/originationidentity/"
CONFIRMED = {"_form_submitted": "on"}
# What a browser sends of the switches that are on.
ON = {"two_way": "on", "self_managed_opt_outs": "on", "active": "on"}


def _add(client: Client, **fields: str) -> int:
    return client.post(f"{URL}add/", {"kind": "", "iso_country_code": "", "mps": "", **ON, **fields}).status_code


@pytest.mark.parametrize(
    ("identity", "kind", "country", "mps", "two_way"),
    [
        ("+14255550100", "ten_dlc", "US", 1, True),
        ("+18335550100", "toll_free", "US", 3, True),
        ("72345", "short_code", "", 100, True),
        ("ACME", "sender_id", "", 10, False),
    ],
)
def test_what_is_left_empty_is_derived(
    boss: Client, identity: str, kind: str, country: str, mps: int, two_way: bool
) -> None:
    assert _add(boss, identity=identity) == 302
    number = OriginationIdentity.objects.get()
    assert (number.kind, number.iso_country_code, number.mps, number.two_way) == (kind, country, mps, two_way)
    assert number.active


@pytest.mark.parametrize(
    "fields",
    [{"identity": "+1"}, {"identity": "72345", "kind": "sender_id"}, {"identity": "72345", "iso_country_code": "1"}],
)
def test_bad_input_is_refused(boss: Client, fields: dict[str, str]) -> None:
    assert _add(boss, **fields) == 200
    assert not OriginationIdentity.objects.exists()


def test_a_country_is_written_in_capitals(boss: Client) -> None:
    _add(boss, identity="72345", iso_country_code="us")
    assert OriginationIdentity.objects.get().iso_country_code == "US"


def test_a_change_leaves_the_rest_as_others_made_it(boss: Client, number: OriginationIdentity) -> None:
    form = {"kind": "ten_dlc", "iso_country_code": "US", "mps": "7", **ON, "identity": "+14255550199"}
    assert boss.post(f"{URL}{number.pk}/change/", form).status_code == 302
    number.refresh_from_db()
    assert (number.mps, number.is_default, number.identity) == (7, True, "+14255550100")


def test_a_change_writes_only_what_was_changed(boss: Client, number: OriginationIdentity) -> None:
    form = {"kind": "ten_dlc", "iso_country_code": "US", "mps": "7", **ON}
    with CaptureQueriesContext(connection) as queries:
        boss.post(f"{URL}{number.pk}/change/", form)
    [update] = [q["sql"] for q in queries if q["sql"].startswith('UPDATE "messaging_originationidentity"')]
    assert '"mps" = 7' in update
    assert '"is_default"' not in update.split(" WHERE ")[0]


def test_pausing_asks_for_a_reason_and_keeps_who_gave_it(boss: Client, number: OriginationIdentity) -> None:
    url = f"{URL}{number.pk}/pause/"
    assert boss.get(url).status_code == 200
    assert boss.post(url, CONFIRMED | {"reason": " "}).status_code == 200
    assert not Lane.objects.filter(paused_at__isnull=False).exists()
    assert boss.post(url, CONFIRMED | {"reason": "Numbers are being moved"}).status_code == 302
    assert Lane.objects.get().paused_reason == "Numbers are being moved (staff0)"


def test_the_first_reason_of_a_pause_stays(boss: Client, number: OriginationIdentity) -> None:
    pauses.pause(number.identity, "The spend limit is reached.")
    boss.post(f"{URL}{number.pk}/pause/", CONFIRMED | {"reason": "I too"})
    assert Lane.objects.get().paused_reason == "The spend limit is reached."


def test_resuming_lets_a_paused_number_go(boss: Client, number: OriginationIdentity) -> None:
    pauses.pause(number.identity, "broken")
    url = f"{URL}{number.pk}/resume/"
    assert boss.get(url).status_code == 200
    assert Lane.objects.get().paused_reason == "broken"
    assert boss.post(url, CONFIRMED).status_code == 302
    assert Lane.objects.get().paused_at is None


def test_a_dialog_leads_back_to_the_number(boss: Client, number: OriginationIdentity) -> None:
    answer = boss.post(f"{URL}{number.pk}/resume/", CONFIRMED, headers={"HX-Request": "true"})
    assert answer["HX-Redirect"] == f"{URL}{number.pk}/change/"


def test_the_default_goes_from_one_number_to_another(boss: Client, number: OriginationIdentity) -> None:
    other = OriginationIdentity.objects.create(identity="72345", kind="short_code", mps=100)
    assert boss.post(f"{URL}{other.pk}/make_default/", CONFIRMED).status_code == 302
    assert list(OriginationIdentity.objects.filter(is_default=True)) == [other]


@pytest.mark.parametrize("name", ["pause", "resume", "make_default"])
def test_an_action_on_a_number_that_is_gone_is_404(boss: Client, name: str) -> None:
    assert boss.post(f"{URL}7/{name}/", CONFIRMED | {"reason": "x"}).status_code == 404


@pytest.mark.parametrize("name", ["pause", "resume", "make_default"])
def test_an_action_needs_the_permission_to_change(
    staff_with: StaffWith, number: OriginationIdentity, name: str
) -> None:
    url = f"{URL}{number.pk}/{name}/"
    reader = staff_with("view_originationidentity")
    assert reader.post(url, CONFIRMED | {"reason": "x"}).status_code == 403
    assert f"/{name}/" not in reader.get(f"{URL}{number.pk}/change/").content.decode()
    writer = staff_with("view_originationidentity", "change_originationidentity")
    assert writer.post(url, CONFIRMED | {"reason": "x"}).status_code == 302
