"""Forms of the consent pages."""

from typing import Any

from django import forms
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from messaging.forms import PhoneNumberField
from messaging.models import OriginationIdentity
from optout.ledger import Entry
from optout.models import EVERY_NUMBER, Action, Consent, ConsentEvent, Plea, Source

# No identity of ours is written so.
_EVERY = "*"
_LONGEST_REASON = ConsentEvent._meta.get_field("reason").max_length or 0
_PHONE = {"type": "tel", "inputmode": "tel", "autocomplete": "off", "placeholder": "+1 425 555 0182"}
_WHY = "How they asked, or why it is so. It is kept in the history with your name."


class WithReason(BaseDialogForm):  # type: ignore[misc]
    """Asks why."""

    reason = forms.CharField(max_length=_LONGEST_REASON, widget=UnfoldAdminTextInputWidget, help_text=_WHY)


class PleaForm(WithReason):
    """Asks why; the text itself is offered as the reason."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        pk = str(self.object_id)
        plea = Plea.objects.select_related("text").filter(pk=pk).first() if pk.isdecimal() else None
        if plea:
            self.fields["reason"].initial = asked_by_text(plea)


class RecordForm(forms.ModelForm):  # type: ignore[type-arg]
    """Records what somebody said by other means than a text."""

    phone_number = PhoneNumberField(
        widget=UnfoldAdminTextInputWidget(attrs=_PHONE), help_text="With + and country code."
    )
    ours = forms.ChoiceField(
        label="Number of ours",
        widget=UnfoldAdminSelectWidget,
        help_text="Texts from other numbers of ours are not concerned, unless you choose every number.",
    )
    action = forms.ChoiceField(choices=[("", "Choose…"), *Action.choices], widget=UnfoldAdminSelectWidget)
    reason = forms.CharField(max_length=_LONGEST_REASON, widget=UnfoldAdminTextInputWidget, help_text=_WHY)

    class Meta:
        model = Consent
        fields = ["phone_number"]

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        identities = OriginationIdentity.objects.filter(active=True).order_by("identity")
        own = [(identity, identity) for identity in identities.values_list("identity", flat=True)]
        field = self.fields["ours"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "Choose…"), *own, (_EVERY, "Every number, later ones included")]

    def entry(self, actor: str) -> Entry:
        """The cleaned fields as the ledger takes them."""
        data = self.cleaned_data
        every_number = data["ours"] == _EVERY
        return Entry(
            phone_number=data["phone_number"],
            origination_identity=EVERY_NUMBER if every_number else data["ours"],
            every_number=every_number,
            action=data["action"],
            source=Source.STAFF,
            actor=actor,
            reason=data["reason"],
        )


def asked_by_text(plea: Plea) -> str:
    """The reason of an opt-out that a text asks for."""
    reason = " ".join(f"Asked by text: {plea.text.body}".split())
    return reason if len(reason) <= _LONGEST_REASON else f"{reason[: _LONGEST_REASON - 1]}…"
