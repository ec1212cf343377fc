"""What staff and API read of webhooks, as querysets that need no further query for each row."""

from django.db.models import DateTimeField, OuterRef, Prefetch, QuerySet, Subquery

from messaging.models import WebhookDelivery, WebhookEndpoint, WebhookEvent

# Counted no further: what waits for an endpoint that was off for long may be a million.
COUNTED_TO = 1_000


def endpoints() -> QuerySet[WebhookEndpoint]:
    """Each with its types, and since when its oldest event waits (``waits_since``; null when nothing does)."""
    # By the index of what waits; sorting by time itself would read all of it.
    oldest = WebhookDelivery.objects.filter(endpoint=OuterRef("pk"), status=WebhookDelivery.Status.WAITING)
    return WebhookEndpoint.objects.prefetch_related("subscriptions").annotate(
        waits_since=Subquery(
            oldest.order_by("event_id").values("event__occurred_at")[:1], output_field=DateTimeField(null=True)
        )
    )


def disabled() -> QuerySet[WebhookEndpoint]:
    """Endpoints that Textback has switched off: a person must mend something."""
    return WebhookEndpoint.objects.filter(disabled_at__isnull=False, disabled_by="")


def enabled() -> QuerySet[WebhookEndpoint]:
    """Endpoints that hear of what happens."""
    return WebhookEndpoint.objects.filter(disabled_at__isnull=True)


def waiting(endpoint: WebhookEndpoint) -> int:
    """How many events wait for an endpoint, counted to COUNTED_TO."""
    rows = WebhookDelivery.objects.filter(endpoint=endpoint, status=WebhookDelivery.Status.WAITING)
    return len(rows.order_by().values_list("pk", flat=True)[:COUNTED_TO])


def listed(deliveries: QuerySet[WebhookDelivery]) -> QuerySet[WebhookDelivery]:
    """Those to endpoints that there are: of one that was deleted only the rows are still to go."""
    return deliveries.filter(endpoint__deleted_at__isnull=True)


def events() -> QuerySet[WebhookEvent]:
    """Each with its deliveries, and these with the names of their endpoints."""
    deliveries = listed(WebhookDelivery.objects.all()).select_related("endpoint").order_by("id")
    return WebhookEvent.objects.prefetch_related(Prefetch("deliveries", queryset=deliveries))
