"""The groups that staff belong to, and what each may do. Made by a migration; changed afterwards in the admin."""

from typing import Any

INCIDENT_STAFF, HR, COMPLIANCE, READ_ONLY = "Incident staff", "HR", "Compliance", "Read only"

# Texts are seen by all who work with people; of which conversations, the conversations' own permissions decide.
_TEXTS = {
    "messaging": (
        "see_phone_numbers",
        "view_contact",
        "view_inboundmessage",
        "change_inboundmessage",
        "view_originationidentity",
        "view_outboundmessage",
        # Which texts somebody may put otherwise, the work they do decides: messaging.contracts.Words.
        "view_texttemplate",
        "change_texttemplate",
    ),
}


def _with_texts(more: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    return {app: (*_TEXTS.get(app, ()), *more.get(app, ())) for app in {*_TEXTS, *more}}


def _verbs(model: str, verbs: str) -> tuple[str, ...]:
    return tuple(f"{verb}_{model}" for verb in verbs.split())


# group → app → codenames
ROLES: dict[str, dict[str, tuple[str, ...]]] = {
    INCIDENT_STAFF: _with_texts(
        {
            "incidents": (
                *_verbs("incident", "view add change"),
                *_verbs("escalationpolicy", "view add change delete"),
                *_verbs("alertsource", "view add change"),
                *_verbs("maintenancewindow", "view add change"),
                *_verbs("alert", "view"),
                *_verbs("alertdelivery", "view"),
            ),
            "messaging": _verbs("contact", "add change"),
        }
    ),
    HR: _with_texts(
        {
            "shifts": (
                *_verbs("campaign", "view add change"),
                *_verbs("shift", "view add change delete"),
                *_verbs("employee", "view add change delete"),
                *_verbs("segment", "view add change delete"),
                *_verbs("rosterimport", "view add"),
                *_verbs("callback", "view change"),
                "view_unauthorisedtext",
            ),
            "messaging": (*_verbs("contact", "add change"), "view_partprice"),
            "optout": ("view_consent",),
        }
    ),
    COMPLIANCE: _with_texts(
        {
            "optout": ("view_consent", *_verbs("consentevent", "view add"), "view_plea"),
            "messaging": (
                *_verbs("keyword", "view add change delete"),
                "erase_person",
                *_verbs("privacyrecord", "view"),
                *_verbs("erasurerequest", "view"),
            ),
            "incidents": ("view_incident",),
            "shifts": ("view_campaign",),
            "admin": ("view_logentry",),
            "axes": ("view_accessattempt",),
        }
    ),
    READ_ONLY: {
        "incidents": tuple(
            f"view_{model}"
            for model in ("incident", "escalationpolicy", "alertsource", "maintenancewindow", "alert", "alertdelivery")
        ),
        "shifts": tuple(
            f"view_{model}"
            for model in (
                *("campaign", "shift", "employee", "segment", "rosterimport", "callback", "unauthorisedtext"),
            )
        ),
        "optout": ("view_consent", "view_consentevent", "view_plea"),
        "messaging": tuple(
            f"view_{model}"
            for model in (
                *("contact", "inboundmessage", "outboundmessage", "deliveryevent", "keyword", "partprice"),
                *("originationidentity", "texttemplate", "webhookendpoint", "webhookevent", "webhookdelivery"),
                *("countryrule", "budget"),
            )
        ),
    },
}


def make(group: Any, permission: Any) -> None:
    """Make the groups that are not there, and give each what it should have; takes nothing away.

    Args:
        group: the model of groups.
        permission: the model of permissions.

    Raises:
        LookupError: a permission does not exist.
    """
    for name, apps in ROLES.items():
        role, _ = group.objects.get_or_create(name=name)
        for app, codenames in apps.items():
            found = permission.objects.filter(content_type__app_label=app, codename__in=codenames)
            if missing := set(codenames) - {one.codename for one in found}:
                raise LookupError(f"The group {name} needs permissions that do not exist: {app}.{', '.join(missing)}")
            role.permissions.add(*found)
