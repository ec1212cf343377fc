"""The resources of messaging, for the router in config.api."""

from rest_framework.viewsets import GenericViewSet

from messaging.api.contacts import Contacts
from messaging.api.events import Events, EventTypes
from messaging.api.inbound import Inbound
from messaging.api.keywords import Keywords
from messaging.api.messages import Messages
from messaging.api.origination_identities import OriginationIdentities
from messaging.api.webhooks import WebhookEndpoints

# Each: prefix, viewset, basename.
ROUTES: list[tuple[str, type[GenericViewSet], str]] = [  # type: ignore[type-arg]
    ("origination-identities", OriginationIdentities, "origination-identity"),
    ("messages", Messages, "message"),
    ("inbound", Inbound, "inbound"),
    ("contacts", Contacts, "contact"),
    ("keywords", Keywords, "keyword"),
    ("webhook-endpoints", WebhookEndpoints, "webhook-endpoint"),
    ("events", Events, "event"),
    ("event-types", EventTypes, "event-type"),
]
