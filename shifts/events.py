"""What other systems hear of shifts: places taken and given back, campaigns, and who wants to be called."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Prefetch
from django.utils.module_loading import import_string

from messaging.duties import component
from messaging.events import EventType, publish
from messaging.selectors import with_names
from shifts.models import Booking, CallBack, Campaign, Employee, Shift

# By name: the API imports what imports this.
_SHIFT = "shifts.api.shifts.ShiftSerializer"
_HOLDER = "shifts.api.shifts.HolderSerializer"
_CAMPAIGN = "shifts.api.campaigns_fields.CampaignSerializer"
_COUNTS = "shifts.campaigns.figures.counts"
_CALL_BACK = "shifts.api.callbacks.CallBackSerializer"

_PLACE: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "shift": component("Shift"),
        "employee": component("Holder"),
        "by": {"type": "string", "description": "Username or phone number of who did it."},
    },
    "required": ["shift", "employee", "by"],
}


class ShiftEvents:
    """See messaging.duties.EventTypes."""

    title = "Shifts"

    @property
    def types(self) -> Sequence[EventType]:
        """Of places, campaigns and call backs."""
        return [
            EventType(
                "shift.booked",
                "An employee has a place on a shift.",
                "shifts.view_shift",
                _PLACE,
                _example_of_place(holds=True),
            ),
            EventType(
                "shift.released",
                "An employee has given a place back, or was taken off the shift.",
                "shifts.view_shift",
                _PLACE,
                _example_of_place(holds=False),
            ),
            *(
                EventType(f"campaign.{status}", what, "shifts.view_campaign", "Campaign", _example_of_campaign(status))
                for status, what in (
                    ("sending", "Sending of a campaign has begun."),
                    ("sent", "The last text of a campaign has left."),
                    ("cancelled", "A campaign was cancelled, or could not be sent."),
                )
            ),
            EventType(
                "callback.requested",
                "An employee has texted AGENT and wants to be called.",
                "shifts.view_callback",
                "CallBack",
                _example_of_call("waiting"),
            ),
            EventType(
                "callback.closed",
                "A call back is over: Amazon Connect has the call, or a person has dealt with it.",
                "shifts.view_callback",
                "CallBack",
                _example_of_call("closed"),
            ),
        ]


def booked(shift: Shift, employee: Employee, by: str) -> None:
    """Tell of a place that was taken, in its transaction."""
    _place("shift.booked", shift, employee, by)


def released(shift: Shift, employee: Employee, by: str) -> None:
    """Tell of a place that was given back, in its transaction."""
    _place("shift.released", shift, employee, by)


def campaign_moved(campaign: Campaign) -> None:
    """Tell of a campaign that has begun or ended, in its transaction."""
    publish(f"campaign.{campaign.status}", subject=campaign.campaign_id, data=lambda: _data_of_campaign(campaign.pk))


def call_back_requested(row: CallBack) -> None:
    """Tell of somebody who wants to be called, in its transaction."""
    publish("callback.requested", subject=f"call back {row.pk}", data=lambda: _data_of_call(row.pk))


def call_back_closed(pk: int) -> None:
    """Tell of a call back that is over, in its transaction."""
    publish("callback.closed", subject=f"call back {pk}", data=lambda: _data_of_call(pk))


def _place(event_type: str, shift: Shift, employee: Employee, by: str) -> None:
    def data() -> Mapping[str, Any]:
        holds = Booking.objects.filter(dropped_at__isnull=True).select_related("employee__contact")
        row = Shift.objects.prefetch_related(Prefetch("bookings", queryset=holds)).get(pk=shift.pk)
        person = Employee.objects.select_related("contact").get(pk=employee.pk)
        return {
            "shift": import_string(_SHIFT)(row).data,
            "employee": import_string(_HOLDER)({"employee": person}).data,
            "by": by or person.contact.phone_number,
        }

    publish(event_type, subject=shift.shift_id, data=data)


def _data_of_campaign(pk: int) -> Any:
    row = Campaign.objects.select_related("segment", "follows").prefetch_related("shifts", "versions").get(pk=pk)
    return import_string(_CAMPAIGN)(row, context={"counts": import_string(_COUNTS)([row])}).data


def _data_of_call(pk: int) -> Any:
    return import_string(_CALL_BACK)(with_names(CallBack.objects.filter(pk=pk), "phone_number").get()).data


def _example_of_place(*, holds: bool) -> Mapping[str, Any]:
    ann = {"name": "Ann", "phone_number": "+14255550182"}
    return {
        "shift": {
            "shift_id": "XYZ123",
            "shift_info": "Night shift, ward 3",
            "starts_at": "2026-07-03T20:00:00Z",
            "ends_at": "2026-07-04T06:00:00Z",
            "places": 1,
            "places_left": 0 if holds else 1,
            "shift_status": "taken" if holds else "available",
            "employees": [ann] if holds else [],
        },
        "employee": ann,
        "by": "+14255550182",
    }


def _example_of_campaign(status: str) -> Mapping[str, Any]:
    queued = 12 if status == "sending" else 0
    cancelled = 12 if status == "cancelled" else 0
    return {
        "campaign_id": "july",
        "campaign_message": "Shifts are open.",
        "footer": "",
        "translations": [],
        "segment": "Night nurses",
        "follows": None,
        "shifts": ["XYZ123"],
        "origination_identity": "",
        "scheduled_at": None,
        "draft": False,
        "status": status,
        "counts": {
            "recipients": 12,
            "queued": queued,
            "sent": 12 - queued - cancelled,
            "delivered": 0,
            "failed": 0,
            "suppressed": 0,
            "unknown": 0,
            "cancelled": cancelled,
            "replied": 0,
            "booked": 0,
        },
        "text": "Shifts are open. Reply with the shift code XYZ123.",
        "texts": {"es": "Shifts are open. Responda con el codigo XYZ123."},
        "problem": "",
        "created_at": "2026-07-01T12:00:00Z",
        "started_at": "2026-07-01T12:00:00Z",
        "ended_at": None if status == "sending" else "2026-07-01T12:00:12Z",
    }


def _example_of_call(status: str) -> Mapping[str, Any]:
    closed = status == "closed"
    return {
        "id": 9,
        "phone_number": "+14255550182",
        "name": "Ann",
        "status": status,
        "requested_at": "2026-07-01T12:00:00Z",
        "reason": "",
        "ended_at": "2026-07-01T12:20:00Z" if closed else None,
        "closed_by": "alice" if closed else "",
        "note": "Comes an hour later." if closed else "",
    }
