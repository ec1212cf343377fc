"""How campaigns, imports and call backs stand, for /metrics."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from django.db.models import Min

from messaging.counting import Counted, Gauge
from messaging.figures import counted_so_far, seconds_since
from messaging.selectors import COUNTED_TO
from shifts.calls import callbacks
from shifts.models import CallBack, Campaign, RosterImport, Status


class Shifts:
    """Plug-in of settings.MESSAGING["FIGURES"]."""

    counted: Sequence[Counted] = ()

    def standing(self, now: datetime) -> Iterator[Gauge]:
        """Seven queries, each by an index that holds what waits."""
        sending = Campaign.objects.filter(status=Status.SENDING)
        yield Gauge("textback_campaigns_sending", "Campaigns being sent.", {(): counted_so_far(sending)})
        scheduled = Campaign.objects.filter(status=Status.SCHEDULED).order_by("scheduled_at")
        yield Gauge("textback_campaigns_scheduled", "Campaigns to come.", {(): counted_so_far(scheduled)})
        late = seconds_since(scheduled.values_list("scheduled_at", flat=True).first(), now)
        yield Gauge("textback_campaign_overdue_seconds", "For how long the first should have begun.", {(): late})
        waiting = RosterImport.objects.filter(status__in=(RosterImport.Status.CHECKING, RosterImport.Status.IMPORTING))
        found = waiting.order_by("id")[:COUNTED_TO].aggregate(oldest=Min("created_at"))
        yield Gauge("textback_imports_waiting", "Lists that wait or are being read.", {(): counted_so_far(waiting)})
        age = seconds_since(found["oldest"], now)
        yield Gauge("textback_import_oldest_seconds", "For how long the first has been there.", {(): age})
        staff = CallBack.objects.filter(status=CallBack.Status.WAITING).order_by("id")
        people = staff[:COUNTED_TO].aggregate(oldest=Min("requested_at"))
        yield Gauge("textback_call_backs_waiting", "People whom staff must call.", {(): counted_so_far(staff)})
        age = seconds_since(people["oldest"], now)
        yield Gauge("textback_call_back_oldest_seconds", "For how long the first has waited.", {(): age})
        placing = callbacks.due(now).order_by("next_try_at").values_list("next_try_at", flat=True).first()
        age = seconds_since(placing, now)
        yield Gauge("textback_call_overdue_seconds", "How late Connect is to be asked for a call.", {(): age})
