"""Campaigns: one text to everybody of a segment, never two copies to anybody.

content     what is sent: the message and how to book (pure)
requests    what a campaign is made from, and what is wrong with it
lifecycle   draft, scheduled, sending, paused, sent, cancelled: the only writer of the status
audience    who is in the segment, a few thousand at a time
expansion   a row of the outbox for each of them
turns       making rows and withdrawing approval, one after the other
settling    texts of a paused, resumed or cancelled campaign leave or enter their lanes
preview     what would happen
figures     what happened
work        the list a worker looks at
"""

from shifts.campaigns.figures import Counts, counts, not_texted
from shifts.campaigns.lifecycle import NotAllowed, cancel, create, edit, pause, resume, send
from shifts.campaigns.preview import Preview, preview
from shifts.campaigns.requests import DifferentContent, Request, check_request

# The last part of a URL that acts on a campaign.
ACTIONS = ("send", "pause", "resume", "cancel", "preview")

__all__ = [
    "ACTIONS",
    "Counts",
    "DifferentContent",
    "NotAllowed",
    "Preview",
    "Request",
    "cancel",
    "check_request",
    "counts",
    "create",
    "edit",
    "not_texted",
    "pause",
    "preview",
    "resume",
    "send",
]
