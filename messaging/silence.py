"""How long a transaction may say nothing: a host that is cut off in the middle of one must not keep its locks.

PostgreSQL waits for the next statement for as long as the connection seems to live: two hours by default when the other
host has vanished without a word. Whoever needs what the transaction has locked waits with it.

Between the statements of a batch (psycopg's executemany) it counts no silence. There its TCP, which hears nothing from
a host that has vanished, is told to give up as soon.
"""

from datetime import timedelta

from django.db import connection

# As long as a lane's lease: whoever is silent for so long has lost it anyway.
MOST = timedelta(seconds=5)
# TCP asks a host that says nothing after two seconds, and every second; on a unix socket this has no effect.
_LIMIT = """
SELECT set_config('idle_in_transaction_session_timeout', %(most)s, true),
    set_config('tcp_user_timeout', %(most)s, true),
    set_config('tcp_keepalives_idle', '2', true), set_config('tcp_keepalives_interval', '1', true)
"""


def ends_the_transaction() -> None:
    """Have PostgreSQL end the current transaction, and its session, once nothing was said in it for MOST.

    For sending, which is quick and which everybody waits for; all other transactions have longer (config.postgresql).
    SQLite's are on one machine and end with their process.
    """
    if connection.vendor == "postgresql":
        milliseconds = int(MOST.total_seconds() * 1000)
        with connection.cursor() as cursor:
            cursor.execute(_LIMIT, {"most": str(milliseconds)})
