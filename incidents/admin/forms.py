"""Forms of the incident pages."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from unfold.forms import BaseDialogForm
from unfold.widgets import (
    UnfoldAdminExpandableTextareaWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from incidents import lifecycle
from incidents.models import EscalationPolicy, Incident, IncidentContact
from incidents.models.policies import default_wait
from messaging.forms import PhoneNumberField
from messaging.selectors import answerable_numbers

_PHONE = {"type": "tel", "inputmode": "tel", "autocomplete": "off", "placeholder": "+1 425 555 0182"}


class OpenIncidentForm(forms.ModelForm):  # type: ignore[type-arg]
    """Opens an incident. What lifecycle would refuse is shown beside its field."""

    url = forms.CharField(
        label="Link",
        required=False,
        max_length=500,
        widget=UnfoldAdminTextInputWidget(attrs={"inputmode": "url", "placeholder": "https://"}),
        help_text="A page that helps, such as a dashboard or a runbook. It is part of the texts.",
    )
    first_contact = PhoneNumberField(
        required=False,
        widget=UnfoldAdminTextInputWidget(attrs=_PHONE),
        help_text="Asked first. A phone number with + and country code; contacts are suggested as you type.",
    )
    second_contact = PhoneNumberField(
        required=False,
        widget=UnfoldAdminTextInputWidget(attrs=_PHONE),
        help_text="Asked when the first declines or does not answer. May be left empty.",
    )
    escalation_policy = forms.ModelChoiceField(
        EscalationPolicy.objects.all(),
        required=False,
        widget=UnfoldAdminSelectWidget,
        empty_label="none: the contacts above",
        help_text="Instead of the two contacts: its steps, people, waits and reminders.",
    )
    wait_seconds = forms.IntegerField(
        label="Wait, in seconds",
        required=False,
        widget=UnfoldAdminIntegerFieldWidget,
    )
    origination_identity = forms.ModelChoiceField(
        answerable_numbers(),
        label="Text from",
        required=False,
        empty_label="the number each person knows",
        to_field_name="identity",
        widget=UnfoldAdminSelectWidget,
        help_text="Left so, people whom nobody has texted yet are texted from the default number.",
    )

    class Meta:
        model = Incident
        fields = ["incident_id", "description"]
        widgets = {
            "incident_id": UnfoldAdminTextInputWidget(
                attrs={"autocomplete": "off", "autocapitalize": "off", "autofocus": True}
            ),
            "description": UnfoldAdminExpandableTextareaWidget,
        }
        help_texts = {
            "incident_id": "Up to 64 letters, digits and . _ : / - beginning with a letter or digit. People may answer "
            "with it, so keep it short.",
            "description": "What has happened, as the people asked will read it in a text.",
        }

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        told = f"After each text. Empty: as the policy says; without a policy, {default_wait()} seconds."
        self.fields["wait_seconds"].help_text = told

    def clean(self) -> dict[str, Any]:
        """Ask lifecycle."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors:
            try:
                lifecycle.check_request(self.request())
            except ValidationError as problem:
                for field, messages in problem.message_dict.items():
                    self.add_error(field if field in self.fields else None, messages)
        return cleaned

    def request(self) -> lifecycle.Request:
        """The cleaned fields as lifecycle takes them."""
        data = self.cleaned_data
        return lifecycle.Request(
            incident_id=data["incident_id"],
            description=data["description"],
            url=data.get("url") or "",
            first_contact=data.get("first_contact") or "",
            second_contact=data.get("second_contact") or "",
            escalation_policy=data["escalation_policy"].name if data.get("escalation_policy") else "",
            wait_seconds=data.get("wait_seconds"),
            origination_identity=data["origination_identity"].identity if data.get("origination_identity") else "",
        )


class ActionForm(BaseDialogForm):  # type: ignore[misc]
    """On whose behalf, and a note."""

    contact = forms.ChoiceField(required=False, widget=UnfoldAdminSelectWidget, label="On behalf of")
    note = forms.CharField(required=False, max_length=2000, widget=UnfoldAdminExpandableTextareaWidget)

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        rows = IncidentContact.objects.filter(step__incident=self.object_id).order_by("step__position", "id")
        people = {row.phone_number: f"{row.name} {row.phone_number}".strip() for row in rows}
        nobody = [] if self.fields["contact"].required else [("", "nobody but yourself")]
        self.fields["contact"].choices = [*nobody, *people.items()]

    def given(self) -> dict[str, str]:
        """The fields as lifecycle takes them."""
        return {"contact": self.cleaned_data["contact"], "note": self.cleaned_data["note"]}


class DeclineForm(ActionForm):
    """Somebody must be named: staff cannot decline for themselves."""

    contact = forms.ChoiceField(widget=UnfoldAdminSelectWidget, label="On behalf of")


class NoteForm(ActionForm):
    """A note has words."""

    contact = forms.ChoiceField(required=False, widget=UnfoldAdminSelectWidget, label="About")
    note = forms.CharField(max_length=2000, widget=UnfoldAdminExpandableTextareaWidget)
