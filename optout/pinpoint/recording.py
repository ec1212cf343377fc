"""Recording many events of elsewhere in the ledger: each once, as of when it was said."""

from collections.abc import Sequence

from django.db import transaction

from messaging import clock
from messaging.exports import Run
from messaging.lookups import OneOf
from optout import ledger
from optout.ledger import Entry
from optout.models import ConsentEvent

# In one transaction: a commit of its own for each would be most of the time.
_AT_ONCE = 200


def record(entries: Sequence[Entry], run: Run) -> None:
    """Add those whose key is not known yet; of those that were said before something newer, only the history has more.

    In the order of phone numbers, in which nobody waits for somebody who waits for them.
    """
    by_key = {entry.key: entry for entry in entries}
    known = set(ConsentEvent.objects.filter(OneOf("key", by_key)).values_list("key", flat=True))
    run.counts["unchanged"] += len(entries) - len(by_key.keys() - known)
    new = sorted((entry for key, entry in by_key.items() if key not in known), key=lambda one: one.phone_number)
    run.counts["recorded"] += len(new)
    if run.plan:
        return
    for begin in range(0, len(new), _AT_ONCE):
        with transaction.atomic():
            for entry in new[begin : begin + _AT_ONCE]:
                recorded = ledger.record(entry)
                run.counts["changed_how_they_stand"] += recorded.changed


def is_past(entry_at: object) -> bool:
    """Whether a time is over. One to come would outdo whatever is said until then."""
    return entry_at is not None and entry_at <= clock.now()  # type: ignore[operator]
