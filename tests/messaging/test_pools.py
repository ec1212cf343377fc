"""Rules for countries that name a pool: which of its numbers they mean, and what staff are told."""

from collections import Counter
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from messaging import numbers, pools
from messaging.models import CountryRule, OriginationIdentity, Status
from messaging.pools import Member
from messaging.simulator import Simulator
from tests.messaging.admin.conftest import StaffWith, boss, staff_with
from tests.messaging.aws.conftest import Run, _moto, account, run
from tests.messaging.factories import ANN, standing

__all__ = ["StaffWith", "_moto", "account", "boss", "run", "staff_with"]

PARIS, LONDON, BERLIN = "+33612345678", "+447700900123", "+4915112345678"
FR1, FR2, GB, US, CODE = "+33756000001", "+33756000002", "+447860019066", "+14255550100", "72345"


def member(identity: str, kind: str, country: str, **fields: Any) -> Member:
    values: dict[str, Any] = {"identity": identity, "kind": kind, "country": country, "mps": 1}
    return Member(**values | fields)


FRENCH, BRITISH = member(FR1, "long_code", "FR"), member(GB, "long_code", "GB")
SHORT, MANY = member(CODE, "short_code", "US"), member("ACME", "sender_id", "")
BRITISH_ID = member("ACMEGB", "sender_id", "GB")


@pytest.mark.parametrize(
    ("members", "used"),
    [
        pytest.param([FRENCH], [FR1], id="its own"),
        pytest.param([FRENCH, BRITISH], [FR1], id="one of the country comes before one that may send abroad"),
        pytest.param([BRITISH], [GB], id="abroad, where there is no other"),
        pytest.param([SHORT], [], id="a short code sends at home only"),
        pytest.param([BRITISH_ID], [], id="a sender ID of another country"),
        pytest.param([MANY], ["ACME"], id="a sender ID of several countries"),
        pytest.param([FRENCH, MANY], [FR1], id="the country's own before a sender ID of several"),
        pytest.param([member(FR1, "long_code", "FR", active=False), BRITISH], [GB], id="its own is switched off"),
        pytest.param([], [], id="nobody"),
    ],
)
def test_which_numbers_of_a_pool_send_to_france(members: list[Member], used: list[str]) -> None:
    found = pools.judge(members, "FR")
    assert [identity for identity, why in found.items() if not why] == used
    assert bool(pools.problem("pool-1", "FR", members)) is not bool(used)


def test_why_a_pool_cannot_be_named_is_told_number_by_number() -> None:
    off = member(FR1, "long_code", "FR", active=False)
    said = pools.problem("pool-1", "FR", [off, SHORT])
    assert said.startswith("No number of pool-1 can send to FR ")
    assert f"{FR1}: switched off" in said
    assert f"{CODE}: a short code of US sends to US only" in said
    assert "Run manage.py sync_numbers" in pools.problem("pool-1", "FR", [])


def pooled(identity: str, pool: str = "pool-1", **fields: Any) -> OriginationIdentity:
    made = numbers.create(identity, **fields)
    OriginationIdentity.objects.filter(pk=made.pk).update(pool=pool)
    return made


@pytest.mark.django_db
class TestSending:
    @pytest.fixture(autouse=True)
    def _numbers(self, db: None) -> None:
        numbers.create(US, is_default=True)
        pooled(FR1, mps=30)
        pooled(FR2, mps=10)
        pooled(GB)

    def test_people_are_shared_out_over_the_pools_numbers_by_rate(self) -> None:
        CountryRule.objects.create(iso_country_code="FR", pool="pool-1")
        people = [f"+336{n:08}" for n in range(1000)]
        counts = Counter(numbers.choose_for_all(people).values())
        assert counts.keys() == {FR1, FR2}
        assert 700 < counts[FR1] < 800
        assert numbers.choose(people[0]) == numbers.choose_for_all(people)[people[0]]

    def test_numbers_and_pool_are_taken_together(self) -> None:
        rule = CountryRule.objects.create(iso_country_code="FR", pool="pool-1")
        rule.numbers.set(OriginationIdentity.objects.filter(identity=US))
        found = set(numbers.choose_for_all([f"+336{n:08}" for n in range(500)]).values())
        assert found == {US, FR1, FR2}

    def test_a_country_that_the_pool_has_no_number_of(self) -> None:
        CountryRule.objects.create(iso_country_code="DE", pool="pool-1")
        found = set(numbers.choose_for_all([f"+491511{n:07}" for n in range(500)]).values())
        assert found == {FR1, FR2, GB}

    def test_what_is_known_of_a_person_comes_first_and_then_what_is_named(self) -> None:
        CountryRule.objects.create(iso_country_code="FR", pool="pool-1")
        standing(Status.SENT, PARIS, origination_identity=GB)
        assert numbers.choose(PARIS) == GB
        assert numbers.choose(PARIS, wanted=US) == US

    def test_a_pool_without_a_number_leaves_it_to_the_others(self) -> None:
        CountryRule.objects.create(iso_country_code="GB", pool="pool-gone")
        assert numbers.choose(LONDON) == GB

    def test_one_that_cannot_be_answered_is_not_asked_to_be(self) -> None:
        pooled("ACME", "pool-2")
        CountryRule.objects.create(iso_country_code="DE", pool="pool-2")
        assert numbers.choose(BERLIN) == "ACME"
        assert numbers.choose(BERLIN, expects_reply=True) == US

    def test_elsewhere_the_pool_means_nothing(self) -> None:
        CountryRule.objects.create(iso_country_code="FR", pool="pool-1")
        assert numbers.choose(ANN) == US


@pytest.mark.django_db
def test_no_rule_has_a_pool_that_can_be_none() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        CountryRule.objects.create(iso_country_code="FR", pool="my pool")


@pytest.mark.django_db
def test_what_aws_moves_counts_from_the_next_sync(run: Run, account: Simulator) -> None:
    keys = [account.account.add_number(each, "LONG_CODE", "FR") for each in (FR1, FR2)]
    pool = account.account.add_pool(keys[0])
    run("sync_numbers")
    CountryRule.objects.create(iso_country_code="FR", pool=pool)
    assert numbers.choose(PARIS) == FR1
    account.account.numbers[keys[0]].pop("PoolId")
    account.account.numbers[keys[1]]["PoolId"] = pool
    assert numbers.choose(PARIS) == FR1
    assert not [line for line in run("sync_numbers") if line.startswith("The rule for")]
    assert numbers.choose(PARIS) == FR2
    account.account.numbers[keys[1]]["Status"] = "DELETED"
    said = run("sync_numbers")[-1]
    assert said.startswith(f"The rule for FR means nothing: No number of {pool} can send to FR ({FR2}: switched off)")
    assert run("sync_numbers", "--json")["rules"] == [said]


URL = "/admin/messaging/countryrule/"


@pytest.mark.django_db
class TestPage:
    @pytest.fixture(autouse=True)
    def _numbers(self, db: None) -> None:
        pooled(FR1, mps=30)
        pooled(FR2, mps=10)
        pooled(CODE, "pool-2", iso_country_code="US")

    def _add(self, client: Client, **fields: str) -> Any:
        return client.post(f"{URL}add/", {"iso_country_code": "FR", "allowed": "on", **fields})

    def test_a_pool_is_chosen_by_what_is_in_it(self, boss: Client) -> None:
        page = boss.get(f"{URL}add/").content.decode()
        assert f"pool-1: {FR1}, {FR2}" in page
        assert self._add(boss, pool="pool-1").status_code == 302
        assert CountryRule.objects.get().pool == "pool-1"

    def test_the_page_says_which_numbers_it_means_now(self, boss: Client) -> None:
        OriginationIdentity.objects.create(identity=GB, kind="long_code", iso_country_code="GB", mps=1, pool="pool-1")
        rule = CountryRule.objects.create(iso_country_code="FR", pool="pool-1")
        page = boss.get(f"{URL}{rule.pk}/change/").content.decode()
        assert f"{FR1}: 75 % of the people" in page
        assert f"{FR2}: 25 % of the people" in page
        assert f"{GB}: not used: the pool has numbers of FR" in page
        assert "pool-1" in boss.get(URL).content.decode()

    def test_one_without_a_number_that_can_send_there_is_refused_with_the_reason(self, boss: Client) -> None:
        answer = self._add(boss, pool="pool-2")
        assert answer.status_code == 200
        assert f"No number of pool-2 can send to FR ({CODE}: a short code of US sends to US only)" in (
            answer.content.decode()
        )
        assert not CountryRule.objects.exists()

    def test_where_texts_are_switched_off_nothing_is_asked(self, boss: Client) -> None:
        assert boss.post(f"{URL}add/", {"iso_country_code": "FR", "pool": "pool-2"}).status_code == 302

    def test_one_that_nothing_is_in_any_more_is_still_shown(self, boss: Client) -> None:
        rule = CountryRule.objects.create(iso_country_code="FR", pool="pool-gone")
        page = boss.get(f"{URL}{rule.pk}/change/").content.decode()
        assert "pool-gone: no number is in it any more" in page
        assert "No number is in pool-gone any more: texts leave as without this rule." in page

    def test_numbers_that_it_names_have_their_share_too(self, boss: Client) -> None:
        rule = CountryRule.objects.create(iso_country_code="FR", pool="pool-1")
        rule.numbers.set([numbers.create("ACME", mps=40), numbers.create(GB, active=False)])
        page = boss.get(f"{URL}{rule.pk}/change/").content.decode()
        assert f"{FR1}: 38 % of the people" in page
        assert "ACME: 50 % of the people, where no answer is asked for" in page
        assert f"{GB}: not used: switched off" in page
