"""Numbers of the account → origination identities. What AWS knows better is taken over, what staff decide is kept.

Taken over each time: kind, country, two-way, who manages opt-outs, the pool, and the state that AWS gives. A rate that
staff set lower is kept; one above what AWS allows is lowered to it. ``active`` is staff's: a number is switched off
when AWS can no longer send from it, and never switched on again by itself.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from messaging import clock
from messaging.models import OriginationIdentity
from messaging.numbers import default_mps

_SMS = "SMS"
# The members that AWS decides on: field of ours → attribute of a Fact.
_FACTS = ("kind", "iso_country_code", "two_way", "self_managed_opt_outs", "aws_id", "pool", "aws_state")


@dataclass(frozen=True)
class Fact:
    """What AWS says of one number or sender ID.

    Attributes:
        identity: the number, short code or sender ID.
        kind: as OriginationIdentity.Kind has it.
        iso_country_code: ISO 3166; blank: several countries.
        mps: message parts per second that AWS allows; None: it does not say.
        aws_state: blank: it can send; else why not, in words.
    """

    identity: str
    kind: str
    iso_country_code: str
    two_way: bool
    self_managed_opt_outs: bool
    aws_id: str = ""
    pool: str = ""
    mps: int | None = None
    aws_state: str = ""


@dataclass(frozen=True)
class Step:
    """What becomes of one origination identity.

    Attributes:
        do: ``add``, ``change``, ``missing`` or ``same``.
        before: the fields that change, as they are.
        after: as they are to be.
        notes: what staff should know.
    """

    do: str
    identity: str
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def facts(
    numbers: Iterable[Mapping[str, Any]], pools: Mapping[str, Mapping[str, Any]], senders: Iterable[Mapping[str, Any]]
) -> list[Fact]:
    """What DescribePhoneNumbers, DescribePools (by id) and DescribeSenderIds say."""
    found = [_number(row, pools.get(row.get("PoolId", ""))) for row in numbers]
    by_name: dict[str, list[Mapping[str, Any]]] = {}
    for row in senders:
        by_name.setdefault(row["SenderId"], []).append(row)
    return found + [_sender_id(name, rows) for name, rows in by_name.items()]


def _number(row: Mapping[str, Any], pool: Mapping[str, Any] | None) -> Fact:
    # What a pool says holds for all numbers in it.
    switches = pool if pool is not None else row
    return Fact(
        identity=row["PhoneNumber"],
        kind=row["NumberType"].lower(),
        iso_country_code=row["IsoCountryCode"],
        two_way=switches["TwoWayEnabled"],
        self_managed_opt_outs=switches["SelfManagedOptOutsEnabled"],
        aws_id=row["PhoneNumberId"],
        pool=row.get("PoolId", ""),
        mps=_rate(row),
        aws_state=_state(row),
    )


def _sender_id(name: str, rows: list[Mapping[str, Any]]) -> Fact:
    countries = sorted({row["IsoCountryCode"] for row in rows})
    rates = [rate for rate in map(_rate, rows) if rate is not None]
    return Fact(
        identity=name,
        kind=OriginationIdentity.Kind.SENDER_ID,
        iso_country_code=countries[0] if len(countries) == 1 else "",
        two_way=False,
        self_managed_opt_outs=False,
        # AWS gives the rate of each country; ours is one lane.
        mps=min(rates) if rates else None,
    )


def _rate(row: Mapping[str, Any]) -> int | None:
    rate = row.get("MessagingLimits", {}).get("RateLimits", {}).get(_SMS)
    return int(rate) if rate else None


def _state(row: Mapping[str, Any]) -> str:
    if row["Status"] != "ACTIVE":
        return f"AWS has it as {row['Status'].lower()}."
    if _SMS not in row["NumberCapabilities"]:
        return "AWS does not let it send texts."
    return ""


def judge(present: Mapping[str, Mapping[str, Any]], said: Iterable[Fact]) -> list[Step]:
    """What to do about each number. Pure.

    Args:
        present: our origination identities, by identity, each with its fields.
        said: what AWS says.
    """
    by_identity = {fact.identity: fact for fact in said}
    steps = [_step(fact, present.get(identity)) for identity, fact in sorted(by_identity.items())]
    missing = [
        Step(
            "missing",
            identity,
            notes=("It is not in this account and region. Make it inactive in the admin if it is gone.",),
        )
        for identity in sorted(set(present) - set(by_identity))
    ]
    return steps + missing


def _step(fact: Fact, row: Mapping[str, Any] | None) -> Step:
    wanted = {name: getattr(fact, name) for name in _FACTS}
    allowed = fact.mps or default_mps(fact.kind, fact.iso_country_code)
    if row is None:
        usable = not fact.aws_state
        told = () if usable else (f"Added inactive: {fact.aws_state}",)
        return Step("add", fact.identity, {}, {**wanted, "mps": allowed, "active": usable}, told)
    notes: list[str] = []
    if row["mps"] > allowed and fact.mps:
        wanted["mps"] = allowed
        notes.append(f"AWS allows {allowed} MPS.")
    elif row["mps"] < allowed and fact.mps:
        notes.append(f"AWS allows {allowed} MPS; the {row['mps']} that staff set is kept.")
    if fact.aws_state and row["active"]:
        wanted["active"] = False
        notes.append(f"Switched off: {fact.aws_state}")
    elif not fact.aws_state and not row["active"]:
        notes.append("AWS can send from it; it stays inactive, as it was made.")
    after = {name: value for name, value in wanted.items() if row[name] != value}
    return Step("change" if after else "same", fact.identity, {name: row[name] for name in after}, after, tuple(notes))


def plan(said: Iterable[Fact]) -> list[Step]:
    """What to do, with the database as it is."""
    return judge({row["identity"]: row for row in OriginationIdentity.objects.values()}, said)


@transaction.atomic
def apply(steps: Iterable[Step]) -> None:
    """Do it: all steps, or none.

    Raises:
        django.core.exceptions.ValidationError: AWS says something that cannot be stored.
    """
    now = clock.now()
    for step in steps:
        if step.do == "add":
            number = OriginationIdentity(identity=step.identity, mirrored_at=now, **step.after)
            number.full_clean()
            number.save()
        elif step.do in ("change", "same"):
            # Only what differs is written: staff may be editing the rest.
            OriginationIdentity.objects.filter(identity=step.identity).update(**step.after, mirrored_at=now)
