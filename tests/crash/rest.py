"""Whether the place has come to rest: nothing waits, nothing is under way."""

from pathlib import Path

from messaging.simulator.storage import FILE, read
from tests.crash.database import AWAY, Reader

# What waits, by name. At-most-once texts stay unknown until an event comes, which may be never.
_WAITING = {
    "texts queued": "SELECT count(*) AS n FROM messaging_outboundmessage WHERE status = 'queued'",
    "texts being sent": "SELECT count(*) AS n FROM messaging_outboundmessage WHERE status = 'sending'",
    "texts in doubt": (
        "SELECT count(*) AS n FROM messaging_outboundmessage"
        " WHERE status = 'unknown' AND delivery_policy = 'at_least_once'"
    ),
    "outcomes untold": "SELECT count(*) AS n FROM messaging_outboundmessage WHERE outcome_pending",
    "inbound texts unrouted": "SELECT count(*) AS n FROM messaging_inboundmessage WHERE routed_at IS NULL",
    "events not applied": "SELECT count(*) AS n FROM messaging_deliveryevent WHERE applied_at IS NULL",
    "incidents open": "SELECT count(*) AS n FROM incidents_incident WHERE status = 'not_acknowledged'",
    "campaigns under way": (
        "SELECT count(*) AS n FROM shifts_campaign WHERE status IN ('scheduled', 'sending') OR settling"
    ),
    "events untold": "SELECT count(*) AS n FROM messaging_webhookdelivery WHERE status = 'waiting'",
    "calls being placed": "SELECT count(*) AS n FROM shifts_callback WHERE status = 'placing'",
}


def what_waits(url: str, state: Path) -> dict[str, int]:
    """What keeps the place from being at rest, with how many of each; nothing when it is."""
    waiting = _undelivered(state / FILE)
    try:
        with Reader(url).session() as session:
            counts = {name: session.rows(query)[0]["n"] for name, query in _WAITING.items()}
    except AWAY:
        return {"the database does not answer": 1}
    return {name: count for name, count in {**waiting, **counts}.items() if count}


def _undelivered(file: Path) -> dict[str, int]:
    """Texts from handsets and events that the simulator has yet to publish, or the webhook to take."""
    sent, received, ended, published, settled = set(), set(), set(), set(), set()
    texts: dict[str, str] = {}
    for kind, record in read(file):
        match kind:
            case "sent":
                sent.add(record["message_id"])
            case "received":
                received.add(record["inbound_id"])
            case "status" if record["status"] in ("delivered", "failed"):
                ended.add(record["id"])
            case "notification":
                published.add(record["message_id"])
                texts[record["text_id"] or ""] = record["message_id"]
            case "settled":
                settled.add(record["message_id"])
    return {
        "events not published": len(sent - ended),
        "handsets' texts not published": len(received - texts.keys()),
        "notifications not taken": len(published - settled),
    }
