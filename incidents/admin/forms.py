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
from messaging.forms import PhoneNumberField
from messaging.models import OriginationIdentity


class OpenIncidentForm(forms.ModelForm):  # type: ignore[type-arg]
    """Opens an incident. What lifecycle would refuse is shown beside its field."""

    url = forms.CharField(label="Link", required=False, max_length=500, widget=UnfoldAdminTextInputWidget)
    first_contact = PhoneNumberField(required=False, widget=UnfoldAdminTextInputWidget, help_text="Asked first.")
    second_contact = PhoneNumberField(required=False, widget=UnfoldAdminTextInputWidget, help_text="Asked next.")
    escalation_policy = forms.ModelChoiceField(
        EscalationPolicy.objects.all(),
        required=False,
        widget=UnfoldAdminSelectWidget,
        help_text="Instead of the two contacts.",
    )
    wait_seconds = forms.IntegerField(
        label="Wait, in seconds",
        required=False,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text="After each text. Empty: as the policy says, or the default.",
    )
    origination_identity = forms.ModelChoiceField(
        OriginationIdentity.objects.filter(active=True, two_way=True),
        label="Text from",
        required=False,
        to_field_name="identity",
        widget=UnfoldAdminSelectWidget,
        help_text="Empty: the number each person knows, or the default.",
    )

    class Meta:
        model = Incident
        fields = ["incident_id", "description"]

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
