"""The forms of employees and segments. What people would refuse is shown beside its field."""

from typing import Any

from django import forms
from django.db import transaction
from unfold.widgets import UnfoldAdminTextInputWidget, UnfoldBooleanSwitchWidget

from messaging.forms import PhoneNumberField
from shifts import people
from shifts.models import Employee, Segment

_PHONE = {"type": "tel", "inputmode": "tel", "autocomplete": "off", "placeholder": "+1 425 555 0182"}


class EmployeeForm(forms.ModelForm):  # type: ignore[type-arg]
    """An employee, and the contact that holds name, number and language."""

    phone_number = PhoneNumberField(
        widget=UnfoldAdminTextInputWidget(attrs=_PHONE), help_text="With + and country code."
    )
    name = forms.CharField(required=False, widget=UnfoldAdminTextInputWidget)
    language = forms.CharField(
        required=False,
        widget=UnfoldAdminTextInputWidget(attrs={"autocapitalize": "off"}),
        help_text="Such as en or es.",
    )
    in_segments = forms.ModelMultipleChoiceField(
        Segment.objects.all(),
        label="Segments",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="The lists that campaigns are sent to.",
    )

    class Meta:
        model = Employee
        fields = ["approved"]
        widgets = {"approved": UnfoldBooleanSwitchWidget}

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        if "in_segments" in self.fields and not Segment.objects.exists():
            hint = "There are none yet. Importing a list makes one, or add one under Segments."
            self.fields["in_segments"].help_text = hint
        if self.instance.pk and "phone_number" in self.fields:
            contact = self.instance.contact
            self.initial.update(
                phone_number=contact.phone_number,
                name=contact.name,
                language=contact.language,
                in_segments=list(self.instance.segments.values_list("pk", flat=True)),
            )
            self.fields["phone_number"].disabled = True
            self.fields["phone_number"].help_text = "Whoever has a new number is a new employee."

    def clean(self) -> Any:
        """Ask people whether it may be added, by an addition that is taken back."""
        number = self.cleaned_data.get("phone_number")
        if number and not self.instance.pk:
            with transaction.atomic():
                people.add_employee(number)
                transaction.set_rollback(True)
        return super().clean()

    def clean_name(self) -> str:
        """As it is kept."""
        return people.read_name(self.cleaned_data["name"])

    def clean_language(self) -> str:
        """As it is kept."""
        return people.read_language(self.cleaned_data["language"])


class SegmentForm(forms.ModelForm):  # type: ignore[type-arg]
    """A segment."""

    class Meta:
        model = Segment
        fields = ["name"]

    def clean(self) -> Any:
        """A possible one."""
        if name := self.cleaned_data.get("name"):
            people.check_segment_name(name)
        return super().clean()
