"""The staff's view of messaging: one file for each kind of row. The admin observes; actions call what the API calls."""

from messaging.admin import (
    budgets,
    contacts,
    countries,
    events,
    inbound,
    keywords,
    origination_identities,
    outbound,
    prices,
    privacy,
    webhooks,
    wording,
)

__all__ = [
    "budgets",
    "contacts",
    "countries",
    "events",
    "inbound",
    "keywords",
    "origination_identities",
    "outbound",
    "prices",
    "privacy",
    "webhooks",
    "wording",
]
