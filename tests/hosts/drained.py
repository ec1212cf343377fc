"""Who drained which number, from when to when, told for people. Pure."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from tests.hosts.host import Cut
from tests.hosts.leases import Lease
from tests.hosts.place import Called

_MOST_LINES = 24


@dataclass(frozen=True, slots=True)
class Spell:
    """A host had a number, perhaps with rests in which nobody had it.

    Attributes:
        calls: that it made meanwhile.
        times: how often it took the number.
        after: whose lease had run out when it did, and how many seconds before; None: nobody had it.
    """

    number: str
    host: str
    since: float
    until: float
    calls: int = 0
    times: int = 1
    after: tuple[str, float] | None = None


def spells(leases: Sequence[Lease], called: Sequence[Called]) -> list[Spell]:
    """By number, in order. A call is counted with the last spell of its host that had begun."""
    found: list[Spell] = []
    for number in sorted({lease.number for lease in leases}):
        of_number = list(_spells(number, [lease for lease in leases if lease.number == number]))
        counts: Counter[int] = Counter()
        for call in called:
            begun = [i for i, one in enumerate(of_number) if one.host == call.host and one.since <= call.at]
            if call.number == number and begun:
                counts[begun[-1]] += 1
        found += [replace(one, calls=counts[i]) for i, one in enumerate(of_number)]
    return found


def _spells(number: str, leases: Sequence[Lease]) -> Iterator[Spell]:
    now: Spell | None = None
    for lease in leases:
        if now is not None and now.until == float("inf"):
            now = replace(now, until=lease.at)
        if not lease.after:
            continue
        if now is not None and now.host == lease.after:
            now = replace(now, until=float("inf"), times=now.times + 1)
            continue
        if now is not None:
            yield now
        after = None if not lease.before or lease.expires_at is None else (lease.before, lease.at - lease.expires_at)
        now = Spell(number, lease.after, lease.at, float("inf"), after=after)
    if now is not None:
        yield now


def told(leases: Sequence[Lease], called: Sequence[Called], cuts: Sequence[Cut]) -> str:
    """The spells of every number with the cuts between them, in seconds since the first of all."""
    all_spells = spells(leases, called)
    if not all_spells:
        return "Nobody drained any number."
    zero = min(spell.since for spell in all_spells)
    said = []
    for number in dict.fromkeys(spell.number for spell in all_spells):
        of_number = [spell for spell in all_spells if spell.number == number]
        lines = [(spell.since, _spell(spell, zero)) for spell in of_number]
        for cut in cuts:
            lines.append((cut.at, f"{_at(cut.at - zero)}          {cut.host} cut off from {', '.join(cut.servers)}"))
            lines.append((cut.mended_at, f"{_at(cut.mended_at - zero)}          {cut.host} back"))
        ordered = [line for _, line in sorted(lines)]
        if len(ordered) > _MOST_LINES:
            ordered = [*ordered[:_MOST_LINES], f"    and {len(ordered) - _MOST_LINES} more"]
        calls = sum(call.number == number for call in called)
        said += [f"  {number}, {calls} calls, {len(of_number)} spells:", *ordered]
    return "\n".join(said)


def _spell(spell: Spell, zero: float) -> str:
    until = "  the end" if spell.until == float("inf") else _at(spell.until - zero)
    rests = f", with {spell.times - 1} rests" if spell.times > 1 else ""
    after = f", {spell.after[1]:.2f} s after the lease of {spell.after[0]} had run out" if spell.after else ""
    return f"{_at(spell.since - zero)} {until} {spell.host}: {spell.calls} calls{rests}{after}"


def _at(seconds: float) -> str:
    return f"{seconds:7.1f} s"
