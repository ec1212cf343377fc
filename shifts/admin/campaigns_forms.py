"""The form that writes a campaign."""

import itertools
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Count, Q, QuerySet
from django.utils import timezone
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminExpandableTextareaWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminSplitDateTimeWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from messaging import clock
from messaging.phrases import speaking
from messaging.selectors import answerable_numbers
from shifts import campaigns, selectors
from shifts.admin import campaigns_languages as further
from shifts.admin import campaigns_words as words
from shifts.campaigns import content
from shifts.campaigns.texts import versions_of
from shifts.models import Campaign, Segment, Shift, Status


class _Segments(forms.ModelChoiceField):  # type: ignore[type-arg]
    """Segments, with how many people are in each."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.name} ({words.people(obj.size)})"


class _Shifts(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Shifts, with what HR knows them by."""

    def label_from_instance(self, obj: Any) -> str:
        left = "taken" if obj.places_left < 1 else f"{obj.places_left} left"
        told = (words.shift_time(obj.starts_at, obj.ends_at), obj.shift_info, left)
        return f"{obj.shift_id} – {', '.join(part for part in told if part)}"


class CampaignForm(forms.ModelForm):  # type: ignore[type-arg]
    """Writes a campaign. What campaigns would refuse is shown beside its field."""

    segment = _Segments(
        Segment.objects.annotate(size=Count("members")).order_by("name"),
        widget=UnfoldAdminSelectWidget,
        empty_label="Choose…",
        help_text="Everybody in it is texted who is approved and has not opted out, each once.",
    )
    shifts = _Shifts(
        Shift.objects.none(),
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text="Those with a place left, soonest first. The text names the first few; REQUEST lists all.",
    )
    origination_identity = forms.ModelChoiceField(
        answerable_numbers().order_by("identity"),
        label="Text from",
        required=False,
        empty_label="the number each person knows",
        to_field_name="identity",
        widget=UnfoldAdminSelectWidget,
        help_text="Left so, people whom nobody has texted yet are texted from the default number.",
    )
    scheduled_at = forms.SplitDateTimeField(label="When", required=False, widget=UnfoldAdminSplitDateTimeWidget)

    # The campaign that a new one follows; one that is edited knows it itself.
    first: Campaign | None = None

    class Meta:
        model = Campaign
        fields = ["campaign_id", "campaign_message", "footer", "scheduled_at"]
        widgets = {
            "campaign_id": UnfoldAdminTextInputWidget(attrs={"autocomplete": "off", "autocapitalize": "off"}),
            "campaign_message": UnfoldAdminTextareaWidget(attrs={"rows": 4}),
            "footer": UnfoldAdminExpandableTextareaWidget,
        }
        labels = {"footer": "How to book"}
        help_texts = {
            "campaign_id": "What you find it by later; nobody is texted it. It stays as it is.",
            "campaign_message": "What people read first. How to book follows below it.",
            "footer": "Empty: the usual words, in each person's language. {codes} becomes the codes of the shifts. "
            "Keep STOP in it: carriers ask for a way out in texts to many.",
        }

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        campaign = self.instance
        chosen = list(campaign.shifts.values_list("pk", flat=True)) if campaign.pk else []
        self._field("shifts").queryset = _offered(chosen)
        with speaking(""):
            self.fields["footer"].widget.attrs["placeholder"] = content.footer("", ["XYZ123", "XYZ124"])
        self.fields |= further.fields(self._written())
        zone = timezone.get_current_timezone_name()
        self.fields["scheduled_at"].help_text = f"Empty: as soon as you send it. Times are those of {zone}."
        if campaign.pk:
            del self.fields["campaign_id"]
            if campaign.status == Status.SCHEDULED:
                self.fields["scheduled_at"].required = True
                self.fields["scheduled_at"].help_text = f"To stop it instead, cancel it. Times are those of {zone}."
            self.initial["segment"], self.initial["shifts"] = campaign.segment_id, chosen
            self.initial["origination_identity"] = campaign.origination_identity
        elif self.first:
            self._follow(self.first)
        else:
            self.initial.setdefault("campaign_id", suggested_id())
        if self.follows:
            del self.fields["segment"]

    @property
    def follows(self) -> Campaign | None:
        """The campaign that this one follows, to those who have not answered it; None: it goes to a segment."""
        followed: Campaign | None = self.instance.follows or self.first
        return followed

    def clean(self) -> dict[str, Any]:
        """Ask campaigns."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors:
            try:
                campaigns.check_request(self.request())
            except ValidationError as problem:
                for field, messages in further.by_field(problem).items():
                    self.add_error(field if field in self.fields else None, messages)
        return cleaned

    def request(self) -> campaigns.Request:
        """The cleaned fields as campaigns take them."""
        data = self.cleaned_data
        return campaigns.Request(
            campaign_id=data.get("campaign_id") or self.instance.campaign_id,
            campaign_message=data["campaign_message"],
            segment="" if self.follows else data["segment"].name,
            shifts=tuple(shift.shift_id for shift in data["shifts"]),
            origination_identity=data["origination_identity"].identity if data["origination_identity"] else "",
            scheduled_at=data["scheduled_at"],
            footer=data["footer"],
            draft=self.instance.status == Status.DRAFT,
            follows=self.follows.campaign_id if self.follows else "",
            translations=further.read(data),
        )

    def _written(self) -> tuple[campaigns.Version, ...]:
        """What is said in further languages already: a follow-up begins with what the first said."""
        if self.instance.pk:
            return versions_of(self.instance)
        return versions_of(self.first) if self.first else ()

    def _follow(self, first: Campaign) -> None:
        """Begin with what the first said, and its shifts that are left."""
        begin = campaigns.suggest(first)
        chosen = self._field("shifts").queryset.filter(shift_id__in=begin.shifts)
        told: dict[str, Any] = {
            "campaign_id": begin.campaign_id,
            "campaign_message": begin.campaign_message,
            "footer": begin.footer,
            "shifts": list(chosen.values_list("pk", flat=True)),
            "origination_identity": begin.origination_identity,
        }
        for name, value in told.items():
            self.initial.setdefault(name, value)

    def _field(self, name: str) -> Any:
        return self.fields[name]


def suggested_id() -> str:
    """A name with today's date that no campaign has yet."""
    name = f"shifts-{timezone.localdate(clock.now()):%Y-%m-%d}"
    taken = set(Campaign.objects.filter(campaign_id__startswith=name).values_list("campaign_id", flat=True))
    names = itertools.chain([name], (f"{name}-{n}" for n in itertools.count(2)))
    return next(one for one in names if one not in taken)


def _offered(chosen: list[int]) -> QuerySet[Shift]:
    """Those that can be booked, and those that the campaign has already."""
    available = selectors.available(clock.now()).order_by().values("pk")
    return Shift.objects.filter(Q(pk__in=available) | Q(pk__in=chosen))
