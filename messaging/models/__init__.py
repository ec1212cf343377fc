"""The rows of the ground floor."""

from messaging.models.budgets import Budget, SpentHour
from messaging.models.countries import CountryRule
from messaging.models.days import CountedDay
from messaging.models.inbound import DeliveryEvent, InboundMessage, Keyword
from messaging.models.numbers import Contact, Lane, OriginationIdentity
from messaging.models.outbound import DeliveryPolicy, MessageType, OutboundMessage, Priority, Status, Withheld
from messaging.models.prices import PartPrice
from messaging.models.privacy import ErasureRequest, PrivacyRecord, RetentionMark, RetentionRun
from messaging.models.requests import RememberedRequest
from messaging.models.templates import TextTemplate
from messaging.models.webhooks import (
    WebhookAttempt,
    WebhookDelivery,
    WebhookEndpoint,
    WebhookEvent,
    WebhookSubscription,
)

__all__ = [
    "Budget",
    "Contact",
    "CountedDay",
    "CountryRule",
    "DeliveryEvent",
    "DeliveryPolicy",
    "ErasureRequest",
    "InboundMessage",
    "Keyword",
    "Lane",
    "MessageType",
    "OriginationIdentity",
    "OutboundMessage",
    "PartPrice",
    "Priority",
    "PrivacyRecord",
    "RememberedRequest",
    "RetentionMark",
    "RetentionRun",
    "SpentHour",
    "Status",
    "TextTemplate",
    "WebhookAttempt",
    "WebhookDelivery",
    "WebhookEndpoint",
    "WebhookEvent",
    "WebhookSubscription",
    "Withheld",
]
