"""Consent: what people last said holds, is confirmed once for each change, and stops what still waits."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import permutations

from tests.crash.evidence import Accepted, Evidence, Handed
from tests.crash.judge.violation import Violation

# The words that the people of a round use, as they type them.
OUT = {"STOP", "stop.", "Stop please"}
BACK = {"JOIN", "START"}
OPTED_OUT_TEXT, OPTED_IN_TEXT = "YOU HAVE BEEN UNSUBSCRIBED", "YOU HAVE BEEN SUBSCRIBED"
_HELP_TEXT = "this number sends you texts you can answer"
# A call under way when the confirmation was accepted: it connects within 1.5 s, and a claim runs a little ahead.
_UNDER_WAY = 2.5
# A row's moment is taken just before its routing is committed: of two within this, the other may have been first.
_SIDE_BY_SIDE = 1.0

# A consent text: when it was said, what it means, the text itself.
_Word = tuple[float, str, Handed]


def _said(evidence: Evidence) -> dict[str, list[_Word]]:
    by_person: dict[str, list[_Word]] = defaultdict(list)
    for text in evidence.handed:
        if text.said_at is not None and text.taken and text.body in OUT | BACK:
            by_person[text.sender].append((text.said_at, "opt_out" if text.body in OUT else "opt_in", text))
    return {person: sorted(said, key=_in_time) for person, said in by_person.items()}


def state(evidence: Evidence) -> Iterator[Violation]:
    """The database stands where each person's own texts, in the order of their time, have brought it."""
    said = _said(evidence)
    for person in said.keys() | evidence.consent.keys():
        last = said[person][-1][1] if person in said else "nothing"
        expected = {"opt_out": "opted_out", "opt_in": "opted_in"}.get(last, "none")
        stands = evidence.consent.get(person, "none")
        if stands != expected:
            yield Violation("state of consent", f"{person} said {last} last and is {stands}")


def ledger(evidence: Evidence) -> Iterator[Violation]:
    """Every consent text is one event of the ledger, and every event a text."""
    texts = sorted((person, action) for person, said in _said(evidence).items() for _, action, _ in said)
    events = sorted((event.phone, event.action) for event in evidence.ledger)
    if texts != events:
        missing = [one for one in texts if texts.count(one) > events.count(one)]
        extra = [one for one in events if events.count(one) > texts.count(one)]
        yield Violation("ledger", f"not in the ledger: {missing[:5]}; in the ledger alone: {extra[:5]}")


def confirmed_once(evidence: Evidence) -> Iterator[Violation]:
    """One confirmation row for each change of state, none for a repetition, in the order they were dealt with."""
    rows: dict[str, list[str]] = defaultdict(list)
    for row in sorted(evidence.rows, key=lambda one: one.id):
        for opening, action in ((OPTED_OUT_TEXT, "opt_out"), (OPTED_IN_TEXT, "opt_in")):
            if row.body.startswith(opening):
                rows[row.destination].append(action)
    routed = {row.inbound_id: row.routed_at for row in evidence.inbound}
    said = _said(evidence)
    for person in said.keys() | rows.keys():
        texts = said.get(person, [])
        orders = [order for order in permutations(texts) if _may_be_the_order(order, routed)]
        if rows[person] not in [_changes(order) for order in orders]:
            in_time = [action for _, action, _ in texts]
            yield Violation("confirmed once", f"{person} said {in_time} and was confirmed {rows[person]}")


def _may_be_the_order(order: tuple[_Word, ...], routed: dict[str, float | None]) -> bool:
    """SNS may bring texts in another order than they were said in, and two workers may route two at a time."""
    at = [routed.get(text.inbound_id) or 0.0 for _, _, text in order]
    return all(later > earlier - _SIDE_BY_SIDE for n, later in enumerate(at) for earlier in at[:n])


def _changes(order: tuple[_Word, ...]) -> list[str]:
    """What is confirmed when texts are dealt with in this order. The latest in time counts: a late one is no change."""
    changes: list[str] = []
    known: list[_Word] = []
    stands = ""
    for word in order:
        known.append(word)
        after = max(known, key=_in_time)[1]
        if after != stands and after == word[1]:
            changes.append(after)
        stands = after
    return changes


def _in_time(word: _Word) -> tuple[float, str]:
    # Of two in the same instant the opt-out counts.
    return word[0], word[1]


def silence(evidence: Evidence) -> Iterator[Violation]:
    """Nothing is accepted after the confirmation of an opt-out, until its sender says otherwise."""
    keys = {row.id: row.key for row in evidence.rows}
    by_person: dict[str, list[Accepted]] = defaultdict(list)
    for text in evidence.accepted:
        by_person[text.destination].append(text)
    for person, said in _said(evidence).items():
        texts = sorted(by_person[person], key=lambda one: one.at)
        for index, (at, action, stop) in enumerate(said):
            if action != "opt_out":
                continue
            until = next((later for later, word, _ in said[index + 1 :] if word == "opt_in"), float("inf"))
            confirmed = [text.at for text in texts if keys.get(text.row, "").startswith(f"inbound:{stop.inbound_id}:")]
            if confirmed:
                yield from _heard(person, texts, max(confirmed[0], at) + _UNDER_WAY, until)


def _heard(person: str, texts: list[Accepted], since: float, until: float) -> Iterator[Violation]:
    for text in texts:
        passes = text.body.startswith((OPTED_OUT_TEXT, OPTED_IN_TEXT)) or _HELP_TEXT in text.body
        if since < text.at < until and not passes:
            what = f"{person} got {text.body[:40]!r} {text.at - since + _UNDER_WAY:.1f} s after the confirmation"
            yield Violation("silence", what, (text.row,))


RULES = (state, ledger, confirmed_once, silence)
