"""Forms of the pages of alert sources and maintenance windows."""

import copy
from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.models import BaseInlineFormSet
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from incidents.alerts import matching, sources, windows
from incidents.models import AlertSource, AlertToken, MaintenanceWindow
from messaging import clock


class AlertSourceForm(forms.ModelForm):  # type: ignore[type-arg]
    """A source. What incidents.alerts.sources would refuse is shown beside its field."""

    class Meta:
        model = AlertSource
        fields = "__all__"  # noqa: DJ007 - the admin names them

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        for name in ("slug", "prefix", "grouping"):
            if name in self.fields:
                self.fields[name].required = False

    def clean_prefix(self) -> str:
        """In capital letters."""
        return str(self.cleaned_data["prefix"]).upper()

    def clean(self) -> dict[str, Any]:
        """Fill in what follows from the rest, and ask sources."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self.errors:
            return cleaned
        draft = copy.copy(self.instance)
        for name, value in cleaned.items():
            setattr(draft, name, value)
        sources.complete(draft)
        cleaned |= {name: getattr(draft, name) for name in cleaned}
        try:
            sources.check(draft)
        except ValidationError as problem:
            for name, reasons in problem.message_dict.items():
                self.add_error(name if name in self.fields else None, reasons)
        return cleaned


class RulesInOrder(BaseInlineFormSet):  # type: ignore[type-arg]
    """Rules whose position may be left out: they follow those that have one, in the order of the form."""

    def add_fields(self, form: Any, index: int | None) -> None:
        """The fields of one rule."""
        super().add_fields(form, index)
        if "position" in form.fields:
            form.fields["position"].required = False
        # The heads of the columns are no labels of the fields.
        for name, field in form.fields.items():
            if name in ("position", "matchers", "policy"):
                # A choice of rows is wrapped in what adds more of them.
                getattr(field.widget, "widget", field.widget).attrs["aria-label"] = field.label or name

    def clean(self) -> None:
        """Number the rules that have no position."""
        super().clean()
        kept = [form for form in self.forms if form.has_changed() or form.instance.pk]
        kept = [form for form in kept if form not in self.deleted_forms and hasattr(form, "cleaned_data")]
        last = max((form.cleaned_data.get("position") or 0 for form in kept), default=0)
        for form in kept:
            if not form.cleaned_data.get("position"):
                last += 1
                form.instance.position = form.cleaned_data["position"] = last

    def drafts(self) -> list[sources.RuleDraft]:
        """The rules as they are to be, in order."""
        kept = [
            form.cleaned_data
            for form in self.forms
            if form not in self.deleted_forms and getattr(form, "cleaned_data", {}).get("matchers")
        ]
        kept.sort(key=lambda data: data["position"])
        return [sources.RuleDraft(data["matchers"], data.get("policy")) for data in kept]


class TokenForm(forms.Form):
    """A new token: who uses it, and for how long."""

    name = forms.CharField(
        max_length=100, label="Used by", help_text="The server that sends, so that you know which to revoke."
    )
    days = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=3650,
        label="Good for days",
        help_text="Empty: until somebody revokes it.",
    )

    def expires_at(self) -> Any:
        """When it expires, if ever."""
        days = self.cleaned_data["days"]
        return clock.now() + timedelta(days=days) if days else None


class RevokeForm(BaseDialogForm):  # type: ignore[misc]
    """Which token."""

    token = forms.ChoiceField(widget=UnfoldAdminSelectWidget)

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        good = AlertToken.objects.filter(source=self.object_id, revoked_at__isnull=True)
        self.fields["token"].choices = [(token.pk, str(token)) for token in good]


class TestForm(BaseDialogForm):  # type: ignore[misc]
    """What the test says."""

    # A form of the admin, and no test of ours.
    __test__ = False

    state = forms.ChoiceField(
        choices=[("firing", "Firing: opens an incident"), ("resolved", "Resolved: ends it again")],
        widget=UnfoldAdminSelectWidget,
    )
    labels = forms.CharField(
        required=False,
        max_length=300,
        widget=UnfoldAdminTextInputWidget,
        help_text="severity=critical, team=blue: to see which rule matches. The same labels end it.",
    )

    def clean_labels(self) -> dict[str, str]:
        """Labels with their values."""
        try:
            conditions = matching.parse(self.cleaned_data["labels"])
        except ValueError as problem:
            raise ValidationError(str(problem)) from problem
        if not all(one.equal and one.value for one in conditions):
            raise ValidationError("Write label=value, with commas between.")
        return {one.label: one.value for one in conditions}


class WindowForm(forms.ModelForm):  # type: ignore[type-arg]
    """A new maintenance window."""

    class Meta:
        model = MaintenanceWindow
        fields = ["source", "matchers", "begins_at", "ends_at", "reason"]

    def clean(self) -> dict[str, Any]:
        """Ask windows."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("begins_at") and cleaned.get("ends_at"):
            try:
                windows.check(cleaned["begins_at"], cleaned["ends_at"])
            except ValidationError as problem:
                for name, reasons in problem.message_dict.items():
                    self.add_error(name, reasons)
        return cleaned
