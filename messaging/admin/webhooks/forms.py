"""What is asked about webhooks."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from unfold.forms import BaseDialogForm
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminSplitDateTimeWidget,
    UnfoldAdminTextInputWidget,
)

from messaging import clock
from messaging.events import endpoints, types
from messaging.models import WebhookEndpoint


class WebhookEndpointForm(forms.ModelForm):  # type: ignore[type-arg]
    """Another system. ``user`` is set by the page: nobody has events sent elsewhere that they may not see."""

    user: Any = None
    event_types = forms.MultipleChoiceField(
        label="Events",
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text="What it hears of from now on. Texts sent and delivered are as many as the texts themselves.",
    )

    class Meta:
        model = WebhookEndpoint
        fields = ["name", "url"]

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._held = list(self.instance.subscriptions.values_list("event_type", flat=True)) if self.instance.pk else []
        if "event_types" in self.fields:
            self.fields["event_types"].choices = self._choices()  # type: ignore[attr-defined]
            self.fields["event_types"].initial = self._held
        if "url" in self.fields:
            self.fields["url"].help_text = "https, and a host that can be reached from here. Events are sent by POST."

    def _choices(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """The types that the user may see, and those that were chosen before, app by app."""
        offered = []
        for group in types.groups():
            may = [
                (one.name, f"{one.name}: {one.what}")
                for one in group.types
                if one.name in self._held or self.user is None or types.may_see(one, self.user)
            ]
            offered += [(group.title, may)] if may else []
        return offered

    def clean_url(self) -> str:
        """It may be called, as far as its form tells; elsewhere events go only by somebody who may see them."""
        url: str = self.cleaned_data["url"].strip()
        endpoints.check_url(url)
        if self.user is not None and self.instance.pk and url != self.instance.url:
            endpoints.check_move(self.instance, self.user)
        return url

    def clean_event_types(self) -> list[str]:
        """There are such types, and whoever chooses may see them."""
        chosen: list[str] = self.cleaned_data["event_types"]
        endpoints.check_types(chosen, self.user, already=self._held)
        return chosen


class SinceForm(BaseDialogForm):  # type: ignore[misc]
    """Asks since when."""

    since = forms.SplitDateTimeField(
        widget=UnfoldAdminSplitDateTimeWidget,
        help_text="Everything of its types that happened since then and is kept, with the same ids as before.",
    )

    def clean_since(self) -> Any:
        """Not in the future."""
        since = self.cleaned_data["since"]
        if since > clock.now():
            raise ValidationError("Nothing has happened since then: it is in the future.")
        return since


class SwitchOffForm(BaseDialogForm):  # type: ignore[misc]
    """Asks why."""

    reason = forms.CharField(max_length=200, widget=UnfoldAdminTextInputWidget, help_text="Colleagues read this.")
