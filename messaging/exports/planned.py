"""What a plan would have written by now, so that it counts later rows as the run will.

On the disk, in a file of SQLite's that has no name and is gone with the process: a plan of a million rows needs no more
memory than one of a thousand, and holds no lock of our database.
"""

import json
import sqlite3
from collections.abc import Collection, Mapping
from typing import Any


class Planned:
    """Values of JSON by kind and name."""

    def __init__(self) -> None:
        # A database without a name is a temporary file of its own: sqlite.org/inmemorydb.html
        self._rows = sqlite3.connect("", isolation_level=None)
        self._rows.execute("PRAGMA journal_mode = OFF")
        self._rows.execute(
            "CREATE TABLE planned (kind TEXT, name TEXT, value TEXT, PRIMARY KEY (kind, name)) WITHOUT ROWID"
        )

    def get(self, kind: str, names: Collection[str]) -> dict[str, Any]:
        """Those that there are."""
        found = self._rows.execute(
            "SELECT name, value FROM planned WHERE kind = ? AND name IN (SELECT value FROM json_each(?))",
            [kind, json.dumps(list(names))],
        )
        return {name: json.loads(value) for name, value in found}

    def put(self, kind: str, values: Mapping[str, Any]) -> None:
        """Add some, or put others in their place."""
        rows = [(kind, name, json.dumps(value)) for name, value in values.items()]
        self._rows.execute("BEGIN")
        self._rows.executemany("INSERT OR REPLACE INTO planned VALUES (?, ?, ?)", rows)
        self._rows.execute("COMMIT")

    def close(self) -> None:
        """Forget all."""
        self._rows.close()
