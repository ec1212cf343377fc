"""Recording many events of elsewhere in the ledger: each once, as of when it was said."""

from collections.abc import Sequence
from datetime import datetime

from messaging import clock
from messaging.exports import Run
from optout import many
from optout.ledger import Entry

# What a plan keeps.
_EVENTS = "consent"


def record(entries: Sequence[Entry], run: Run) -> None:
    """Add those whose key is not known yet; of those that were said before something newer, only the history has more.

    A plan counts the same, and remembers them as if they were recorded.
    """
    known = many.known(entries)
    if run.plan:
        known |= run.planned.get(_EVENTS, [entry.key for entry in entries]).keys()
    new = {entry.key: entry for entry in entries if entry.key not in known}
    run.counts["unchanged"] += len(entries) - len(new)
    if run.plan:
        run.planned.put(_EVENTS, dict.fromkeys(new, 1))
        run.counts["recorded"] += len(new)
    else:
        run.counts["recorded"] += many.record_all(new.values())


def is_past(at: datetime) -> bool:
    """Whether a time is over. One to come would outdo whatever is said until then."""
    return at <= clock.now()
