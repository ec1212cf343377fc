"""What consent counts as it happens. docs/seeing.md says what each figure is for."""

from messaging.counting import Counter

EVENTS = Counter("textback_consent_events_total", "Opt-outs and opt-ins recorded.", ("action", "source"))

ALL = (EVENTS,)
