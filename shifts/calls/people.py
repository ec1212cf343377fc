"""Staff who call somebody back: whose turn it is, until when, and why somebody may not. Pure."""

from datetime import datetime, timedelta

from django.utils.formats import date_format
from django.utils.timezone import localtime

from shifts.models import CallBack

# Who takes a call back has this long to say what came of it. Then it is free again: they may have been called away.
HOLDS = timedelta(minutes=30)
# How much later somebody may be tried again who was not reached, in minutes, as the dialog offers it.
LATER = {15: "In 15 minutes", 60: "In an hour", 180: "In 3 hours", 1440: "Tomorrow at this time"}

_TIME = "DATETIME_FORMAT"


def is_free(row: CallBack, now: datetime) -> bool:
    """Whether anybody may call them now."""
    open_ = row.status in (CallBack.Status.WAITING, CallBack.Status.TAKEN)
    return open_ and (row.free_at is None or row.free_at <= now)


def has(row: CallBack, actor: str) -> bool:
    """Whether it is theirs to say what came of it: until somebody else takes it, however long it takes."""
    return row.status == CallBack.Status.TAKEN and row.taken_by == actor


def why_not_taken(row: CallBack) -> str:
    """Why nobody else may call them now."""
    if row.status == CallBack.Status.TAKEN and row.taken_at:
        return f"{row.taken_by} is calling them, since {date_format(localtime(row.taken_at), 'H:i')}."
    if row.status == CallBack.Status.WAITING and row.free_at:
        return f"They were not reached, and are to be tried again at {date_format(localtime(row.free_at), _TIME)}."
    return why_not_closed(row)


def why_not_finished(row: CallBack) -> str:
    """Why somebody cannot say what came of a call."""
    if row.status == CallBack.Status.WAITING:
        return "You have not taken this call back. Press “I call now” first."
    return why_not_taken(row)


def why_not_closed(row: CallBack) -> str:
    """Why it cannot be closed."""
    if row.status == CallBack.Status.PLACING:
        return "Amazon Connect is being asked to call them. It can be closed if that fails and it waits for staff."
    if row.ended_at is None:
        return "It has changed this very moment. Look at it again."
    at = date_format(localtime(row.ended_at), _TIME)
    if row.status == CallBack.Status.CALLED:
        return f"Amazon Connect has called them, {at}: there is nothing to close."
    return f"{row.closed_by} has closed it before, {at}."
