"""The rows of the ground floor."""

from messaging.models.days import CountedDay
from messaging.models.inbound import DeliveryEvent, InboundMessage, Keyword
from messaging.models.numbers import Contact, Lane, OriginationIdentity
from messaging.models.outbound import DeliveryPolicy, MessageType, OutboundMessage, Priority, Status, Withheld
from messaging.models.prices import PartPrice
from messaging.models.templates import TextTemplate
from messaging.models.webhooks import (
    WebhookAttempt,
    WebhookDelivery,
    WebhookEndpoint,
    WebhookEvent,
    WebhookSubscription,
)

__all__ = [
    "Contact",
    "CountedDay",
    "DeliveryEvent",
    "DeliveryPolicy",
    "InboundMessage",
    "Keyword",
    "Lane",
    "MessageType",
    "OriginationIdentity",
    "OutboundMessage",
    "PartPrice",
    "Priority",
    "Status",
    "TextTemplate",
    "WebhookAttempt",
    "WebhookDelivery",
    "WebhookEndpoint",
    "WebhookEvent",
    "WebhookSubscription",
    "Withheld",
]
