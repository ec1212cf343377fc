"""What an import says of a file."""

from dataclasses import dataclass, field
from typing import Any

# More than that nobody reads; they are counted all the same.
MOST_ERRORS = 1000


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, and where. ``line`` counts the file's lines from 1; ``column`` is as the file writes it."""

    line: int
    column: str
    message: str

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {"line": self.line, "column": self.column, "message": self.message}


class Unreadable(Exception):
    """Nothing can be read from here on."""

    def __init__(self, message: str, *, line: int = 1, column: str = "") -> None:
        super().__init__(message)
        self.problem = Problem(line, column, message)


@dataclass(slots=True)
class Report:
    """What an import does, or did. ``rows`` is the sum of created, updated and unchanged.

    Attributes:
        rows: lines with somebody on them, without those skipped.
        skipped: lines of Pinpoint's that are for another channel than SMS, or INACTIVE there.
        opted_out: how many people Pinpoint says have opted out.
        duplicates: lines that name a number again. They count as unchanged.
        errors: the first of them; ``errors_total`` counts all. With an error nothing is imported.
        sample: the first people as they will be.
    """

    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    skipped: int = 0
    opted_out: int = 0
    duplicates: int = 0
    errors: list[Problem] = field(default_factory=list)
    errors_total: int = 0
    sample: list[dict[str, Any]] = field(default_factory=list)

    def counts(self) -> dict[str, int]:
        """The figures."""
        names = ("rows", "created", "updated", "unchanged", "skipped", "opted_out", "duplicates")
        return {name: getattr(self, name) for name in names}

    def add(self, problem: Problem) -> None:
        """One more thing that is wrong."""
        self.errors_total += 1
        if len(self.errors) < MOST_ERRORS:
            self.errors.append(problem)
