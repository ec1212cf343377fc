"""Campaigns: one text to everybody of a segment, never two copies to anybody.

content     what is sent: the message and how to book (pure)
texts       the same in each person's language
requests    what a campaign is made from, and what is wrong with it
lifecycle   draft, scheduled, sending, paused, sent, cancelled: the only writer of the status
audience    who is in the segment, a few thousand at a time
unanswered  who has not answered a campaign: the audience of what follows it
following   what a follow-up begins with
expansion   a row of the outbox for each of them
turns       making rows and withdrawing approval, one after the other
settling    texts of a paused, resumed or cancelled campaign leave or enter their lanes
reach       who would be texted, and from which number
quiet       for whom it is night (pure)
cautions    what staff should know before they send (pure)
preview     what would happen: all of this together
figures     what happened
work        the list a worker looks at
"""

from shifts.campaigns.figures import Counts, counts, not_texted
from shifts.campaigns.following import suggest
from shifts.campaigns.lifecycle import Changed, NotAllowed, cancel, create, edit, pause, resume, send
from shifts.campaigns.preview import Preview, Said, foresee, preview
from shifts.campaigns.reach import Reach
from shifts.campaigns.requests import DifferentContent, Request, check_request, fingerprint, is_over
from shifts.campaigns.texts import Version

# The last part of a URL that acts on a campaign.
ACTIONS = ("send", "pause", "resume", "cancel", "preview")

__all__ = [
    "ACTIONS",
    "Changed",
    "Counts",
    "DifferentContent",
    "NotAllowed",
    "Preview",
    "Reach",
    "Request",
    "Said",
    "Version",
    "cancel",
    "check_request",
    "counts",
    "create",
    "edit",
    "fingerprint",
    "foresee",
    "is_over",
    "not_texted",
    "pause",
    "preview",
    "resume",
    "send",
    "suggest",
]
