"""The journal on disk: what the simulator promised outlives kill -9 of its process.

One line of JSON for each fact, appended with one write before anybody is told of it. The operating system has it then,
which is enough: the process may be killed at any moment, the machine keeps its power. Read once, at start.
"""

from __future__ import annotations

import json
import os
import weakref
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any

from messaging.simulator import clock
from messaging.simulator.records import Call, Notification, ReceivedText, SendRequest, SentText

FILE = "journal.jsonl"
# What a cleared log keeps: the phones, and where notifications go.
_KEPT = ("handset", "state", "opted_out", "confirmed")


@dataclass
class Remembered:
    """What the journal says at start. ``notifications`` are by MessageId, with the state each was left in."""

    texts: list[SentText | ReceivedText] = field(default_factory=list)
    statuses: dict[str, tuple[str, str]] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    handsets: dict[str, str] = field(default_factory=dict)
    states: dict[str, str] = field(default_factory=dict)
    opted_out: set[str] = field(default_factory=set)
    confirmed: dict[str, dict[str, Any]] = field(default_factory=dict)
    notifications: dict[str, Notification] = field(default_factory=dict)


class Storage:
    def __init__(self, state_dir: Path) -> None:
        state_dir.mkdir(parents=True, exist_ok=True)
        self.file = state_dir / FILE
        self._lock = Lock()
        self.remembered = _remember(read(self.file))
        self._descriptor = self._open()
        self.add("started", {"pid": os.getpid()})

    def take_remembered(self) -> Remembered:
        """What an earlier process left; nothing when asked again."""
        remembered, self.remembered = self.remembered, Remembered()
        return remembered

    def add(self, kind: str, record: Mapping[str, Any]) -> None:
        """It is written when this returns."""
        line = _line(kind, record)
        with self._lock:
            _write(self._descriptor, line)

    def add_text(self, text: SentText | ReceivedText) -> None:
        self.add("sent" if isinstance(text, SentText) else "received", asdict(text))

    def add_request(self, request: SendRequest) -> None:
        self.add("request", asdict(request))

    def add_told(self, message_id: str) -> None:
        """The moment at which a withheld answer is given is that of the line."""
        self.add("told", {"message_id": message_id})

    def add_call(self, call: Call) -> None:
        self.add("call", asdict(call))

    def add_notification(self, notification: Notification) -> None:
        self.add("notification", asdict(notification) | {"body": notification.body.decode()})

    def set_state(self, notification: Notification) -> None:
        """Only ``delivered`` and ``dead`` are news to whoever starts again."""
        self.add("settled", {"message_id": notification.message_id, "state": notification.state})

    def add_post(self, notification: Notification, status: int) -> None:
        """An answer of the webhook; 0 when there was none."""
        self.add("post", {"message_id": notification.message_id, "status": status})

    def set_status(self, text_id: str, status: str, note: str) -> None:
        self.add("status", {"id": text_id, "status": status, "note": note})

    def clear_texts(self) -> None:
        """Begin the journal anew, with what is not of texts."""
        with self._lock:
            lines = [_line(kind, record) for kind, record in read(self.file) if kind in _KEPT]
            draft = self.file.with_suffix(".draft")
            draft.write_bytes(b"".join(lines))
            draft.replace(self.file)
            self._close()
            self._descriptor = self._open()

    def _open(self) -> int:
        # Half a line is what a kill in the middle of a write leaves: nobody was told of it.
        if self.file.exists():
            whole = self.file.read_bytes().rpartition(b"\n")
            os.truncate(self.file, len(whole[0]) + len(whole[1]))
        descriptor = os.open(self.file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._close = weakref.finalize(self, os.close, descriptor)
        return descriptor


def read(file: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """The journal as (kind, record), each with ``written_at``, in order; half a line at its end is left out."""
    if not file.exists():
        return
    with file.open("rb") as lines:
        for line in lines:
            if line.endswith(b"\n"):
                kind, written_at, record = json.loads(line)
                yield kind, {**record, "written_at": written_at}


def _line(kind: str, record: Mapping[str, Any]) -> bytes:
    return json.dumps([kind, clock.wall(), record]).encode() + b"\n"


def _write(descriptor: int, line: bytes) -> None:
    while line:
        line = line[os.write(descriptor, line) :]


def _remember(facts: Iterator[tuple[str, dict[str, Any]]]) -> Remembered:
    known = Remembered()
    for kind, record in facts:
        del record["written_at"]
        _take(known, kind, record)
    return known


def _take(known: Remembered, kind: str, record: dict[str, Any]) -> None:
    match kind:
        case "sent":
            known.texts.append(SentText(**record))
        case "received":
            known.texts.append(ReceivedText(**record))
        case "status":
            known.statuses[record["id"]] = (record["status"], record["note"])
        case "call":
            known.calls.append(Call(**record))
        case "confirmed":
            known.confirmed[record["topic_arn"]] = record
        case "notification":
            notification = Notification(**{**record, "body": record["body"].encode()})
            known.notifications[notification.message_id] = notification
        case "settled":
            known.notifications[record["message_id"]].state = record["state"]
        case _:
            _take_of_handset(known, kind, record)


def _take_of_handset(known: Remembered, kind: str, record: dict[str, Any]) -> None:
    match kind:
        case "handset":
            known.handsets[record["number"]] = record["name"]
        case "state":
            known.states[record["number"]] = record["state"]
        case "opted_out":
            (known.opted_out.add if record["out"] else known.opted_out.discard)(record["number"])
