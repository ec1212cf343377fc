"""The review list: texts that look like a plea to stop, which a person reads and decides."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.html import format_html

from messaging.admin.base import HistoryAdmin, action, back_to, dialog, display
from messaging.selectors import with_names
from optout import pleas, selectors
from optout.admin import sentences
from optout.admin.forms import PleaForm, asked_by_text
from optout.models import Plea

_WAITING = "waiting"
_TWO_LINES = "display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; overflow: hidden"
_COLOURS = {
    _WAITING: "warning",
    Plea.Decision.OPTED_OUT.value: "success",
    Plea.Decision.NO_PLEA.value: "",
}


class ByDecision(admin.SimpleListFilter):
    """What waits for a person, unless something else is chosen."""

    title = "state"
    parameter_name = "decision"
    _all = "all"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """What may be chosen."""
        return [(_WAITING, "Waiting"), *Plea.Decision.choices, (self._all, "All")]

    def value(self) -> str:
        """What waits, when nothing is chosen."""
        return super().value() or _WAITING

    def choices(self, changelist: Any) -> Iterator[Any]:
        """Those of lookups; Django would put one before them that stands for no choice."""
        choices = super().choices(changelist)
        next(choices)
        yield from choices

    def queryset(self, request: HttpRequest, queryset: QuerySet[Plea]) -> QuerySet[Plea]:
        """Pleas in the state chosen."""
        match self.value():
            case self._all:
                return queryset
            case "waiting":
                return queryset.filter(decision="")
            case decision:
                return queryset.filter(decision=decision)


@admin.register(Plea)
class PleaAdmin(HistoryAdmin):
    """Pleas. Each is decided once."""

    nothing_yet = "No text waits to be reviewed"
    nothing_yet_hint = (
        "Texts that may ask to stop without the word STOP, such as “please stop texting me”, wait here for a person."
    )
    list_display = ("received", "sender_label", "text_begins", "state_label", "decided_by")
    list_display_links = ("received", "sender_label")
    list_filter = (ByDecision,)
    search_fields = ("text__origination_phone_number",)
    search_help_text = "A phone number in any form."
    phone_number_field = "text__origination_phone_number"
    actions = ("opt_out_chosen", "dismiss_chosen")
    actions_detail = ("opt_out", "dismiss")
    actions_detail_hide_default = True
    readonly_fields = ("body", "sender", "person_name", "number_of_ours", "moment", "stands", "state_in_words")
    fieldsets = (
        (None, {"fields": ("body", ("sender", "person_name"), ("number_of_ours", "moment"))}),
        ("Consent", {"fields": ("stands", "state_in_words")}),
    )

    def has_act_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Deciding on pleas is recording consent, or not recording it."""
        return bool(request.user.has_perm("optout.add_consentevent"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Plea]:
        """Each with its text and the name of who wrote it."""
        rows: QuerySet[Plea] = super().get_queryset(request).select_related("text")
        return with_names(rows, "text__origination_phone_number")

    def get_actions_detail(self, request: HttpRequest, object_id: Any = None) -> Any:
        """Nothing is offered for what is decided."""
        waits = str(object_id).isdecimal() and Plea.objects.filter(pk=object_id, decision="").exists()
        return super().get_actions_detail(request, object_id) if waits else []

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list."""
        answer: HttpResponse = super().changelist_view(request, {"title": "Review list"} | (extra_context or {}))
        return answer

    @action(
        description="Opt out",
        permissions=["act"],
        icon="block",
        dialog=dialog(
            "Opt out",
            "They asked for no more texts from the number they wrote to. It counts from when they wrote. "
            "Nobody is texted.",
            "Opt out",
            PleaForm,
        ),
    )
    def opt_out(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        """It is a plea."""
        self._opt_out(request, self._plea(object_id), form.cleaned_data["reason"])
        return back_to(request, "optout_plea_changelist")

    @action(
        description="Not a plea",
        permissions=["act"],
        icon="close",
        dialog=dialog("Not a plea", "The text leaves the list and their consent stays as it is.", "Not a plea"),
    )
    def dismiss(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        """It is none."""
        if self._dismiss(request, self._plea(object_id)):
            self.message_user(request, "Taken off the list; nothing was recorded.", messages.SUCCESS)
        return back_to(request, "optout_plea_changelist")

    @action(description="Opt out (reason: asked by text)", permissions=["act"])
    def opt_out_chosen(self, request: HttpRequest, queryset: QuerySet[Plea]) -> None:
        """Those chosen are pleas."""
        done = sum(self._opt_out(request, plea, asked_by_text(plea), tell=False) for plea in self._chosen(request))
        if done:
            self.message_user(request, f"Opted out: {done}. Nobody was texted.", messages.SUCCESS)

    @action(description="Not a plea", permissions=["act"])
    def dismiss_chosen(self, request: HttpRequest, queryset: QuerySet[Plea]) -> None:
        """Those chosen are none."""
        if dismissed := sum(self._dismiss(request, plea) for plea in self._chosen(request)):
            self.message_user(request, f"Taken off the list: {dismissed}. Nothing was recorded.", messages.SUCCESS)

    @display(description="Received")
    def received(self, plea: Plea) -> Any:
        """When it was sent."""
        return plea.text.received_at

    @display(description="Received")
    def moment(self, plea: Plea) -> str:
        """The same, for the page of one plea."""
        return sentences.moment(plea.text.received_at)

    @display(description="From")
    def sender(self, plea: Plea) -> str:
        """Who wrote it."""
        return plea.text.origination_phone_number

    @display(description="From")
    def sender_label(self, plea: Plea) -> str:
        """With the name."""
        return sentences.who(self.sender(plea), getattr(plea, "person", None))

    @display(description="Name")
    def person_name(self, plea: Plea) -> str:
        """Of the contact with this number."""
        return getattr(plea, "person", None) or ""

    @display(description="To")
    def number_of_ours(self, plea: Plea) -> str:
        """The number of ours that it is about."""
        return plea.text.destination_phone_number

    @display(description="Text")
    def body(self, plea: Plea) -> str:
        """All of it."""
        return plea.text.body

    @display(description="Text")
    def text_begins(self, plea: Plea) -> str:
        """Enough of it to decide by, mostly; two lines, which is what a phone has room for."""
        return format_html('<span style="{}" title="{}">{}</span>', _TWO_LINES, plea.text.body, plea.text.body)

    @display(description="State", label=_COLOURS)
    def state_label(self, plea: Plea) -> tuple[str, str]:
        """In the colour of its meaning."""
        return plea.decision or _WAITING, str(plea.get_decision_display()) if plea.decision else "Waiting"

    @display(description="Decision")
    def state_in_words(self, plea: Plea) -> str:
        """With who decided, and when."""
        if not plea.decided_at:
            return "Waits for a person to decide."
        return f"{plea.get_decision_display()}: decided on {sentences.moment(plea.decided_at)} by {plea.decided_by}."

    @display(description="Consent now")
    def stands(self, plea: Plea) -> str:
        """Maybe they have said STOP or JOIN since."""
        standing = selectors.standing_with(self.sender(plea), self.number_of_ours(plea))
        return f"{sentences.stands(standing)}." if standing else "They never said anything of it: they may be texted."

    def _plea(self, object_id: str) -> Plea:
        plea = Plea.objects.select_related("text").filter(pk=object_id).first() if object_id.isdecimal() else None
        if plea is None:
            raise Http404
        return plea

    def _chosen(self, request: HttpRequest) -> QuerySet[Plea]:
        """All that were ticked. The list itself has lost those that somebody else has decided meanwhile."""
        ticked = [pk for pk in request.POST.getlist(ACTION_CHECKBOX_NAME) if pk.isdecimal()]
        return self.get_queryset(request).filter(pk__in=ticked)

    def _opt_out(self, request: HttpRequest, plea: Plea, reason: str, *, tell: bool = True) -> bool:
        """Whether they are opted out now by this; what came otherwise is told in any case."""
        try:
            recorded = pleas.opt_out(plea, by=request.user.get_username(), reason=reason)
        except pleas.DecidedAlready as problem:
            self.message_user(request, f"{self.sender(plea)}: {problem}", messages.WARNING)
            return False
        sentence, level = sentences.outcome(recorded)
        done = level == messages.SUCCESS
        if tell or not done:
            self.message_user(request, f"{sentence} Nobody was texted.", level)
        return done

    def _dismiss(self, request: HttpRequest, plea: Plea) -> bool:
        try:
            pleas.dismiss(plea, by=request.user.get_username())
        except pleas.DecidedAlready as problem:
            self.message_user(request, f"{self.sender(plea)}: {problem}", messages.WARNING)
            return False
        return True
