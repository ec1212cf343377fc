"""What staff can do to a campaign. Each goes through the function of campaigns that the API uses."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode
from unfold.enums import ActionVariant

from messaging import clock
from messaging.admin.base import Admin, action, back_to, dialog
from shifts import campaigns
from shifts.admin.campaigns_sending import SendForm
from shifts.models import Campaign, Status

_NOT_BEGUN = (Status.DRAFT, Status.SCHEDULED)
# What is offered in which status; campaigns decides in any case.
_OFFERED = {
    "send_now": (Status.DRAFT,),
    "schedule": (Status.DRAFT,),
    "edit": _NOT_BEGUN,
    "pause": (Status.SENDING,),
    "resume": (Status.PAUSED,),
    "cancel": (*_NOT_BEGUN, Status.SENDING, Status.PAUSED),
    "follow_up": (Status.SENT, Status.CANCELLED),
}


class ActingAdmin(Admin):
    """The actions."""

    actions = None
    actions_detail = ("send_now", "schedule", "resume", "pause", "edit", "follow_up", "cancel")
    # Django's own history is not that of a campaign, which its page shows.
    actions_detail_hide_default = True

    def has_act_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Who may change campaigns may act on them."""
        return bool(request.user.has_perm("shifts.change_campaign"))

    def has_write_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Who may add campaigns may write one that follows another."""
        return bool(request.user.has_perm("shifts.add_campaign"))

    def get_actions_detail(self, request: HttpRequest, object_id: Any = None) -> Any:
        """Only what the status allows; of the two words that send, the one that is true."""
        campaign = Campaign.objects.filter(pk=object_id).first() if str(object_id).isdecimal() else None
        if campaign is None:
            return []
        later = campaign.scheduled_at is not None and campaign.scheduled_at > clock.now()
        untrue = {"send_now" if later else "schedule", "" if campaigns.is_over(campaign) else "follow_up"}
        return [
            one
            for one in super().get_actions_detail(request, object_id)
            if (name := one.action_name.rsplit("_campaign_", 1)[-1]) not in untrue
            and campaign.status in _OFFERED.get(name, ())
        ]

    @action(
        description="Send now",
        permissions=["act"],
        icon="send",
        variant=ActionVariant.PRIMARY,
        dialog=dialog("Send now", "", "Send now", SendForm),
    )
    def send_now(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        """A draft without a time to come."""
        return self._act(request, object_id, partial(campaigns.send, as_shown=form.fingerprint))

    @action(
        description="Schedule",
        permissions=["act"],
        icon="schedule_send",
        variant=ActionVariant.PRIMARY,
        dialog=dialog("Schedule", "", "Schedule", SendForm),
    )
    def schedule(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        """A draft with one."""
        return self._act(request, object_id, partial(campaigns.send, as_shown=form.fingerprint))

    @action(
        description="Pause",
        permissions=["act"],
        icon="pause",
        dialog=dialog("Pause", "No further text leaves until you resume. What has just left goes on.", "Pause"),
    )
    def pause(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        """Hold back what has not left."""
        return self._act(request, object_id, campaigns.pause)

    @action(
        description="Resume",
        permissions=["act"],
        icon="play_arrow",
        variant=ActionVariant.PRIMARY,
        dialog=dialog("Resume", "The texts that wait go on. Nobody gets a second copy.", "Resume"),
    )
    def resume(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        """Go on."""
        return self._act(request, object_id, campaigns.resume)

    @action(description="Edit", permissions=["act"], icon="edit")
    def edit(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """To the form."""
        return back_to(request, "shifts_campaign_form", object_id)

    @action(description="Text those who did not answer", permissions=["write"], icon="reply_all")
    def follow_up(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """To the form of a campaign that follows this one."""
        return HttpResponseRedirect(f"{reverse('admin:shifts_campaign_add')}?{urlencode({'follows': object_id})}")

    @action(
        description="Cancel the campaign",
        permissions=["act"],
        icon="cancel",
        variant=ActionVariant.DANGER,
        dialog=dialog(
            "Cancel the campaign",
            "No further text of it leaves, ever: it cannot be resumed. What has left cannot be called back.",
            "Cancel the campaign",
        ),
    )
    def cancel(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        """No text any more."""
        return self._act(request, object_id, campaigns.cancel)

    def _act(self, request: HttpRequest, object_id: str, act: Callable[..., Campaign]) -> HttpResponse:
        campaign = Campaign.objects.filter(pk=object_id).first() if object_id.isdecimal() else None
        if campaign is None:
            raise Http404
        try:
            campaign = act(campaign.campaign_id, actor=request.user.get_username())
        except campaigns.NotAllowed as problem:
            self.message_user(request, str(problem), messages.ERROR)
        except ValidationError as problem:
            self.message_user(request, " ".join(problem.messages), messages.ERROR)
        else:
            status = campaign.get_status_display().lower()
            self.message_user(request, f"Campaign {campaign} is {status} now.", messages.SUCCESS)
        return back_to(request, "shifts_campaign_change", campaign.pk)
