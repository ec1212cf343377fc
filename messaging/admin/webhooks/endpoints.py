"""Other systems that hear of events: staff add them, see how they are, and bring them what they missed."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.cache import add_never_cache_headers

from messaging import clock
from messaging.admin.base import Admin, action, back_to, dialog, display
from messaging.admin.webhooks import cards
from messaging.admin.webhooks.forms import SinceForm, SwitchOffForm, WebhookEndpointForm
from messaging.events import endpoints, redelivery, selectors, types
from messaging.models import WebhookEndpoint

_COLOURS = {"on": "success", "failing": "warning", "off": "danger"}


@admin.register(WebhookEndpoint)
class WebhookEndpointAdmin(Admin):
    """Webhook endpoints. Every change goes through the doors that the API uses."""

    form = WebhookEndpointForm
    change_form_outer_before_template = "messaging/admin/webhook.html"
    list_display = ("name", "url", "state_label", "types_count", "last_delivery", "waits")
    search_fields = ("name", "url")
    search_help_text = "Part of a name or of an address."
    ordering = ("name",)
    fieldsets = ((None, {"fields": ("name", "url", "event_types")}),)
    actions = None
    actions_detail = (
        *("switch_on", "try_now", "send_test"),
        {"title": "More", "items": ["redeliver", "rotate", "switch_off"]},
    )

    class Media:
        css = {"all": ("messaging/pages.css", "messaging/webhooks.css")}

    def get_queryset(self, request: HttpRequest) -> QuerySet[WebhookEndpoint]:
        """Each with types and what waits."""
        return selectors.endpoints().order_by(*self.ordering)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **options: Any) -> Any:
        """The form of this user."""
        # The events are no column.
        form = super().get_form(request, obj, change, **options | {"fields": ["name", "url"]})
        return type("Form", (form,), {"user": request.user})

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Who may only look sees the events as words."""
        if obj and not self.has_change_permission(request, obj):
            return ((None, {"fields": ("name", "url", "types_in_words")}),)
        return self.fieldsets

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """None for who may change it."""
        return ("types_in_words",) if obj and not self.has_change_permission(request, obj) else ()

    def get_actions_detail(self, request: HttpRequest, object_id: Any = None) -> Any:
        """Only what makes sense as it stands."""
        row = WebhookEndpoint.objects.filter(pk=object_id).first() if str(object_id).isdecimal() else None
        hidden = {"switch_on", "try_now", "switch_off"}
        if row is not None and row.disabled_at:
            hidden.discard("switch_on")
        elif row is not None:
            hidden.discard("switch_off")
            if row.failing_since:
                hidden.discard("try_now")
        return [
            one
            for one in super().get_actions_detail(request, object_id)
            if one.action_name.rsplit("_webhookendpoint_", 1)[-1] not in hidden
        ]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *arguments: Any, obj: Any = None, **options: Any
    ) -> HttpResponse:
        """With how it stands."""
        if obj is not None and obj.pk:
            log = f"{reverse('admin:messaging_webhookdelivery_changelist')}?endpoint={obj.pk}"
            context["webhook"] = cards.card(obj, clock.now(), log, types.seen_by(request.user))
        answer: HttpResponse = super().render_change_form(request, context, *arguments, obj=obj, **options)
        return answer

    def save_model(self, request: HttpRequest, obj: WebhookEndpoint, form: Any, change: bool) -> None:
        """Write what was changed and nothing else: workers write the rest."""
        chosen = form.cleaned_data["event_types"]
        if change:
            before = WebhookEndpoint.objects.get(pk=obj.pk)
            endpoints.change(before, name=obj.name, url=obj.url, event_types=chosen)
            return
        made = endpoints.create(name=obj.name, url=obj.url, event_types=chosen, by=request.user.get_username())
        obj.pk, obj.created_at = made.endpoint.pk, made.endpoint.created_at
        request.textback_secret = made.secret  # type: ignore[attr-defined]

    def response_add(self, request: HttpRequest, obj: WebhookEndpoint, *arguments: Any, **options: Any) -> HttpResponse:
        """Its secret, shown this once: it is kept neither in a message nor in a session."""
        return self._secret(request, obj, request.textback_secret, new=True)  # type: ignore[attr-defined]

    def delete_model(self, request: HttpRequest, obj: WebhookEndpoint) -> None:
        """At once; a worker then deletes all that it had."""
        endpoints.remove(obj)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Not one by one: what waits may be a million."""
        return [str(one) for one in objs], {"webhook endpoint": len(objs)}, set(), []

    @action(
        description="Switch on",
        permissions=["change"],
        icon="play_arrow",
        dialog=dialog("Switch on", "What waits is delivered at once, in the order in which it happened.", "Switch on"),
    )
    def switch_on(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        """Go on, with all that waits."""
        endpoint = self._endpoint(request, object_id)
        endpoints.enable(endpoint.pk)
        self.message_user(request, f"{endpoint} is on. What waits is being delivered.", messages.SUCCESS)
        return self._back(request, endpoint)

    @action(
        description="Try now",
        permissions=["change"],
        icon="refresh",
        dialog=dialog("Try now", "Nobody waits for the next try: it is called at once.", "Try now"),
    )
    def try_now(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        """Before its time."""
        endpoint = self._endpoint(request, object_id)
        endpoints.enable(endpoint.pk)
        self.message_user(request, f"{endpoint} is being tried.", messages.SUCCESS)
        return self._back(request, endpoint)

    @action(
        description="Switch off",
        permissions=["change"],
        icon="pause",
        dialog=dialog(
            "Switch off",
            "Nothing is delivered, and what happens from now on is not kept for it. What waits already waits on for "
            "some days.",
            "Switch off",
            SwitchOffForm,
        ),
    )
    def switch_off(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        """Until somebody switches it on."""
        endpoint = self._endpoint(request, object_id)
        user = request.user.get_username()
        if endpoints.disable(endpoint.pk, reason=f"{form.cleaned_data['reason']} ({user})", by=user):
            self.message_user(request, f"{endpoint} is off. What happens now is not kept for it.", messages.SUCCESS)
        else:
            self.message_user(request, f"{endpoint} was off before; its reason stays.", messages.WARNING)
        return self._back(request, endpoint)

    @action(
        description="Send a test",
        permissions=["change"],
        icon="send",
        dialog=dialog("Send a test", "An event webhook.test is sent behind what waits for it already.", "Send"),
    )
    def send_test(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        """By a worker: no request of ours waits for one of theirs."""
        endpoint = self._endpoint(request, object_id)
        endpoints.send_test(endpoint, by=request.user.get_username())
        self.message_user(
            request, f"A test is on its way to {endpoint}. The tries below tell what came of it.", messages.SUCCESS
        )
        return self._back(request, endpoint)

    @action(
        description="Deliver again",
        permissions=["change"],
        icon="replay",
        dialog=dialog("Deliver again", "For a receiver that lost events, or that came later.", "Deliver", SinceForm),
    )
    def redeliver(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        """Everything since a time."""
        endpoint = self._endpoint(request, object_id)
        count = redelivery.since(endpoint, form.cleaned_data["since"])
        told = f"{count} event{'' if count == 1 else 's'} will be delivered to {endpoint} once more."
        self.message_user(request, told, messages.SUCCESS if count else messages.WARNING)
        return self._back(request, endpoint)

    @action(description="New secret", permissions=["change"], icon="key")
    def rotate(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Asked for by GET, made by POST and shown in its answer: kept neither in a message nor in a session."""
        endpoint = self._endpoint(request, object_id)
        if request.method != "POST":
            return self._secret(request, endpoint, "", new=False)
        made = endpoints.rotate(endpoint)
        until = cards.moment(made.endpoint.old_secret_until) if made.endpoint.old_secret_until else ""
        self.message_user(
            request,
            f"{endpoint} has a new secret." + (f" The one before signs as well until {until}." if until else ""),
            messages.SUCCESS,
        )
        return self._secret(request, made.endpoint, made.secret, new=False)

    @display(description="State", label=_COLOURS)
    def state_label(self, endpoint: WebhookEndpoint) -> tuple[str, str]:
        """In the colour of its urgency."""
        word = cards.state(endpoint, clock.now()).word
        return word, word.capitalize()

    @display(description="Types")
    def types_count(self, endpoint: WebhookEndpoint) -> int:
        """How many it has chosen."""
        return len(endpoint.subscriptions.all())

    @display(description="Events")
    def types_in_words(self, endpoint: WebhookEndpoint) -> str:
        """The names."""
        return ", ".join(one.event_type for one in endpoint.subscriptions.all()) or "-"

    @display(description="Last delivery")
    def last_delivery(self, endpoint: WebhookEndpoint) -> str:
        """When."""
        return cards.moment(endpoint.delivered_at) if endpoint.delivered_at else "-"

    @display(description="Waits since")
    def waits(self, endpoint: WebhookEndpoint) -> str:
        """When the oldest event that waits happened."""
        since = getattr(endpoint, "waits_since", None)
        return cards.moment(since) if since else "-"

    def _secret(self, request: HttpRequest, endpoint: WebhookEndpoint, secret: str, *, new: bool) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": "Secret" if new or secret else "New secret",
            "opts": self.model._meta,
            "endpoint": endpoint,
            "secret": secret,
            "is_new": new,
            "back_url": reverse("admin:messaging_webhookendpoint_change", args=[endpoint.pk]),
            "media": self.media,
        }
        answer = TemplateResponse(request, "messaging/admin/webhook_secret.html", context)
        add_never_cache_headers(answer)
        return answer

    def _endpoint(self, request: HttpRequest, object_id: str) -> WebhookEndpoint:
        endpoint: WebhookEndpoint | None = self.get_object(request, object_id)
        if endpoint is None:
            raise Http404
        if not self.has_change_permission(request, endpoint):
            raise PermissionDenied
        return endpoint

    def _back(self, request: HttpRequest, endpoint: WebhookEndpoint) -> HttpResponse:
        return back_to(request, "messaging_webhookendpoint_change", endpoint.pk)
