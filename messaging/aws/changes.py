"""What differs between an account and what Textback wants of it, and how it is written down. Pure but for ``make``."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Values = Mapping[str, Any]


@dataclass(frozen=True)
class Change:
    """One thing to make, or to change.

    Attributes:
        what: the kind of thing and its name, for a person.
        before: what the members that differ are now; None: the thing does not exist.
        after: what they are to be.
        make: does it, with one call or a few.
        note: what else a person should know.
    """

    what: str
    before: Values | None
    after: Values
    make: Callable[[], object] = field(repr=False, compare=False)
    note: str = ""

    @property
    def creates(self) -> bool:
        """Whether it does not exist yet."""
        return self.before is None

    def lines(self) -> Iterator[str]:
        """As a diff: what goes, what comes."""
        yield f"{'+' if self.creates else '~'} {self.what}"
        for name, after in self.after.items():
            if self.before is not None:
                yield from _written("-", name, self.before.get(name))
            yield from _written("+", name, after)
        if self.note:
            yield f"  # {self.note}"


def differing(present: Values, wanted: Values) -> tuple[dict[str, Any], dict[str, Any]]:
    """The members that are not as wanted: as they are, and as they are to be. Others are not looked at."""
    names = [name for name, value in wanted.items() if present.get(name) != value]
    return {name: present.get(name) for name in names}, {name: wanted[name] for name in names}


def _written(sign: str, name: str, value: Any) -> Iterator[str]:
    if value is None or value == "":
        if sign == "+":
            yield f"{sign}   {name}: (nothing)"
        return
    if isinstance(value, str | bool | int):
        yield f"{sign}   {name}: {str(value).lower() if isinstance(value, bool) else value}"
        return
    yield f"{sign}   {name}:"
    for line in json.dumps(value, indent=2).splitlines():
        yield f"{sign}     {line}"
