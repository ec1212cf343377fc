"""What the page of an alert source tells beside its form: how it is set up, its tokens, what it sent of late."""

from typing import Any

from django.conf import settings
from django.db.models import Count, Q
from django.http import Http404, HttpRequest
from django.urls import reverse

from incidents.alerts import guide, samples
from incidents.alerts.formats import generic
from incidents.alerts.values import Mapped
from incidents.models import Alert, AlertSource, Outcome, SourceKind, Trouble
from messaging import clock

_MOST_SHOWN = 8
_TONES = {
    Outcome.OPENED: "danger",
    Outcome.CLOSED: "success",
    Outcome.WAITING: "warning",
    Outcome.OVER_LIMIT: "warning",
    Outcome.FAILED: "danger",
}


def find(object_id: str) -> AlertSource:
    """The source of a page.

    Raises:
        Http404: there is none.
    """
    source = AlertSource.objects.filter(pk=object_id).first() if object_id.isdecimal() else None
    if source is None:
        raise Http404
    return source


def mapped(source: AlertSource) -> Mapped:
    """Where the fields are in its JSON."""
    return Mapped(
        source.key_path,
        source.description_path,
        source.url_path,
        source.status_path,
        generic.resolved_values(source.resolved_values),
    )


def _address(request: HttpRequest, path: str) -> str:
    """As the other side reaches us."""
    if settings.PUBLIC_URL:
        return f"{str(settings.PUBLIC_URL).rstrip('/')}{path}"
    return request.build_absolute_uri(path)


def steps(request: HttpRequest, source: AlertSource, secret: str = "") -> Any:
    """How it is set up at the other side; with the secret of a token that was just made."""
    example = None
    if source.kind == SourceKind.GENERIC:
        example = samples.sample(
            source.kind, mapped(source), firing=True, now=clock.now(), words="Pump 4 has stopped", key="pump-4"
        )
    return guide.steps(
        source.kind,
        deliver_url=_address(request, reverse("alert-source-deliver", args=[source.slug])),
        sns_url=_address(request, reverse("sns-webhook")),
        topic_arn=source.topic_arn,
        queue_arn=settings.MESSAGING.get("SQS_INBOUND", "") if settings.MESSAGING.get("INBOUND") == "sqs" else "",
        example=example,
        secret=secret,
    )


def told(request: HttpRequest, source: AlertSource) -> dict[str, Any]:
    """What the page of a source tells beside its form. A fixed number of queries, each by an index."""
    open_ones = Trouble.objects.filter(source=source, closed_at__isnull=True, is_storm=False)
    found = open_ones.aggregate(
        texted=Count("pk", filter=Q(hold="")),
        quiet=Count("pk", filter=Q(hold="window")),
        over=Count("pk", filter=Q(hold="storm")),
    )
    late = list(Alert.objects.filter(source=source).select_related("incident").order_by("-id")[:_MOST_SHOWN])
    may_see = request.user.has_perm("incidents.view_incident")
    return {
        "alert_steps": steps(request, source),
        "alert_figures": [
            ("with an incident", found["texted"]),
            ("in a maintenance window", found["quiet"]),
            ("over the limit", found["over"]),
        ],
        "alert_tokens": list(source.tokens.order_by("-created_at")[:50]),
        "alert_needs_tokens": source.kind != SourceKind.CLOUDWATCH,
        "alert_late": [(alert, _TONES.get(Outcome(alert.outcome), "plain"), may_see) for alert in late],
        "alert_now": clock.now(),
        "alert_topic_missing": source.kind == SourceKind.CLOUDWATCH
        and source.topic_arn not in settings.MESSAGING.get("TOPIC_READERS", {}),
        "alert_list_url": f"{reverse('admin:incidents_alert_changelist')}?source__id__exact={source.pk}",
        "alert_may_see_list": request.user.has_perm("incidents.view_alert"),
    }
