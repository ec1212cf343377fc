"""Whether a connection still lives, told by its socket instead of a question to the server.

With CONN_HEALTH_CHECKS Django sends SELECT 1 before the first query of each request and each job: for a webhook that is
as much as all the rest of its talk with the database. A server that ended, was restarted or cut us off has closed the
socket, and a closed socket is readable. One whose machine vanished without a word is found out by neither way until TCP
gives up.

A session that began while the database took no writes (default_transaction_read_only, as hosts set it when a disk is
full) refuses them for ever, also when everybody else's are taken again. It is closed at its first refusal.

The other way round, PostgreSQL is told to end a transaction in which nothing has been said for long: its host may be
cut off, and others wait for what it has locked. Between the statements of a batch (psycopg's executemany sends them one
after the other and asks for the answers at the end) that time does not run: there the server's TCP is told not to wait
for longer either for a host that acknowledges nothing.
"""

import select
from typing import Any

import psycopg
from django.db.backends.postgresql import base

# Seconds, seconds, times; on a unix socket, where no host can vanish, without effect:
# https://www.postgresql.org/docs/current/runtime-config-connection.html#RUNTIME-CONFIG-TCP-SETTINGS
_KEEPALIVES = {"tcp_keepalives_idle": 5, "tcp_keepalives_interval": 2, "tcp_keepalives_count": 5}
_LIMIT_SILENCE = """
SELECT set_config(name, most::text, false) FROM pg_settings
JOIN unnest(%(names)s::text[], %(limits)s::int[]) AS limits (limited, most) ON name = limited
WHERE setting::int = 0 OR setting::int > most
"""


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that is looked at before it is asked."""

    # As tcp_user_timeout in config.database. Far more than the house thinks between two statements.
    longest_silence_seconds = 15

    def init_connection_state(self) -> None:
        """Limit the silence in a transaction, where the server or the role does not limit it to less."""
        super().init_connection_state()
        connection: Any = self.connection
        most = self.longest_silence_seconds * 1000
        limits = {"idle_in_transaction_session_timeout": most, "tcp_user_timeout": most, **_KEEPALIVES}
        connection.execute(_LIMIT_SILENCE, {"names": list(limits), "limits": list(limits.values())})

    def is_usable(self) -> bool:
        """Whether a query may be sent: nothing has come from the server since the last one, or it answers SELECT 1."""
        connection: Any = self.connection
        if connection is None or connection.closed:
            return False
        if self.errors_occurred:
            return super().is_usable() and self._takes_writes()
        # Not select(): a web worker may have more files open than that can tell apart.
        look = select.poll()
        look.register(connection.fileno(), select.POLLIN | select.POLLHUP | select.POLLERR)
        # Silence is life. A word may be a notice as well as the end: then the server is asked.
        return not look.poll(0) or super().is_usable()

    def _takes_writes(self) -> bool:
        connection: Any = self.connection
        try:
            row = connection.execute("SHOW transaction_read_only").fetchone()
        except psycopg.Error:
            return False
        return bool(row == ("off",))
