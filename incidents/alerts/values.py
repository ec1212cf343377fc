"""What a delivery says, whichever system sent it. Pure values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

FIRING, RESOLVED, UNCHANGED = "firing", "resolved", "unchanged"


class Unreadable(ValueError):
    """A payload that can never be understood, with the reasons field by field."""

    def __init__(self, problems: Mapping[str, Sequence[str]]) -> None:
        self.problems = {name: list(reasons) for name, reasons in problems.items()}
        super().__init__(" ".join(f"{name}: {' '.join(reasons)}" for name, reasons in self.problems.items()))


@dataclass(frozen=True, slots=True)
class Signal:
    """One alert.

    Attributes:
        key: of deduplication, within its source.
        state: firing, resolved or unchanged.
        description: as people will read it, already short.
        url: the best page about it, of any length.
        labels: what rules and windows match.
        changed_at: when it came to be so, where later news may overtake earlier.
    """

    key: str
    state: str
    description: str
    url: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    changed_at: datetime | None = None

    @property
    def digest(self) -> str:
        """The key in a form of one length."""
        return digest(self.key)


@dataclass(frozen=True, slots=True)
class Reading:
    """The alerts of a delivery, and what staff should know of it beside them."""

    signals: Sequence[Signal]
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Mapped:
    """Where the fields are in JSON of one's own."""

    key: str = ""
    description: str = ""
    url: str = ""
    status: str = ""
    resolved: frozenset[str] = frozenset()


def digest(key: str) -> str:
    """SHA-256 of a key, in hexadecimal."""
    return sha256(key.encode("utf-8", "replace")).hexdigest()
