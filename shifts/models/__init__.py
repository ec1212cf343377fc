"""The rows of shifts."""

from shifts.models.callbacks import CallAttempt, CallBack, UnauthorisedText
from shifts.models.campaigns import Campaign, CampaignAct, CampaignVersion, Status
from shifts.models.imports import RosterImport
from shifts.models.people import Employee, Segment, SegmentMember
from shifts.models.shifts import Booking, Listing, Shift

__all__ = [
    "Booking",
    "CallAttempt",
    "CallBack",
    "Campaign",
    "CampaignAct",
    "CampaignVersion",
    "Employee",
    "Listing",
    "RosterImport",
    "Segment",
    "SegmentMember",
    "Shift",
    "Status",
    "UnauthorisedText",
]
