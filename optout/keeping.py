"""What is kept of somebody's consent after an erasure. The ledger takes it up again when they come back.

An opt-out must go on being honoured (CTIA Messaging Principles 5.1; 47 CFR 64.1200(a)(10)), also by whoever no longer
knows whose it is. So events and states stay, under a keyed hash instead of the number; the trigger of the ledger
(migration 0004) lets through this one change and no other. Only somebody who has the number and the key finds them.
"""

from django.db import transaction
from django.db.models import QuerySet

from messaging.privacy.held import erased_key
from messaging.privacy.names import Person, kept_as
from optout import ledger
from optout.models import Consent, ConsentEvent


@transaction.atomic
def keep_without_number(person: Person) -> int:
    """Put the hash in place of the number. Returns how many rows this was; what was said is the same as before."""
    number, kept = person.phone_number, kept_as(person.phone_number)
    for one in (number, kept):
        ledger.one_at_a_time(one)
    events = list(ConsentEvent.objects.filter(phone_number=number))
    for event in events:
        QuerySet(model=ConsentEvent).filter(pk=event.pk).update(
            phone_number=kept,
            text="",
            key=erased_key(event.key).replace(number, kept),
            reason=event.reason.replace(number, kept),
        )
    states = Consent.objects.filter(phone_number=number)
    done = len(events) + states.count()
    states.delete()
    for state in ledger.derive([kept]):
        ledger.put_right(kept, state.origination_identity)
    return done
