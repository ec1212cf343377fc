"""What config's router serves of this app."""

from rest_framework.viewsets import ViewSetMixin

from shifts.api.callbacks import CallBackViewSet
from shifts.api.campaigns import CampaignViewSet
from shifts.api.people import EmployeeViewSet, SegmentViewSet
from shifts.api.shifts import ShiftViewSet

ROUTES: list[tuple[str, type[ViewSetMixin], str]] = [
    ("shifts", ShiftViewSet, "shift"),
    ("campaigns", CampaignViewSet, "campaign"),
    ("employees", EmployeeViewSet, "employee"),
    ("segments", SegmentViewSet, "segment"),
    ("callbacks", CallBackViewSet, "callback"),
]
