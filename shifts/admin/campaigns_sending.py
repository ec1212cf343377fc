"""The word that sends a campaign, below the numbers that it is said to. They are true, or it is not sent."""

import hashlib
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from unfold.forms import BaseDialogForm

from messaging import clock
from shifts import campaigns
from shifts.admin import campaigns_languages as further
from shifts.admin import campaigns_reads as reads
from shifts.admin import campaigns_words as words
from shifts.models import Campaign, Status

_CHANGED = (
    "Something has changed since this was shown, so nothing is sent yet. Read it again: these are the numbers now."
)


class SendForm(BaseDialogForm):  # type: ignore[misc]
    """Shows what sending a draft does, and takes a yes to exactly that.

    What was shown goes along with the yes. If it is not what would happen any more (the draft was edited in another
    tab, a shift is taken, somebody opted out) the dialog comes back with the numbers of now. What changes in the very
    moment between this look and the sending, campaigns.send refuses under its lock, by ``fingerprint``.
    """

    form_before_template = "shifts/admin/campaign_send.html"

    shown = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fingerprint = ""
        self._sent: Any = options.get("data")
        self._changed = False
        self._campaign = self._found()
        # To show them, the numbers of a moment ago do; a yes is compared with those of now.
        exactly = bool(self._sent)
        self._told = campaigns.preview(self._campaign, exactly=exactly) if self._campaign else None
        if self._campaign and self._told:
            self.fingerprint = campaigns.fingerprint(self._campaign)
            self.initial["shown"] = self._digest()

    def clean(self) -> dict[str, Any]:
        """Refuse a yes to something else."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self._told and cleaned.get("shown") != self._digest():
            # A yes without what it says yes to is one to nothing: the dialog is shown, as the first time.
            self._changed = bool(cleaned.get("shown"))
            self.data = {**self._sent.dict(), "shown": self._digest()}
            raise ValidationError(_CHANGED)
        return cleaned

    def get_before_template_context(self, request: Any, object_id: int | str | None = None) -> dict[str, Any]:
        """What will happen."""
        campaign, told = self._campaign, self._told
        if campaign is None or told is None:
            return {}
        cost = "" if told.estimated_cost is None else words.money(told.estimated_cost, told.currency)
        later = campaign.scheduled_at is not None and campaign.scheduled_at > clock.now()
        seconds = told.estimated_seconds
        return {
            "changed": _CHANGED if self._changed else "",
            "people": words.people(told.recipients),
            "parts": further.parts(told),
            "cost": cost,
            "at": words.at(campaign.scheduled_at, clock.now()) if later and campaign.scheduled_at else "",
            "takes": "" if seconds is None else words.about(seconds),
            "pace": "" if seconds is None else words.pace(reads.mps_of(told.numbers)),
            "suppressed": [(words.people(people), why.lower()) for why, people in told.reasons.items()],
            "text": told.text,
            "languages": [
                (one.language, one.name, words.people(one.recipients), further.size(one), one.text)
                for one in told.languages
                if told.differ
            ],
            "problems": told.problems,
            "warnings": told.warnings,
        }

    def _found(self) -> Campaign | None:
        """The draft; None for what is none, which the action refuses in its own words."""
        pk = str(self.object_id)
        rows = Campaign.objects.filter(status=Status.DRAFT)
        return rows.filter(pk=pk).first() if pk.isascii() and pk.isdecimal() and len(pk) < 18 else None

    def _digest(self) -> str:
        """The numbers shown, and what they are of."""
        assert self._told is not None
        cost = str(self._told.estimated_cost), self._told.currency
        said = [(one.language, one.recipients, one.parts) for one in self._told.languages]
        told = (self._told.recipients, self._told.parts, *cost, said)
        return hashlib.sha256(f"{self.fingerprint} {told}".encode()).hexdigest()
