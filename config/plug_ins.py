"""What is plugged into messaging, and in which order.

What each must do stands in messaging.contracts and messaging.duties; docs/adding-a-conversation.md tells how to add
one.
"""

from typing import Any

PLUG_INS: dict[str, Any] = {
    "CARRIER": "messaging.outbound.carriers.aws.EndUserMessaging",
    "INTERCEPTORS": ["optout.replies.ConsentWords", "messaging.inbound.keywords.CannedReplies"],
    "CONVERSATIONS": {"incidents": "incidents.replies.IncidentReplies", "shifts": "shifts.replies.ShiftReplies"},
    "SEND_GUARDS": ["optout.guard.Consent", "messaging.countries.CountryRules", "messaging.privacy.guard.Erased"],
    "WORK_LISTS": [
        "messaging.work.Lanes",
        "messaging.work.Inbound",
        "messaging.work.DeliveryEvents",
        "messaging.work.Outcomes",
        "messaging.work.Unsettled",
        "messaging.work.Days",
        "messaging.budgets.work.Budgets",
        "messaging.work.OldRequests",
        "messaging.privacy.work.Erasures",
        "messaging.privacy.work.Retention",
        "incidents.work.DueIncidents",
        "incidents.reports.work.ReportedDays",
        "incidents.alerts.work.WaitingAlerts",
        "shifts.calls.work.CallBacks",
        "shifts.campaigns.work.Campaigns",
        "shifts.roster.work.Imports",
        "messaging.events.work.Webhooks",
        "messaging.events.work.OldDeliveries",
        "messaging.events.work.DeletedEndpoints",
        "messaging.events.work.DroppedDeliveries",
    ],
    "DAILY": [
        "messaging.daily.texts.Texts",
        "incidents.daily.Incidents",
        "shifts.daily.Shifts",
        "optout.daily.Consent",
    ],
    "FIGURES": [
        "messaging.figures.Texts",
        "incidents.figures.Incidents",
        "shifts.figures.Shifts",
        "optout.figures.Consent",
    ],
    "WORDS": [
        "incidents.wording.IncidentWords",
        "shifts.wording.ShiftWords",
        "optout.wording.Confirmations",
        "messaging.inbound.help.HelpWords",
    ],
    "EVENT_TYPES": [
        "incidents.events.IncidentEvents",
        "shifts.events.ShiftEvents",
        "optout.events.ConsentEvents",
        "messaging.events.texts.TextEvents",
    ],
    "AUDITS": [
        "messaging.audit.ground.Ground",
        "incidents.audit.Incidents",
        "shifts.audit.Shifts",
        "optout.audit.Consent",
    ],
    # The ground floor last: others find their rows by its contacts.
    "PERSONAL_DATA": [
        "incidents.privacy.IncidentData",
        "shifts.privacy.ShiftData",
        "optout.privacy.ConsentData",
        "messaging.privacy.held.Texts",
    ],
}
