"""The staff's view of messaging: one file for each kind of row. The admin observes; actions call what the API calls."""

from messaging.admin import (
    contacts,
    events,
    inbound,
    keywords,
    origination_identities,
    outbound,
    prices,
    wording,
)

__all__ = [
    "contacts",
    "events",
    "inbound",
    "keywords",
    "origination_identities",
    "outbound",
    "prices",
    "wording",
]
