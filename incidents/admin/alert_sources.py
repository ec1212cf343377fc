"""Alert sources: how each is set up, the keys to its door, and what it sent of late."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.forms import Script
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from unfold.admin import TabularInline

from incidents.admin.alert_forms import AlertSourceForm, RevokeForm, RulesInOrder, TestForm, TokenForm
from incidents.admin.alert_page import find, mapped, steps, told
from incidents.alerts import intake, samples, sources, tokens
from incidents.alerts.values import Unreadable
from incidents.models import Alert, AlertRule, AlertSource, AlertToken, Trouble
from messaging import clock
from messaging.admin.base import Admin, action, back_to, dialog, display


class RuleInline(TabularInline):  # type: ignore[misc]
    """The rules, in order. Who may change the source may change them."""

    model = AlertRule
    formset = RulesInOrder
    fields = ("position", "matchers", "policy")
    extra = 0

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """As of the source."""
        return True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """As of the source."""
        return self._may(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """As of the source."""
        return self._may(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """As of the source."""
        return self._may(request)

    def _may(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("incidents.add_alertsource") or _may_change(request))


def _may_change(request: HttpRequest) -> bool:
    return bool(request.user.has_perm("incidents.change_alertsource"))


@admin.register(AlertSource)
class AlertSourceAdmin(Admin):
    """Alert sources. They are turned off, not deleted: their incidents and alerts name them."""

    form = AlertSourceForm
    list_display = ("name", "kind", "policy", "firing", "latest", "state_label")
    list_filter = ("kind", "active")
    list_select_related = ("policy",)
    search_fields = ("name", "slug")
    search_help_text = "Name or address"
    show_full_result_count = False
    list_per_page = 50
    inlines = (RuleInline,)
    actions = None
    actions_detail = ("make_token", "revoke_token", "send_test")
    change_form_outer_before_template = "incidents/admin/alert_source.html"
    fieldsets = (
        (None, {"fields": ("name", "kind", ("slug", "prefix"), "active")}),
        ("Whom alerts ask", {"fields": ("policy", "grouping", "limit", "limit_minutes")}),
        ("CloudWatch", {"fields": ("topic_arn",)}),
        (
            "Where the fields are in your JSON",
            {
                "description": "Paths with dots: alert.labels.host, or items.0.id for a place in a list.",
                "fields": (
                    "key_path",
                    "description_path",
                    "url_path",
                    ("status_path", "resolved_values"),
                ),
            },
        ),
    )

    class Media:
        css = {"all": ("messaging/pages.css", "incidents/open.css", "incidents/alerts.css")}
        js = (Script("messaging/dialogs.js", defer=True), Script("incidents/alerts.js", defer=True))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Its incidents and alerts name it."""
        return False

    def has_act_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Who may change sources."""
        return _may_change(request)

    def get_readonly_fields(self, request: HttpRequest, obj: AlertSource | None = None) -> tuple[str, ...]:
        """What was set up at the other side would no longer fit."""
        return ("kind", "slug") if obj else ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[AlertSource]:
        """Each with its open troubles, by a partial index, and with when it last sent something."""
        latest = Alert.objects.filter(source=OuterRef("pk")).order_by("-id").values("received_at")[:1]
        troubles = Trouble.objects.filter(source=OuterRef("pk"), closed_at__isnull=True, is_storm=False).order_by()
        count = troubles.values("source").annotate(count=Count("pk")).values("count")
        rows: QuerySet[AlertSource] = super().get_queryset(request)
        return rows.annotate(firing_now=Subquery(count), latest_at=Subquery(latest))

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *arguments: Any, obj: Any = None, **options: Any
    ) -> HttpResponse:
        """With how it is set up, its tokens, and what it sent of late."""
        if obj is not None:
            # As it is saved: a form that was refused has written its faults into the other one.
            context |= told(request, find(str(obj.pk)))
        answer: HttpResponse = super().render_change_form(request, context, *arguments, obj=obj, **options)
        return answer

    def save_model(self, request: HttpRequest, obj: AlertSource, form: Any, change: bool) -> None:
        """Saving is sources'."""
        sources.save(obj)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """All rules at once: a swap of two is no clash then."""
        # What has changed, for the log.
        formset.save(commit=False)
        if formset.new_objects or formset.changed_objects or formset.deleted_objects:
            sources.save(form.instance, formset.drafts())

    def response_add(
        self, request: HttpRequest, obj: AlertSource, post_url_continue: str | None = None
    ) -> HttpResponse:
        """On to its page, which says how it is set up."""
        self.message_user(request, f"{obj} is ready: set it up at the other side as below.", messages.SUCCESS)
        return back_to(request, "incidents_alertsource_change", obj.pk)

    @action(description="Make a token", url_path="make-token", permissions=["act"], icon="key")
    def make_token(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """GET asks who uses it; POST shows the token, this once."""
        source = find(object_id)
        form = TokenForm(request.POST if request.method == "POST" else None)
        secret = ""
        if request.method == "POST" and form.is_valid():
            token, secret = tokens.make(
                source, form.cleaned_data["name"], actor=request.user.get_username(), expires_at=form.expires_at()
            )
            # It goes into the log of changes; the token itself goes nowhere but on this page.
            self.told(request).append(f"The token {token} was made.")
        context = {
            **self.admin_site.each_context(request),
            "title": f"A token for {source}",
            "opts": self.model._meta,
            "source": source,
            "form": form,
            "secret": secret,
            "steps": steps(request, source, secret) if secret else (),
            "media": self.media,
            "back": reverse("admin:incidents_alertsource_change", args=[source.pk]),
        }
        # As every page of the admin, no browser and no proxy keeps it (never_cache).
        return TemplateResponse(request, "incidents/admin/alert_token.html", context)

    @action(
        description="Revoke a token",
        url_path="revoke-token",
        permissions=["act"],
        icon="key_off",
        dialog=dialog("Revoke a token", "Whatever sends with it is refused from now on.", "Revoke", RevokeForm),
    )
    def revoke_token(self, request: HttpRequest, form: RevokeForm, object_id: str) -> HttpResponse:
        """Make a token worthless."""
        source = find(object_id)
        token = AlertToken.objects.get(pk=form.cleaned_data["token"], source=source)
        tokens.revoke(token, actor=request.user.get_username())
        self.message_user(request, f"The token {token} is revoked.", messages.SUCCESS)
        return back_to(request, "incidents_alertsource_change", source.pk)

    @action(
        description="Send a test alert",
        url_path="send-test",
        permissions=["act"],
        icon="send",
        dialog=dialog(
            "Send a test alert",
            "It is read and worked as if the system had sent it: people are texted. Send Resolved to end it.",
            "Send",
            TestForm,
        ),
    )
    def send_test(self, request: HttpRequest, form: TestForm, object_id: str) -> HttpResponse:
        """An alert as this kind of system would send it, through the same door."""
        source = find(object_id)
        firing = form.cleaned_data["state"] == "firing"
        words = f"Test by {request.user.get_username()}: please answer YES or NO"
        labels = form.cleaned_data["labels"]
        content = samples.sample(
            source.kind, mapped(source), firing=firing, now=clock.now(), labels=labels, words=words
        )
        try:
            intake.take(source, content)
        except Unreadable as problem:
            self.message_user(request, f"It was refused: {problem}", messages.ERROR)
        else:
            self.message_user(request, "The test alert is on its way: see below what comes of it.", messages.SUCCESS)
        return back_to(request, "incidents_alertsource_change", source.pk)

    @display(description="Firing now")
    def firing(self, source: AlertSource) -> int:
        """Troubles that are open."""
        return getattr(source, "firing_now", None) or 0

    @display(description="Last alert")
    def latest(self, source: AlertSource) -> Any:
        """When it last sent something that was read."""
        return getattr(source, "latest_at", None)

    @display(description="State", label={"on": "success", "off": ""})
    def state_label(self, source: AlertSource) -> tuple[str, str]:
        """Whether it is heard."""
        return ("on", "On") if source.active else ("off", "Off")
