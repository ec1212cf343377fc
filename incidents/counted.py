"""What incidents count as it happens. docs/seeing.md says what each figure is for."""

from messaging.counting import Counter, Histogram

INCIDENTS = Counter("textback_incidents_total", "Incidents opened, and those that came to a status.", ("status",))
ACKNOWLEDGEMENT = Histogram(
    "textback_incident_acknowledgement_seconds",
    "From an incident's being opened to somebody's having it.",
    (15, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400),
)
LATENESS = Histogram(
    "textback_incident_step_lateness_seconds",
    "How late a step of an incident ran after its wait was over.",
    (0.1, 0.25, 0.5, 1, 2, 5, 15, 60, 300, 1800),
)

ALL = (INCIDENTS, ACKNOWLEDGEMENT, LATENESS)
