"""Two-way messaging and self-managed opt-outs on each number, or on the pool it is in."""

from collections.abc import Iterator
from typing import Any

from messaging.aws.changes import Change, differing
from messaging.aws.session import Session
from messaging.aws.wanted import INBOUND, Wanted

# The carrier answers STOP on a US toll-free number, whoever manages opt-outs:
# docs.aws.amazon.com/sms-voice/latest/userguide/keywords-required.html
_CARRIER_ANSWERS = "TOLL_FREE"


class NoSuchNumber(LookupError):
    """The account has no such number."""


def owned(session: Session) -> list[dict[str, Any]]:
    """The phone numbers of the account, those shared by others excepted: they cannot be changed."""
    return _all(session, "describe_phone_numbers", "PhoneNumbers")


def pools(session: Session) -> dict[str, dict[str, Any]]:
    """The pools of the account, by their id."""
    return {pool["PoolId"]: pool for pool in _all(session, "describe_pools", "Pools")}


def sender_ids(session: Session) -> list[dict[str, Any]]:
    """The sender IDs of the account, each for one country."""
    return _all(session, "describe_sender_ids", "SenderIds")


def _all(session: Session, operation: str, member: str) -> list[dict[str, Any]]:
    return [row for page in session.sms.get_paginator(operation).paginate() for row in page[member]]


def changes(session: Session, wanted: Wanted) -> Iterator[Change]:
    """What differs on the wanted numbers.

    Raises:
        NoSuchNumber: the account has none of that name in this region.
    """
    if not wanted.numbers:
        return
    rows = owned(session)
    missing = set(wanted.numbers) - {row["PhoneNumber"] for row in rows}
    if missing:
        have = ", ".join(sorted(row["PhoneNumber"] for row in rows)) or "none"
        raise NoSuchNumber(
            f"The account has no {', '.join(sorted(missing))} in {wanted.region}. It has: {have}. "
            "Request numbers in the console of AWS End User Messaging SMS; a country's rules decide what you need."
        )
    seen: set[str] = set()
    known_pools = pools(session)
    for row in rows:
        if row["PhoneNumber"] not in wanted.numbers:
            continue
        pool = known_pools.get(row.get("PoolId", ""))
        if pool is None:
            yield from _of_number(session, wanted, row)
        elif pool["PoolId"] not in seen:
            # What a pool says, its numbers obey; AWS refuses to change them one by one.
            seen.add(pool["PoolId"])
            yield from _of_pool(session, wanted, pool)


def _of_number(session: Session, wanted: Wanted, row: dict[str, Any]) -> Iterator[Change]:
    before, after = differing(row, _members(wanted))
    if after:
        # AWS wants the channel with the switch.
        given = {**after, "TwoWayEnabled": True, "TwoWayChannelArn": wanted.topic(INBOUND)}
        yield Change(
            f"Phone number {row['PhoneNumber']} ({row['NumberType'].lower()}, {row['IsoCountryCode']})",
            before,
            after,
            lambda: session.sms.update_phone_number(PhoneNumberId=row["PhoneNumberId"], **given),
            note="Toll-free: the carrier goes on answering STOP." if row["NumberType"] == _CARRIER_ANSWERS else "",
        )


def _of_pool(session: Session, wanted: Wanted, pool: dict[str, Any]) -> Iterator[Change]:
    before, after = differing(pool, _members(wanted))
    if after:
        given = {**after, "TwoWayEnabled": True, "TwoWayChannelArn": wanted.topic(INBOUND)}
        yield Change(
            f"Pool {pool['PoolId']}",
            before,
            after,
            lambda: session.sms.update_pool(PoolId=pool["PoolId"], **given),
            note="It holds for every number in the pool.",
        )


def _members(wanted: Wanted) -> dict[str, Any]:
    return {
        "TwoWayEnabled": True,
        "TwoWayChannelArn": wanted.topic(INBOUND),
        "SelfManagedOptOutsEnabled": True,
    }
