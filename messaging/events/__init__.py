"""Events for other systems: signed webhooks out, from an outbox of their own.

types          what may happen, each with an example; apps name theirs in MESSAGING["EVENT_TYPES"]
subscriptions  whether anybody wants to hear of a type: costs nothing when nobody does
publishing     an event is written in the transaction of the change it tells of
texts          the events of texts out and in
endpoints      other systems are added, changed, switched off and on, deleted; secrets
claiming       the next event of an endpoint is taken under a lease
posting        one signed request, to a checked address
verdicts       what an answer means: delivered, later, never again (pure)
recording      what came of a try
delivering     claim, commit, call, record; several endpoints at a time
redelivery     what was delivered is delivered once more
pruning        what was delivered long ago is forgotten
dropping       what waited too long for an endpoint that is off is dropped, and counted
deleting       what is left of an endpoint that was deleted goes, some at a time
addresses      where a request may go (pure)
signing        the signature of the Standard Webhooks specification (pure)
sealing        secrets at rest
"""

from messaging.duties import EventType
from messaging.events.publishing import Occasion, publish, publish_all
from messaging.events.subscriptions import wanted

__all__ = ["EventType", "Occasion", "publish", "publish_all", "wanted"]
