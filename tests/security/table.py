"""Who may do what: one line for each page of the admin, each of its actions, and each method of the API.

test_permissions.py walks the routes and the registry of the admin, and fails on whatever is not here. A need is a
permission ("a & b": both); several, of which any one will do; or one of the four words below.
"""

from collections.abc import Iterable

OPEN = frozenset({"everybody"})
STAFF = frozenset({"whoever may log in to the admin"})
USER = frozenset({"whoever has an account"})
NOBODY = frozenset({"not even a superuser"})
WORDS = (OPEN, STAFF, USER, NOBODY)

Need = frozenset[str]


def any_of(*permissions: str) -> Need:
    """One of these permissions."""
    return frozenset(permissions)


def _pages(label: str, verbs: str, **others: Need) -> dict[str, dict[str, Need]]:
    """The six pages of a model.

    Args:
        label: ``shifts.Campaign``.
        verbs: which of view, add, change and delete open something at all; others nobody does.
        others: where another permission than the model's own decides.
    """
    app, model = label.lower().split(".")
    own = {verb: any_of(f"{app}.{verb}_{model}") if verb in verbs.split() else NOBODY for verb in _VERBS}
    # As everywhere in Django's admin, who may change a row sees it.
    own["view"] |= {f"{app}.change_{model}"}
    need = own | others
    name = f"{app}_{model}"
    return {
        f"{name}_changelist": {"get": need["view"]},
        f"{name}_add": {"get": need["add"], "post": need["add"]},
        f"{name}_change": {"get": need["view"], "post": need["change"]},
        f"{name}_delete": {"get": need["delete"], "post": need["delete"]},
        f"{name}_history": {"get": need["view"]},
    }


_VERBS = ("view", "add", "change", "delete")


def _both(names: Iterable[str], need: Need) -> dict[str, dict[str, Need]]:
    return {name: {"get": need, "post": need} for name in names}


_CONSENT = any_of("optout.add_consentevent")
_LEDGER = any_of("optout.view_consentevent")
_IMPORT = any_of("shifts.add_rosterimport")
_SEES_IMPORTS = any_of("shifts.view_rosterimport", "shifts.change_rosterimport", "shifts.add_rosterimport")
_INCIDENT, _CAMPAIGN = any_of("incidents.change_incident"), any_of("shifts.change_campaign")
_SOURCE = any_of("incidents.change_alertsource")
_SEES_INCIDENTS = any_of("incidents.view_incident", "incidents.change_incident")
_SEES_CAMPAIGNS = any_of("shifts.view_campaign", "shifts.change_campaign")
_NUMBER = any_of("messaging.change_originationidentity")
_WEBHOOK = any_of("messaging.change_webhookendpoint")
_CALL_BACK = any_of("shifts.change_callback")
_SEES_TEXTS = any_of("messaging.view_inboundmessage", "messaging.change_inboundmessage")

# name of the route, without "admin:" → method → need. What may be read by GET may be asked by HEAD.
ADMIN: dict[str, dict[str, Need]] = {
    "index": {"get": STAFF},
    "login": {"get": OPEN, "post": OPEN},
    "logout": {"post": OPEN},
    "password_change": {"get": STAFF, "post": STAFF},
    "password_change_done": {"get": STAFF},
    "jsi18n": {"get": STAFF},
    # It finds only what the person may see: test_permissions.py tries.
    "search": {"get": STAFF},
    # Asked for the contacts of an escalation policy.
    "autocomplete": {"get": any_of("messaging.view_contact", "messaging.change_contact")},
    # No row of ours is shown elsewhere: 404.
    "view_on_site": {"get": STAFF},
    # A part of the index: the models that the person may see, and 404 when there are none.
    "app_list": {"get": STAFF},
    **_pages("auth.Group", "view add change delete"),
    # Django's rule: who may add users and not change them could make a superuser of theirs.
    **_pages("auth.User", "view change delete", add=any_of("auth.add_user & auth.change_user")),
    "auth_user_password_change": {"get": any_of("auth.change_user"), "post": any_of("auth.change_user")},
    **_pages("admin.LogEntry", "view"),
    **_pages("axes.AccessAttempt", "view delete"),
    **_pages("knox.AuthToken", "view add change delete"),
    **_pages("messaging.Contact", "view add change delete"),
    **_both(["messaging_contact_erase_person"], any_of("messaging.erase_person")),
    **_pages("messaging.DeliveryEvent", "view"),
    **_pages("messaging.ErasureRequest", "", view=any_of("messaging.view_erasurerequest")),
    **_pages("messaging.PrivacyRecord", "", view=any_of("messaging.view_privacyrecord")),
    **_pages("messaging.InboundMessage", "view"),
    **_both(["messaging_inboundmessage_deal_with"], any_of("messaging.change_inboundmessage")),
    **{f"messaging_inboundmessage_{name}": {"get": _SEES_TEXTS} for name in ("inbox", "thread", "thread_news")},
    **{
        f"messaging_inboundmessage_{name}": {"post": any_of("messaging.change_inboundmessage")}
        for name in ("thread_size", "thread_answer", "thread_put")
    },
    **_pages("messaging.Keyword", "view add change delete"),
    **_pages("messaging.OriginationIdentity", "view add change delete"),
    **_both([f"messaging_originationidentity_{name}" for name in ("resume", "pause", "make_default")], _NUMBER),
    **_pages("messaging.OutboundMessage", "view"),
    **_pages("messaging.Budget", "view add change delete"),
    **_pages("messaging.CountryRule", "view add change delete"),
    **_pages("messaging.PartPrice", "view add change delete"),
    **_pages("messaging.WebhookEndpoint", "view add change delete"),
    **_both(
        [
            f"messaging_webhookendpoint_{name}"
            for name in ("switch_on", "try_now", "switch_off", "send_test", "redeliver", "rotate")
        ],
        _WEBHOOK,
    ),
    # The row of the world is a test; of other events the permission of their type is needed as well.
    **_pages("messaging.WebhookDelivery", "view", view=any_of("messaging.view_webhookdelivery")),
    **_both([f"messaging_webhookdelivery_{name}" for name in ("redeliver", "skip")], _WEBHOOK),
    # The row of the world is one of incidents: who works with those may put it otherwise.
    **_pages(
        "messaging.TextTemplate",
        "view",
        change=any_of("messaging.change_texttemplate & incidents.change_incident"),
    ),
    "messaging_texttemplate_size": {"post": any_of("messaging.change_texttemplate")},
    **_pages("incidents.EscalationPolicy", "view add change delete"),
    **_both(["incidents_escalationpolicy_duplicate"], any_of("incidents.add_escalationpolicy")),
    **_pages("incidents.AlertSource", "view add change"),
    **_both([f"incidents_alertsource_{name}" for name in ("make_token", "revoke_token", "send_test")], _SOURCE),
    **_pages("incidents.MaintenanceWindow", "view add"),
    **_both(["incidents_maintenancewindow_end_now"], any_of("incidents.change_maintenancewindow")),
    **_pages("incidents.Alert", "view"),
    **_pages("incidents.AlertDelivery", "view"),
    **_pages("incidents.Incident", "view add"),
    "incidents_incident_timeline": {"get": _SEES_INCIDENTS},
    "incidents_incident_not_texted": {"get": _SEES_INCIDENTS},
    "incidents_incident_rows": {"get": _SEES_INCIDENTS},
    "incidents_incident_preview": {"post": any_of("incidents.add_incident")},
    "incidents_incident_reports": {"get": any_of("incidents.view_incident")},
    "incidents_incident_export_policies": {"get": any_of("incidents.view_incident")},
    "incidents_incident_export_days": {"get": any_of("incidents.view_incident")},
    "incidents_incident_export_contacts": {"get": any_of("incidents.view_incident")},
    **_both(
        [f"incidents_incident_{name}" for name in ("acknowledge", "decline", "escalate", "cancel", "resolve", "note")],
        _INCIDENT,
    ),
    **_pages("shifts.CallBack", "view"),
    **_both([f"shifts_callback_{name}" for name in ("called", "not_reached", "release", "close")], _CALL_BACK),
    "shifts_callback_take": {"post": _CALL_BACK},
    **_pages("shifts.Campaign", "view add"),
    "shifts_campaign_form": {"get": _SEES_CAMPAIGNS, "post": _CAMPAIGN},
    "shifts_campaign_size": {"post": any_of("shifts.add_campaign", "shifts.change_campaign")},
    "shifts_campaign_progress": {"get": _SEES_CAMPAIGNS},
    "shifts_campaign_not_texted": {"get": _SEES_CAMPAIGNS},
    "shifts_campaign_write": {"get": any_of("shifts.add_campaign")},
    "shifts_campaign_follow_up": {"get": any_of("shifts.add_campaign"), "post": any_of("shifts.add_campaign")},
    **_both(
        [f"shifts_campaign_{name}" for name in ("send_now", "schedule", "resume", "pause", "edit", "cancel")], _CAMPAIGN
    ),
    **_pages("shifts.RosterImport", "add", view=_SEES_IMPORTS),
    "shifts_rosterimport_progress": {"get": _SEES_IMPORTS},
    "shifts_rosterimport_import": {"post": _IMPORT},
    "shifts_rosterimport_discard": {"post": _IMPORT},
    **_pages("shifts.Employee", "view add change delete"),
    "shifts_employee_export": {"get": any_of("shifts.view_employee", "shifts.change_employee")},
    "shifts_employee_import_list": {"get": _IMPORT},
    **_pages("shifts.Segment", "view add change delete"),
    "shifts_segment_import_new": {"get": _IMPORT},
    "shifts_segment_import_list": {"get": _IMPORT},
    **_pages("shifts.UnauthorisedText", "view"),
    **_pages("shifts.Shift", "view add change delete"),
    **_both(["shifts_shift_book", "shifts_shift_take_off"], any_of("shifts.change_shift")),
    "shifts_shift_week": {"get": any_of("shifts.view_shift", "shifts.change_shift")},
    **_both(
        ["shifts_shift_repeat"],
        any_of("shifts.add_shift & shifts.view_shift", "shifts.add_shift & shifts.change_shift"),
    ),
    "shifts_shift_people": {"post": any_of("shifts.change_shift & shifts.view_employee")},
    **_pages("optout.Consent", "view", add=_CONSENT),
    "optout_consent_record": {"get": _CONSENT},
    "optout_consent_all_events": {"get": _LEDGER},
    **_both(["optout_consent_opt_out", "optout_consent_opt_in"], _CONSENT),
    **_pages("optout.ConsentEvent", "view", view=_LEDGER),
    "optout_consentevent_export": {"get": _LEDGER},
    **_pages("optout.Plea", "view"),
    **_both(["optout_plea_opt_out", "optout_plea_dismiss"], _CONSENT),
}

# Actions on chosen rows of a list: (model, name) → need, beside seeing the list.
ACTIONS: dict[tuple[str, str], Need] = {
    **{
        (label, "delete_selected"): any_of(f"{label.split('.')[0]}.delete_{label.lower().split('.')[1]}")
        for label in (
            "auth.Group",
            "auth.User",
            "axes.AccessAttempt",
            "knox.AuthToken",
            "messaging.Contact",
            "messaging.Keyword",
            "messaging.OriginationIdentity",
            "messaging.Budget",
            "messaging.CountryRule",
            "messaging.PartPrice",
            "incidents.EscalationPolicy",
        )
    },
    ("messaging.InboundMessage", "mark_as_dealt_with"): any_of("messaging.change_inboundmessage"),
    ("shifts.Employee", "approve"): any_of("shifts.change_employee"),
    ("shifts.Employee", "withdraw"): any_of("shifts.change_employee"),
    ("shifts.Employee", "export_chosen"): any_of("shifts.view_employee", "shifts.change_employee"),
    ("optout.Plea", "opt_out_chosen"): _CONSENT,
    ("optout.Plea", "dismiss_chosen"): _CONSENT,
}


def _resource(app: str, model: str, **verbs: str) -> dict[str, Need]:
    return {method: any_of(f"{app}.{verb}_{model}") for method, verb in verbs.items()}


# name of the route → method → need.
API: dict[str, dict[str, Need]] = {
    "api-root": {"get": USER},
    "incident-list": _resource("incidents", "incident", get="view", post="add"),
    "incident-detail": _resource("incidents", "incident", get="view"),
    **{
        f"incident-{name}": {"post": _INCIDENT}
        for name in ("acknowledge", "decline", "escalate", "cancel", "resolve", "note")
    },
    "escalation-policy-list": _resource("incidents", "escalationpolicy", get="view", post="add"),
    "escalation-policy-detail": _resource("incidents", "escalationpolicy", get="view", patch="change"),
    "alert-source-list": _resource("incidents", "alertsource", get="view", post="add"),
    "alert-source-detail": _resource("incidents", "alertsource", get="view", patch="change"),
    # Its own token is the key, and no account's: tests/incidents/alerts/test_door.py
    "alert-source-deliver": {"post": NOBODY},
    "maintenance-window-list": _resource("incidents", "maintenancewindow", get="view", post="add"),
    "maintenance-window-detail": _resource("incidents", "maintenancewindow", get="view"),
    "maintenance-window-end": _resource("incidents", "maintenancewindow", post="change"),
    "alert-list": _resource("incidents", "alert", get="view"),
    "alert-detail": _resource("incidents", "alert", get="view"),
    "shift-list": _resource("shifts", "shift", get="view", post="add"),
    "shift-detail": _resource("shifts", "shift", get="view", patch="change", delete="delete"),
    "shift-book": {"post": any_of("shifts.change_shift")},
    "shift-drop": {"post": any_of("shifts.change_shift")},
    "campaign-list": _resource("shifts", "campaign", get="view", post="add"),
    "campaign-detail": _resource("shifts", "campaign", get="view"),
    "campaign-preview": _resource("shifts", "campaign", get="view"),
    **{f"campaign-{name}": {"post": _CAMPAIGN} for name in ("send", "pause", "resume", "cancel")},
    "employee-list": _resource("shifts", "employee", get="view", post="add"),
    "employee-detail": _resource("shifts", "employee", get="view", patch="change", delete="delete"),
    "segment-list": _resource("shifts", "segment", get="view", post="add"),
    "segment-detail": _resource("shifts", "segment", get="view", delete="delete"),
    "segment-import": {"post": _IMPORT},
    "callback-list": _resource("shifts", "callback", get="view"),
    "callback-detail": _resource("shifts", "callback", get="view", patch="change"),
    "consent-list": {"get": _LEDGER, "post": _CONSENT},
    "consent-link": {"post": _CONSENT},
    "consent-history-list": {"get": _LEDGER},
    "origination-identity-list": _resource("messaging", "originationidentity", get="view", post="add"),
    "origination-identity-detail": _resource("messaging", "originationidentity", get="view", patch="change"),
    "origination-identity-resume": {"post": _NUMBER},
    "message-list": _resource("messaging", "outboundmessage", get="view"),
    "message-detail": _resource("messaging", "outboundmessage", get="view"),
    "inbound-list": _resource("messaging", "inboundmessage", get="view"),
    "inbound-detail": _resource("messaging", "inboundmessage", get="view"),
    "webhook-endpoint-list": _resource("messaging", "webhookendpoint", get="view", post="add"),
    "webhook-endpoint-detail": _resource("messaging", "webhookendpoint", get="view", patch="change", delete="delete"),
    **{f"webhook-endpoint-{name}": {"post": _WEBHOOK} for name in ("rotate", "test", "redeliver")},
    "event-list": _resource("messaging", "webhookevent", get="view"),
    "event-detail": _resource("messaging", "webhookevent", get="view"),
    "event-redeliver": {"post": _WEBHOOK},
    "event-type-list": _resource("messaging", "webhookevent", get="view"),
    "contact-list": _resource("messaging", "contact", get="view", post="add"),
    "contact-detail": _resource("messaging", "contact", get="view", patch="change"),
    "keyword-list": _resource("messaging", "keyword", get="view", post="add"),
    "keyword-detail": _resource("messaging", "keyword", get="view", patch="change", delete="delete"),
}

# Everything else, with its reason. Each of these says for itself who may ask.
DOORS = {
    "schema": "the shape of the API, which is published with the code",
    "problem": "what a kind of problem means; the same for everybody",
    "docs": "the same, to read; what it sends needs a token or a login",
    "preferences": "the link is the key: tests/optout/test_preferences.py",
    "sns-webhook": "a signature of Amazon SNS is the key: tests/messaging/inbound",
    "healthz": "probes; it says nothing",
    "readyz": "probes; it says counts and ages, no names",
    "metrics": "a token or a network is the key: tests/config/test_metrics_access.py",
}
