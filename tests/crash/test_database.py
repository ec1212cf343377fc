"""What a restart of PostgreSQL does to whoever uses it, which a kill does not."""

import psycopg
import pytest
from psycopg import errors

from tests.postgres import Postgres


def test_a_shutdown_tells_whoever_is_connected_and_keeps_what_was_committed() -> None:
    with Postgres(survives_kill=True) as server, psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute("CREATE TABLE kept (n integer)")
        server.shut_down()
        assert not server.running
        # 57P01: a process that was killed would have said nothing.
        with pytest.raises(errors.AdminShutdown):
            connection.execute("SELECT 1")
        server.start_again()
        with psycopg.connect(server.url) as again:
            assert again.execute("SELECT count(*) FROM kept").fetchall() == [(0,)]
