"""How long a transaction may say nothing: a host that is cut off in the middle of one must not keep its locks.

PostgreSQL waits for the next statement for as long as the connection seems to live: two hours by default when the other
host has vanished without a word. Whoever needs what the transaction has locked waits with it.
"""

from datetime import timedelta

from django.db import connection

# As long as a lane's lease: whoever is silent for so long has lost it anyway.
MOST = timedelta(seconds=5)


def ends_the_transaction() -> None:
    """Have PostgreSQL end the current transaction, and its session, once nothing was said in it for MOST.

    For sending, which is quick and which everybody waits for; all other transactions have longer (config.postgresql).
    SQLite's are on one machine and end with their process.
    """
    if connection.vendor == "postgresql":
        milliseconds = int(MOST.total_seconds() * 1000)
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('idle_in_transaction_session_timeout', %s, true)", [str(milliseconds)])
