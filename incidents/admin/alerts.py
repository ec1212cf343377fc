"""What monitoring systems sent, as it came and as it was worked; and maintenance windows."""

import json
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.forms import Script
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.timezone import localtime

from incidents.admin.alert_forms import WindowForm
from incidents.alerts import windows
from incidents.models import Alert, AlertDelivery, MaintenanceWindow
from messaging import clock
from messaging.admin.base import Admin, HistoryAdmin, action, back_to, dialog, display

_MEDIA = {"all": ("messaging/pages.css", "incidents/open.css", "incidents/alerts.css")}
_COLOURS = {
    "opened": "danger",
    "closed": "success",
    "waiting": "warning",
    "over_limit": "warning",
    "failed": "danger",
    "silenced": "info",
}


@admin.register(Alert)
class AlertAdmin(HistoryAdmin):
    """Alerts, and what came of each."""

    list_display = ("received_at", "source", "in_short", "state", "outcome_label", "incident_link")
    list_filter = ("source", "outcome", "state")
    list_select_related = ("source", "incident")
    search_fields = ("incident__incident_id",)
    search_help_text = "An exact incident id."
    exact_fields = ("incident__incident_id",)
    fields = (
        ("received_at", "source"),
        "description",
        "url",
        ("state", "outcome"),
        "reason",
        "incident_link",
        "labels_told",
        "key",
        "delivery",
    )
    readonly_fields = ("incident_link", "labels_told")

    class Media:
        css = _MEDIA

    def get_queryset(self, request: HttpRequest) -> QuerySet[Alert]:
        """Each with its source and incident."""
        rows: QuerySet[Alert] = super().get_queryset(request)
        return rows.select_related("source", "incident", "delivery")

    @display(description="Alert")
    def in_short(self, alert: Alert) -> str:
        """What it is about."""
        return format_html('<span class="alert-words" title="{}">{}</span>', alert.description, alert.description)

    @display(description="Outcome", label=_COLOURS)
    def outcome_label(self, alert: Alert) -> tuple[str, str]:
        """What came of it."""
        return alert.outcome, alert.get_outcome_display()

    @display(description="Incident")
    def incident_link(self, alert: Alert) -> str:
        """Its incident."""
        if alert.incident is None:
            return "-"
        url = reverse("admin:incidents_incident_change", args=[alert.incident.pk])
        return format_html('<a class="tb-link" href="{}">{}</a>', url, alert.incident)

    @display(description="Labels")
    def labels_told(self, alert: Alert) -> str:
        """Each on a line."""
        return format_html_join("", "<div>{}={}</div>", sorted(alert.labels.items())) or "-"


@admin.register(AlertDelivery)
class AlertDeliveryAdmin(HistoryAdmin):
    """Deliveries as they came."""

    list_display = ("received_at", "source", "alerts_count", "state_label", "remark")
    list_filter = ("source", "refused")
    list_select_related = ("source",)
    search_fields = ("sns_message_id",)
    search_help_text = "An exact message id of SNS."
    exact_fields = ("sns_message_id",)
    fields = (("received_at", "source"), ("alerts_link", "refused"), "remark", "sns_message_id", "size", "body")
    readonly_fields = ("alerts_link", "body")

    class Media:
        css = _MEDIA

    @display(description="State", label={"refused": "danger", "stored": "success"})
    def state_label(self, delivery: AlertDelivery) -> tuple[str, str]:
        """Whether it was taken."""
        return ("refused", "Refused") if delivery.refused else ("stored", "Stored")

    @display(description="Alerts")
    def alerts_link(self, delivery: AlertDelivery) -> str:
        """Those it brought."""
        if not delivery.alerts_count:
            return "none"
        url = f"{reverse('admin:incidents_alert_changelist')}?delivery__id__exact={delivery.pk}"
        return format_html('<a class="tb-link" href="{}">{}</a>', url, delivery.alerts_count)

    @display(description="Body")
    def body(self, delivery: AlertDelivery) -> str:
        """As it came, with lines where it is whole."""
        try:
            text = json.dumps(json.loads(delivery.raw), indent=2, ensure_ascii=False)
        except (ValueError, RecursionError):
            text = delivery.raw
        cut = "" if len(delivery.raw) == delivery.size else " (its beginning)"
        return format_html(
            '<div class="tb"><pre class="alert-code" tabindex="0" aria-label="Body{}">{}</pre></div>', cut, text
        )


@admin.register(MaintenanceWindow)
class MaintenanceWindowAdmin(Admin):
    """Maintenance windows: made and ended, never edited."""

    form = WindowForm
    list_display = ("reason", "whose", "begins_at", "ends_at", "created_by", "state_label")
    list_filter = ("source",)
    list_select_related = ("source",)
    search_fields = ("reason",)
    show_full_result_count = False
    list_per_page = 50
    actions = None
    actions_detail = ("end_now",)
    fields = ("source", "matchers", "begins_at", "ends_at", "reason")

    class Media:
        css = _MEDIA
        js = (Script("messaging/dialogs.js", defer=True),)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What was quiet when stays as it was."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Likewise."""
        return False

    def has_end_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Who may change windows."""
        return bool(request.user.has_perm("incidents.change_maintenancewindow"))

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """As everywhere, who may change a row sees it."""
        return bool(super().has_view_permission(request, obj)) or self.has_end_permission(request)

    def get_fields(self, request: HttpRequest, obj: MaintenanceWindow | None = None) -> Any:
        """Of a window that is there, who made and who ended it as well."""
        return (*self.fields, ("created_by", "ended_by")) if obj else self.fields

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """From now."""
        return {"begins_at": localtime(clock.now()).replace(second=0, microsecond=0)}

    def get_actions_detail(self, request: HttpRequest, object_id: Any = None) -> Any:
        """What is over is not ended."""
        offered = super().get_actions_detail(request, object_id)
        going = MaintenanceWindow.objects.filter(pk=object_id, ends_at__gt=clock.now())
        return offered if str(object_id).isdecimal() and going.exists() else []

    def save_model(self, request: HttpRequest, obj: MaintenanceWindow, form: Any, change: bool) -> None:
        """Making is windows'."""
        made = windows.make(actor=request.user.get_username(), **form.cleaned_data)
        obj.pk = made.pk

    @action(
        description="End now",
        url_path="end-now",
        permissions=["end"],
        icon="event_available",
        dialog=dialog("End the window", "What still fires opens its incidents at once: people are texted.", "End now"),
    )
    def end_now(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        """End it."""
        window = MaintenanceWindow.objects.filter(pk=object_id).first() if object_id.isdecimal() else None
        if window is None:
            raise Http404
        try:
            windows.end(window, actor=request.user.get_username())
        except windows.Over as problem:
            self.message_user(request, str(problem), messages.ERROR)
        else:
            self.message_user(request, "The window has ended.", messages.SUCCESS)
        return back_to(request, "incidents_maintenancewindow_change", window.pk)

    @display(description="For")
    def whose(self, window: MaintenanceWindow) -> str:
        """Which alerts it covers."""
        source = str(window.source) if window.source else "all sources"
        return f"{source}, {window.matchers}" if window.matchers else source

    @display(description="State", label={"now": "warning", "planned": "info", "over": ""})
    def state_label(self, window: MaintenanceWindow) -> tuple[str, str]:
        """Whether it is quiet now."""
        now = clock.now()
        if window.ends_at <= now:
            return "over", "Over"
        return ("now", "Now") if window.begins_at <= now else ("planned", "Planned")
