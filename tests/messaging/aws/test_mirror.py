"""Numbers of the account, mirrored."""

from typing import Any

import pytest

from messaging.aws import mirror
from messaging.aws.mirror import Fact, Step
from messaging.models import OriginationIdentity
from messaging.simulator import Simulator
from tests.messaging.aws.conftest import OURS, THEIRS, Run


def fact(**fields: Any) -> Fact:
    values: dict[str, Any] = {
        "identity": OURS, "kind": "ten_dlc", "iso_country_code": "US", "two_way": True, "self_managed_opt_outs": True,
        "aws_id": "phone-1", "mps": 20,
    }  # fmt: skip
    return Fact(**values | fields)


def row(**fields: Any) -> dict[str, Any]:
    values: dict[str, Any] = {
        "kind": "ten_dlc", "iso_country_code": "US", "two_way": True, "self_managed_opt_outs": True,
        "aws_id": "phone-1", "pool": "", "aws_state": "", "mps": 20, "active": True,
    }  # fmt: skip
    return values | fields


GONE = "AWS has it as deleted."


@pytest.mark.parametrize(
    ("present", "said", "do", "after"),
    [
        pytest.param(row(), fact(), "same", {}, id="nothing to do"),
        pytest.param(row(two_way=False), fact(), "change", {"two_way": True}, id="what AWS knows is taken over"),
        pytest.param(row(mps=5), fact(), "same", {}, id="a rate that staff set lower is kept"),
        pytest.param(row(mps=50), fact(), "change", {"mps": 20}, id="a rate above what AWS allows is lowered"),
        pytest.param(row(mps=50), fact(mps=None), "same", {}, id="AWS does not say the rate"),
        pytest.param(
            row(), fact(aws_state=GONE), "change", {"aws_state": GONE, "active": False}, id="AWS cannot send from it"
        ),
        pytest.param(
            row(active=False, aws_state=GONE), fact(), "change", {"aws_state": ""}, id="never switched on by itself"
        ),
        pytest.param(row(), fact(pool="pool-1"), "change", {"pool": "pool-1"}, id="put into a pool"),
        pytest.param(row(kind="long_code"), fact(), "change", {"kind": "ten_dlc"}, id="another kind than it seemed"),
    ],
)
def test_what_becomes_of_a_number(present: dict[str, Any], said: Fact, do: str, after: dict[str, Any]) -> None:
    [step] = mirror.judge({OURS: present}, [said])
    assert (step.do, step.after) == (do, after)
    assert step.before == {name: present[name] for name in after}


@pytest.mark.parametrize(
    ("said", "mps", "active"),
    [
        (fact(), 20, True),
        (fact(mps=None), 1, True),
        (fact(mps=None, kind="short_code"), 100, True),
        (fact(aws_state=GONE), 20, False),
    ],
)
def test_a_new_one(said: Fact, mps: int, active: bool) -> None:
    [step] = mirror.judge({}, [said])
    assert (step.do, step.after["mps"], step.after["active"]) == ("add", mps, active)


def test_one_that_is_not_in_the_account_is_said_and_left() -> None:
    assert [(one.do, one.identity) for one in mirror.judge({OURS: row()}, [])] == [("missing", OURS)]


@pytest.mark.parametrize(
    ("members", "state"),
    [
        ({}, ""),
        ({"Status": "PENDING"}, "AWS has it as pending."),
        ({"NumberCapabilities": ["VOICE"]}, "AWS does not let it send texts."),
    ],
)
def test_what_aws_says_of_a_state(simulator: Simulator, members: dict[str, Any], state: str) -> None:
    simulator.account.add_number(OURS, **members)
    [found] = mirror.facts(simulator.account.numbers.values(), {}, [])
    assert found.aws_state == state


@pytest.mark.django_db
def test_from_the_account_to_the_database_and_again(run: Run, account: Simulator) -> None:
    account.account.add_number(OURS, "TEN_DLC", MessagingLimits={"RateLimits": {"SMS": 75, "MMS": 3}})
    pooled = account.account.add_number(THEIRS, "TOLL_FREE")
    pool = account.account.add_pool(pooled, TwoWayEnabled=True, TwoWayChannelArn="arn")
    account.account.add_number("12345", "SHORT_CODE")
    account.account.add_sender_id("ACME", "GB")
    account.account.add_sender_id("ACME", "DE")
    account.account.add_sender_id("Nordic", "NO", MessagingLimits={"RateLimits": {"SMS": 4}})
    assert "5 new, 0 changed, 0 as they were, 0 not in the account." in run("sync_numbers")
    fields = ("identity", "kind", "iso_country_code", "mps", "two_way", "pool", "active")
    assert list(OriginationIdentity.objects.order_by("identity").values_list(*fields)) == [
        (OURS, "ten_dlc", "US", 75, False, "", True),
        (THEIRS, "toll_free", "US", 3, True, pool, True),
        ("12345", "short_code", "US", 100, False, "", True),
        ("ACME", "sender_id", "", 10, False, "", True),
        ("Nordic", "sender_id", "NO", 4, False, "", True),
    ]
    assert "0 new, 0 changed, 5 as they were, 0 not in the account." in run("sync_numbers")
    assert OriginationIdentity.objects.exclude(mirrored_at=None).count() == 5


@pytest.mark.django_db
def test_a_plan_writes_nothing(run: Run, account: Simulator) -> None:
    account.account.add_number(OURS)
    answer = run("sync_numbers", "--plan", "--json")
    assert (answer["written"], [one["do"] for one in answer["numbers"]]) == (False, ["add"])
    assert not OriginationIdentity.objects.exists()


@pytest.mark.django_db
def test_more_than_a_page_of_numbers(run: Run, account: Simulator) -> None:
    for n in range(130):
        account.account.add_number(f"+1206555{n:04}")
    assert "130 new, 0 changed, 0 as they were, 0 not in the account." in run("sync_numbers")


@pytest.mark.django_db
def test_all_or_nothing(account: Simulator) -> None:
    good = Step("add", OURS, {}, {"kind": "ten_dlc", "mps": 1, "two_way": True})
    with pytest.raises(Exception, match="kind"):
        mirror.apply([good, Step("add", THEIRS, {}, {"kind": "pigeon", "mps": 1})])
    assert not OriginationIdentity.objects.exists()
