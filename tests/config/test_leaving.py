"""Answers on their way out to somebody who takes nothing, or little: nobody waits, and nothing is lost of them."""

import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.processes import leaving
from config.processes.leaving import AnswerSocket

Pair = tuple[AnswerSocket, socket.socket]
LONG = os.urandom(3_000_000)


@pytest.fixture
def pair() -> Iterator[Pair]:
    ours, theirs = socket.socketpair()
    made = AnswerSocket.of(ours)
    made.setblocking(False)
    theirs.settimeout(10)
    with made, theirs:
        yield made, theirs


def taken(ours: AnswerSocket, theirs: socket.socket) -> bytes:
    """What the other side reads, while the loop sends on."""
    content = b""
    while ours.has_more:
        content += theirs.recv(65_536)
        ours.send_more()
    ours.shutdown(socket.SHUT_WR)
    while received := theirs.recv(65_536):
        content += received
    return content


def test_a_short_answer_is_sent_at_once(pair: Pair) -> None:
    ours, theirs = pair
    ours.sendall(b"short")
    assert not ours.has_more
    assert theirs.recv(100) == b"short"


def test_what_is_not_taken_is_kept_in_order(pair: Pair, tmp_path: Path) -> None:
    ours, theirs = pair
    (tmp_path / "file").write_bytes(LONG)
    ours.sendall(b"head")
    ours.sendall(LONG)
    with (tmp_path / "file").open("rb") as file:
        assert ours.sendfile(file, 1000, 500_000) == 500_000
    ours.sendall(b"tail")
    assert ours.has_more
    assert taken(ours, theirs) == b"head" + LONG + LONG[1000:501_000] + b"tail"


def test_a_file_is_sent_to_its_end(pair: Pair, tmp_path: Path) -> None:
    ours, theirs = pair
    (tmp_path / "file").write_bytes(LONG)
    with (tmp_path / "file").open("rb") as file:
        ours.sendfile(file)
    assert taken(ours, theirs) == LONG


def test_a_file_that_became_shorter_ends_the_connection(pair: Pair, tmp_path: Path) -> None:
    ours, theirs = pair
    (tmp_path / "file").write_bytes(LONG)
    with (tmp_path / "file").open("rb") as file:
        ours.sendfile(file)
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OSError, match="shorter"):
        taken(ours, theirs)


def test_beyond_what_is_kept_the_thread_waits(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leaving, "MOST_KEPT", 1_000_000)
    ours, theirs = pair
    seen: list[bytes] = []
    reader = threading.Thread(target=lambda: seen.append(b"".join(iter(lambda: theirs.recv(65_536), b""))))
    reader.start()
    ours.sendall(LONG)
    assert not ours.has_more
    ours.shutdown(socket.SHUT_WR)
    reader.join(10)
    assert seen == [LONG]


def test_but_not_for_ever(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leaving, "MOST_KEPT", 1_000_000)
    monkeypatch.setattr(leaving, "_PATIENCE_SECONDS", 0.1)
    with pytest.raises(BrokenPipeError):
        pair[0].sendall(LONG)


def test_somebody_who_has_gone(pair: Pair) -> None:
    ours, theirs = pair
    ours.sendall(LONG)
    theirs.close()
    with pytest.raises(OSError):
        ours.send_more()
