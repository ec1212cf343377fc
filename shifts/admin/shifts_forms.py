"""The forms of shifts: the shift itself, and the dialogs that give a place and take one back."""

from copy import copy
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.forms.models import construct_instance
from django.urls import reverse
from django.utils import timezone
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminSplitDateTimeWidget, UnfoldAdminTextInputWidget

from messaging.selectors import phone_numbers_meant
from shifts import candidates, offers
from shifts.models import Booking, Employee, Shift


class ShiftForm(forms.ModelForm):  # type: ignore[type-arg]
    """A shift. What offers would refuse is shown beside its field."""

    starts_at = forms.SplitDateTimeField(label="Start", required=False, widget=UnfoldAdminSplitDateTimeWidget)
    ends_at = forms.SplitDateTimeField(label="End", required=False, widget=UnfoldAdminSplitDateTimeWidget)

    class Meta:
        model = Shift
        fields = ["shift_id", "shift_info", "starts_at", "ends_at", "places"]
        widgets = {
            "shift_id": UnfoldAdminTextInputWidget(attrs={"autocomplete": "off", "autocapitalize": "characters"})
        }

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        # Who may only view gets the form without its fields.
        if "starts_at" in self.fields:
            zone = timezone.get_current_timezone_name()
            self.fields["starts_at"].help_text = f"Times are those of {zone}. From then on nobody can book it."
            self.fields["ends_at"].help_text = "Nobody books two shifts that overlap."

    def _post_clean(self) -> None:
        """Ask offers, which knows more than the columns do, by a save that is taken back."""
        fields = self._meta.fields
        self.instance = construct_instance(self, self.instance, fields, self._meta.exclude)
        if self.errors:
            return
        try:
            with transaction.atomic():
                offers.save(copy(self.instance))
                transaction.set_rollback(True)
        except ValidationError as problem:
            self.add_error(None, problem)


class BookForm(BaseDialogForm):  # type: ignore[misc]
    """For whom a place is booked: chosen from those suggested, or written."""

    form_after_template = "shifts/admin/shift_employees.html"

    # Before the field that needs it. Set by the button of somebody who is suggested: their name need not be unique.
    person = forms.IntegerField(required=False, max_value=2**63 - 1, widget=forms.HiddenInput)
    employee = forms.CharField(
        max_length=150,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text="A name, or a phone number in any form.",
    )

    def get_after_template_context(self, request: Any, object_id: int | str | None = None) -> dict[str, Any]:
        """Whom to suggest, to those who may see employees."""
        pk = str(object_id)
        shift = Shift.objects.filter(pk=pk).first() if pk.isdecimal() else None
        if shift is None or not request.user.has_perm("shifts.view_employee"):
            return {}
        return {
            "candidates": candidates.suggest(shift),
            "people_url": reverse("admin:shifts_shift_people", args=(shift.pk,)),
        }

    def clean_employee(self) -> Employee:
        """The employee meant."""
        people = Employee.objects.select_related("contact")
        if pk := self.cleaned_data.get("person"):
            if (chosen := people.filter(pk=pk).first()) is None:
                raise ValidationError("They were deleted meanwhile. Choose somebody else.")
            return chosen
        words = self.cleaned_data["employee"]
        by_name = Q(contact__name__iexact=words)
        by_number = Q(contact__phone_number__in=phone_numbers_meant(words))
        found = list(people.filter(by_name | by_number)[:2])
        if not found:
            raise ValidationError("No employee has this name or number. Add them under Employees first.")
        if len(found) > 1:
            raise ValidationError("Several employees have this name. Choose one below, or give the phone number.")
        return found[0]


class TakeOffForm(BaseDialogForm):  # type: ignore[misc]
    """Whose place is taken back."""

    employee = forms.ModelChoiceField(
        Employee.objects.none(), widget=UnfoldAdminSelectWidget, label="Who", empty_label="Choose…"
    )

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        pk = str(self.object_id)
        active = Booking.objects.filter(shift=int(pk) if pk.isdecimal() else 0, dropped_at__isnull=True)
        holders = Employee.objects.filter(pk__in=active.values("employee"))
        self.fields["employee"].queryset = holders.select_related("contact").order_by("contact__name", "pk")
