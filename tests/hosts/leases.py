"""Who held a lane and when, as the database itself has seen it: a trigger writes down each change of hands."""

from collections.abc import Mapping
from dataclasses import dataclass

import psycopg

from tests.crash.database import Reader, moment

_WATCH = """
CREATE TABLE hosts_lease (
    id bigserial PRIMARY KEY, at timestamptz NOT NULL, number text NOT NULL,
    before text NOT NULL, after text NOT NULL, expires_at timestamptz
);
CREATE FUNCTION hosts_lease() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO hosts_lease (at, number, before, after, expires_at)
    SELECT clock_timestamp(), identity, OLD.lease_owner, NEW.lease_owner, OLD.lease_expires_at
    FROM messaging_originationidentity WHERE id = NEW.origination_identity_id;
    RETURN NULL;
END $$;
CREATE TRIGGER hosts_lease AFTER UPDATE ON messaging_lane
    FOR EACH ROW WHEN (OLD.lease_owner IS DISTINCT FROM NEW.lease_owner) EXECUTE FUNCTION hosts_lease();
"""


@dataclass(frozen=True, slots=True)
class Lease:
    """A number changed hands: from whom, to whom (hosts; "" is nobody), and when the first one's lease ran out."""

    at: float
    number: str
    before: str
    after: str
    expires_at: float | None


def watch(url: str) -> None:
    """Begin to write down who holds the lanes."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(_WATCH)


def read(url: str, hosts: Mapping[int, str]) -> tuple[Lease, ...]:
    """All that was written down, in order. ``hosts`` are their names by the process id of their sender."""
    with Reader(url).session() as session:
        rows = session.table("hosts_lease")
    return tuple(
        Lease(
            moment(row["at"]),
            row["number"],
            _host(row["before"], hosts),
            _host(row["after"], hosts),
            None if row["expires_at"] is None else moment(row["expires_at"]),
        )
        for row in rows
    )


def holder(url: str, hosts: Mapping[int, str]) -> str:
    """The host that holds a lane now; "" is nobody."""
    with Reader(url).session() as session:
        rows = session.rows("SELECT lease_owner FROM messaging_lane WHERE lease_owner <> ''")
    return _host(rows[0]["lease_owner"], hosts) if rows else ""


def _host(owner: str, hosts: Mapping[int, str]) -> str:
    # As messaging.outbound.lanes.Drainer names itself: machine, process, and something of its own.
    return hosts.get(int(owner.split(":")[-2]), owner) if owner else ""
