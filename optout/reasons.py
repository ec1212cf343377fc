"""Why a text was not sent, in the words that staff read on it."""

from datetime import datetime

from django.utils.timezone import localtime

from optout.models import Source

_BY = {
    Source.SMS: "by text",
    Source.STAFF: "by staff",
    Source.API: "by another system",
    Source.WEB: "on the web page",
    Source.CARRIER: "as AWS told us",
    Source.IMPORT: "as imported",
}


def reason(source: Source, since: datetime) -> str:
    """By which way somebody opted out, and when."""
    return f"Opted out {_BY[source]} on {localtime(since):%Y-%m-%d}."
