"""The log on disk: one SQLite file in the state directory, written by one thread, read once at start.

Whatever has gathered is committed together, so a burst of texts costs a burst of rows, not of fsyncs;
a crash may lose the last moment, a normal end loses nothing.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any

from messaging.simulator.records import ReceivedText, SentText

FILE = "simulator.sqlite3"
SCHEMA = """
CREATE TABLE IF NOT EXISTS texts (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    direction TEXT NOT NULL CHECK (direction IN ('sent', 'received')),
    record TEXT NOT NULL,
    status TEXT NOT NULL DEFAULT '',
    note TEXT NOT NULL DEFAULT ''
);
CREATE TABLE IF NOT EXISTS handsets (number TEXT PRIMARY KEY, name TEXT NOT NULL);
"""
Write = tuple[str, tuple[Any, ...]]


class Storage:
    def __init__(self, state_dir: Path) -> None:
        state_dir.mkdir(parents=True, exist_ok=True)
        self._file = state_dir / FILE
        self._writes: SimpleQueue[Write | None] = SimpleQueue()
        self._writer: Thread | None = None
        with self._connect() as connection:
            connection.executescript(SCHEMA)
        connection.close()

    def start(self) -> None:
        self._writer = Thread(target=self._write, name="simulator-storage", daemon=True)
        self._writer.start()

    def stop(self) -> None:
        """Everything handed over so far is on disk when this returns."""
        if self._writer is not None:
            self._writes.put(None)
            self._writer.join()
            self._writer = None

    def texts(self) -> Iterator[tuple[SentText | ReceivedText, str, str]]:
        connection = self._connect()
        query = "SELECT direction, record, status, note FROM texts ORDER BY position"
        for direction, record, status, note in connection.execute(query):
            kind: type[SentText | ReceivedText] = SentText if direction == "sent" else ReceivedText
            yield kind(**json.loads(record)), status, note
        connection.close()

    def handsets(self) -> list[tuple[str, str]]:
        connection = self._connect()
        found = list(connection.execute("SELECT name, number FROM handsets ORDER BY rowid"))
        connection.close()
        return found

    def add_text(self, text: SentText | ReceivedText) -> None:
        direction = "sent" if isinstance(text, SentText) else "received"
        key = text.message_id if isinstance(text, SentText) else text.inbound_id
        sql = "INSERT OR IGNORE INTO texts (id, direction, record) VALUES (?, ?, ?)"
        self._writes.put((sql, (key, direction, json.dumps(asdict(text)))))

    def set_status(self, text_id: str, status: str, note: str) -> None:
        self._writes.put(("UPDATE texts SET status = ?, note = ? WHERE id = ?", (status, note, text_id)))

    def add_handset(self, name: str, number: str) -> None:
        sql = "INSERT INTO handsets (number, name) VALUES (?, ?) ON CONFLICT DO UPDATE SET name = excluded.name"
        self._writes.put((sql, (number, name)))

    def clear_texts(self) -> None:
        self._writes.put(("DELETE FROM texts", ()))

    def _connect(self) -> sqlite3.Connection:
        return sqlite3.connect(self._file, timeout=10)

    def _write(self) -> None:
        connection = self._connect()
        connection.execute("PRAGMA journal_mode=WAL")
        ended = False
        while not ended:
            batch = [self._writes.get()]
            try:
                while len(batch) < 1000:
                    batch.append(self._writes.get_nowait())
            except Empty:
                pass
            with connection:
                for write in batch:
                    if write is None:
                        ended = True
                    else:
                        connection.execute(*write)
        connection.close()
