"""Making a campaign's rows and withdrawing somebody's approval, one after the other.

Who makes rows reads approval and shows the rows when the transaction ends; who withdraws it must neither be overlooked
nor miss those rows, whenever the campaign began. Many may make rows at once. SQLite has one writer anyway.
"""

from django.db import connection

_LOCK = 7_214_004


def may_expand() -> bool:
    """Whether nobody withdraws approval now. If so, nobody can before this transaction ends; if not, try later."""
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock_shared(%s)", [_LOCK])
        return bool(cursor.fetchone()[0])


def wait_for_expansions() -> None:
    """Wait until nobody makes rows, and keep others from it until this transaction ends."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
