"""Whether a connection to PostgreSQL still lives, on the real server."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import Error, InternalError, ProgrammingError, connection, transaction
from django.db.backends.postgresql import base

from config.postgresql import base as postgresql
from messaging import clock, silence
from messaging.outbound import leases
from tests.workers import until

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("sqlite" in settings.DATABASES["default"]["ENGINE"], reason="PostgreSQL only"),
]


@pytest.fixture
def other() -> Iterator[psycopg.Connection[Any]]:
    """Somebody else's connection to the same server."""
    with psycopg.connect(settings.DATABASE_URL, autocommit=True) as theirs:
        yield theirs


@pytest.fixture
def pid() -> Iterator[int]:
    """The server's process behind our connection, which is made anew afterwards."""
    connection.ensure_connection()
    yield connection.connection.info.backend_pid
    connection.close()


def test_one_that_lives_is_not_asked(pid: int, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    monkeypatch.setattr(base.DatabaseWrapper, "is_usable", lambda _: asked.append(1))
    assert connection.is_usable()
    assert not asked


def test_one_whose_server_process_was_killed_is_not_usable(pid: int, other: psycopg.Connection[Any]) -> None:
    other.execute("SELECT pg_terminate_backend(%s)", [pid])
    until(lambda: not connection.is_usable())


def test_the_next_request_has_a_new_one(pid: int, other: psycopg.Connection[Any]) -> None:
    other.execute("SELECT pg_terminate_backend(%s)", [pid])
    until(lambda: not connection.is_usable())
    # As Django does it when a request begins.
    connection.close_if_unusable_or_obsolete()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        assert cursor.fetchone() != (pid,)


def test_a_word_of_the_server_that_is_not_its_last_is_asked_about(pid: int, other: psycopg.Connection[Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("LISTEN textback_test")
    other.execute("NOTIFY textback_test")
    assert connection.is_usable()


def test_a_closed_one_is_not_usable(pid: int) -> None:
    connection.connection.close()
    assert not connection.is_usable()


def test_one_that_began_while_nothing_could_be_written_is_not_kept(pid: int) -> None:
    with connection.cursor() as cursor:
        # A session keeps what was the database's when it began, long after an operator has taken it back.
        cursor.execute("SET default_transaction_read_only = on")
    assert connection.is_usable()
    with pytest.raises(InternalError, match="read-only transaction"):
        Session.objects.create(session_key="a", expire_date=clock.now())
    connection.close_if_unusable_or_obsolete()
    Session.objects.create(session_key="a", expire_date=clock.now())


def test_one_that_was_refused_something_else_is_kept(pid: int) -> None:
    with pytest.raises(ProgrammingError), connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM nowhere")
    connection.close_if_unusable_or_obsolete()
    assert connection.connection.info.backend_pid == pid


def _longest_silence() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW idle_in_transaction_session_timeout")
        return str(cursor.fetchone()[0])


class TestSilence:
    """A host that is cut off in the middle of a transaction must not keep others waiting for what it has locked."""

    @pytest.fixture(autouse=True)
    def _new_connections(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
        monkeypatch.setattr(postgresql.DatabaseWrapper, "longest_silence_seconds", 1)
        connection.close()
        yield
        connection.close()

    def test_the_lock_of_a_silent_transaction_is_free_again(self) -> None:
        # Such locks are of one database, and theirs is not that of the test.
        name = connection.settings_dict["NAME"]
        with psycopg.connect(settings.DATABASE_URL, dbname=name, autocommit=True) as waiting:
            waiting.execute("SET lock_timeout = '60s'")

            def fall_silent() -> None:
                with transaction.atomic(), connection.cursor() as cursor:
                    cursor.execute("SELECT pg_advisory_xact_lock(1)")
                    waiting.execute("SELECT pg_advisory_lock(1)")
                    cursor.execute("SELECT 1")

            with pytest.raises(Error, match=r"idle-in-transaction|connection"):
                fall_silent()

    @pytest.mark.parametrize(("of_the_role", "holds"), [("500ms", "500ms"), ("1d", "1s"), ("0", "1s")])
    def test_the_shorter_limit_holds(self, other: psycopg.Connection[Any], of_the_role: str, holds: str) -> None:
        other.execute(f"ALTER ROLE postgres SET idle_in_transaction_session_timeout = '{of_the_role}'")
        try:
            assert _longest_silence() == holds
        finally:
            other.execute("ALTER ROLE postgres RESET idle_in_transaction_session_timeout")

    def test_who_sends_has_as_long_as_a_lease_and_only_in_that_transaction(self) -> None:
        connection.close()
        with transaction.atomic():
            silence.ends_the_transaction()
            assert _longest_silence() == "5s"
        assert _longest_silence() == "1s"
        assert silence.MOST == leases.LEASE
