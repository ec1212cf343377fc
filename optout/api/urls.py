"""What config's router serves of this app."""

from rest_framework.viewsets import ViewSetMixin

from optout.api.views import ConsentViewSet, HistoryViewSet

ROUTES: list[tuple[str, type[ViewSetMixin], str]] = [
    ("consent/history", HistoryViewSet, "consent-history"),
    ("consent", ConsentViewSet, "consent"),
]
