"""What was told to whom, and what came of each try."""

import json
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse

from messaging.admin.base import HistoryAdmin, action, back_to, dialog, display
from messaging.admin.webhooks import cards
from messaging.events import redelivery, selectors, types
from messaging.models import WebhookDelivery, WebhookEndpoint

Status = WebhookDelivery.Status
_MOST_TRIES = 100
_COLOURS = {Status.WAITING.value: "info", Status.DELIVERED.value: "success", Status.SKIPPED.value: ""}


class ByEndpoint(admin.SimpleListFilter):
    """What one system was told."""

    title = "endpoint"
    parameter_name = "endpoint"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """What may be chosen."""
        return [(str(pk), name) for pk, name in WebhookEndpoint.objects.values_list("pk", "name").order_by("name")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[WebhookDelivery]) -> QuerySet[WebhookDelivery]:
        """Deliveries to the endpoint chosen."""
        value = self.value() or ""
        return queryset.filter(endpoint=int(value)) if value.isdecimal() and len(value) < 19 else queryset


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(HistoryAdmin):
    """The log of webhooks: events of the types that one may see, on their way to each endpoint."""

    change_form_outer_before_template = "messaging/admin/webhook_delivery.html"
    list_display = ("happened", "event_type", "subject", "endpoint", "status_label", "attempts", "ended")
    list_filter = (ByEndpoint, "status")
    list_select_related = ("event", "endpoint")
    search_fields = ("event__event_id",)
    search_help_text = "An exact webhook-id."
    exact_fields = ("event__event_id",)
    actions = None
    actions_detail = ("redeliver", "skip")
    readonly_fields = ("happened", "event_type", "subject")
    fieldsets = ((None, {"fields": ("event_type", "subject", "happened")}),)

    class Media:
        css = {"all": ("messaging/pages.css", "messaging/webhooks.css")}

    def has_act_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Delivering again is a matter of the endpoint."""
        return bool(request.user.has_perm("messaging.change_webhookendpoint"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[WebhookDelivery]:
        """Of the types that the user may see."""
        rows: QuerySet[WebhookDelivery] = super().get_queryset(request)
        return selectors.listed(rows).filter(event__type__in=types.seen_by(request.user))

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The log."""
        answer: HttpResponse = super().changelist_view(request, {"title": "Webhook deliveries"} | (extra_context or {}))
        return answer

    def get_actions_detail(self, request: HttpRequest, object_id: Any = None) -> Any:
        """What waits may be skipped; what does not may be delivered again."""
        row = WebhookDelivery.objects.filter(pk=object_id).first() if str(object_id).isdecimal() else None
        hidden = "redeliver" if row is not None and row.status == Status.WAITING else "skip"
        return [
            one for one in super().get_actions_detail(request, object_id) if not one.action_name.endswith(f"_{hidden}")
        ]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *arguments: Any, obj: Any = None, **options: Any
    ) -> HttpResponse:
        """With every try."""
        if obj is not None:
            # With line breaks for people.
            body = json.dumps(json.loads(obj.event.body), indent=2, ensure_ascii=False)
            context |= {"delivery": obj, "body": body, "tries": list(obj.tries.order_by("-id")[:_MOST_TRIES])}
        answer: HttpResponse = super().render_change_form(request, context, *arguments, obj=obj, **options)
        return answer

    @action(
        description="Deliver again",
        permissions=["act"],
        icon="replay",
        dialog=dialog("Deliver again", "With the same id: a receiver that has it already ignores it.", "Deliver"),
    )
    def redeliver(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        """This one."""
        row = self._delivery(request, object_id)
        if redelivery.again(WebhookDelivery.objects.filter(pk=row.pk)):
            self.message_user(request, f"It will be delivered to {row.endpoint} once more.", messages.SUCCESS)
        else:
            self.message_user(request, "It waits already.", messages.INFO)
        return back_to(request, "messaging_webhookdelivery_change", row.pk)

    @action(
        description="Skip",
        permissions=["act"],
        icon="skip_next",
        dialog=dialog("Skip", "It is not delivered, so that the next ones need not wait for it.", "Skip"),
    )
    def skip(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        """Let the next ones go on."""
        row = self._delivery(request, object_id)
        if redelivery.skip(row.pk):
            self.message_user(request, f"{row.endpoint} goes on without it.", messages.SUCCESS)
        else:
            self.message_user(request, "It waits no longer.", messages.INFO)
        return back_to(request, "messaging_webhookdelivery_change", row.pk)

    @display(description="Happened")
    def happened(self, row: WebhookDelivery) -> str:
        """When."""
        return cards.moment(row.event.occurred_at)

    @display(description="Type")
    def event_type(self, row: WebhookDelivery) -> str:
        """Its name."""
        return row.event.type

    @display(description="About")
    def subject(self, row: WebhookDelivery) -> str:
        """An incident's id, a shift's code."""
        return row.event.subject or "-"

    @display(description="Status", label=_COLOURS)
    def status_label(self, row: WebhookDelivery) -> tuple[str, str]:
        """In the colour of its meaning."""
        return row.status, str(row.get_status_display())

    @display(description="Ended")
    def ended(self, row: WebhookDelivery) -> str:
        """When it was delivered or skipped."""
        return cards.moment(row.ended_at) if row.ended_at else "-"

    def _delivery(self, request: HttpRequest, object_id: str) -> WebhookDelivery:
        row: WebhookDelivery | None = self.get_object(request, object_id)
        if row is None:
            raise Http404
        return row
