"""What the ground floor counts as it happens. docs/seeing.md says what each figure is for."""

from messaging.counting import Counter, Histogram

_QUICK = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)

TEXTS = Counter("textback_texts_total", "Texts that came to a status; one tried again is queued again.", ("status",))
CALLS = Counter("textback_calls_total", "Calls to the carrier, by what they came to.", ("result",))
REFUSALS = Counter(
    "textback_refusals_total",
    "Texts refused: by the call (for now or for good), or by a delivery event.",
    ("source", "code"),
)
HANDOVER = Histogram(
    "textback_text_handover_seconds",
    "From a text's being queued to its being accepted by the carrier.",
    (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 7200),
    ("priority",),
)
REPLY = Histogram(
    "textback_reply_seconds", "From an inbound text's being stored to its reply's being accepted.", _QUICK
)
WEBHOOK = Counter(
    "textback_webhook_deliveries_total", "Deliveries to the SNS webhook, accepted and refused.", ("result", "reason")
)
ROUTED = Counter("textback_inbound_routed_total", "Inbound texts routed, by what they were.", ("outcome",))
ROUTING = Histogram("textback_inbound_routing_seconds", "From an inbound text's being stored to its routing.", _QUICK)
JOBS = Histogram("textback_job_seconds", "Looks of a worker at a list of work.", _QUICK, ("list", "result"))
REQUESTS = Histogram("textback_request_seconds", "Web requests.", _QUICK, ("view", "method", "status"))

ALL = (TEXTS, CALLS, REFUSALS, HANDOVER, REPLY, WEBHOOK, ROUTED, ROUTING, JOBS, REQUESTS)
