"""The simulator's journal, followed while it is being written."""

import json
from pathlib import Path
from typing import Any

from messaging.simulator.storage import FILE


class Tail:
    """New facts since the last look. Half a line waits for its other half."""

    def __init__(self, state: Path) -> None:
        self._file = state / FILE
        self._read = 0

    def news(self) -> list[tuple[str, dict[str, Any]]]:
        """What was written meanwhile, as (kind, record)."""
        if not self._file.exists():
            return []
        with self._file.open("rb") as file:
            file.seek(self._read)
            data = file.read()
        whole = data[: data.rfind(b"\n") + 1]
        self._read += len(whole)
        facts = (json.loads(line) for line in whole.splitlines())
        return [(kind, record) for kind, _, record in facts]
