"""Consent: how people stand with our numbers, and the form that records what they said by other means."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import urlencode

from messaging.admin.base import HistoryAdmin, action, back_to, dialog, display
from messaging.selectors import with_names
from optout import ledger, selectors
from optout.admin import sentences
from optout.admin.forms import RecordForm, WithReason
from optout.admin.history import OfPerson
from optout.ledger import Entry, Recorded
from optout.models import EVERY_NUMBER, Action, Consent, ConsentEvent, Source

# Of one person; more than that is read in the consent history.
_MOST_EVENTS = 100
_RECORDS = (
    "What somebody told you by phone, by e-mail or in person. It counts from now on. "
    "<b>Nobody is texted</b>, neither to confirm nor to ask."
)


@admin.register(Consent)
class ConsentAdmin(HistoryAdmin):
    """States. They follow from what is said; nobody edits them."""

    nothing_yet = "Nobody has opted out or in"
    nothing_yet_hint = "Whoever texts STOP or JOIN stands here, and whoever you record. Everybody else may be texted."
    list_display = ("person_label", "number_of_ours", "state_label", "since", "source")
    list_filter = ("state", "source", ("since", admin.DateFieldListFilter))
    search_fields = ("phone_number",)
    search_help_text = "A phone number in any form."
    phone_number_field = "phone_number"
    actions_list = ("record", "all_events")
    actions_detail = ("opt_out", "opt_in")
    readonly_fields = ("person_name", "number_of_ours", "state_in_words")
    fieldsets = ((None, {"fields": (("phone_number", "person_name"), ("number_of_ours", "state_in_words"))}),)
    add_fieldsets = (
        ("Record consent", {"description": _RECORDS, "fields": ("phone_number", "ours", "action", "reason")}),
    )
    change_form_outer_after_template = "optout/admin/history.html"
    # Its button says what is recorded; and Django's own history is not the history of consent.
    show_add_link = False
    actions_detail_hide_default = True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Recording consent is adding an event."""
        return bool(request.user.has_perm("optout.add_consentevent"))

    def has_act_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Opting somebody out or in is recording consent."""
        return self.has_add_permission(request)

    def has_history_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """The ledger has a permission of its own."""
        return bool(request.user.has_perm("optout.view_consentevent"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Consent]:
        """With names."""
        rows: QuerySet[Consent] = super().get_queryset(request)
        return with_names(rows, "phone_number")

    def get_form(self, request: HttpRequest, obj: Consent | None = None, change: bool = False, **options: Any) -> Any:
        """The form that records has fields which are no columns."""
        return super().get_form(request, obj, change=change, **options) if obj else RecordForm

    def get_actions_detail(self, request: HttpRequest, object_id: Any = None) -> Any:
        """Of the two, the one that would change something."""
        row = self.get_queryset(request).filter(pk=object_id).first() if str(object_id).isdecimal() else None
        if row is None or self._others(row):
            return []
        useful = "opt_in" if ledger.standing_of(row).opted_out else "opt_out"
        offered = super().get_actions_detail(request, object_id)
        return [one for one in offered if one.action_name == f"optout_consent_{useful}"]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list."""
        answer: HttpResponse = super().changelist_view(request, {"title": "Consent"} | (extra_context or {}))
        return answer

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """The form, with one button: what was recorded is not edited."""
        own = {"title": "Record consent", "show_save_and_continue": False, "show_save_and_add_another": False}
        answer: HttpResponse = super().add_view(request, form_url, own | (extra_context or {}))
        return answer

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *arguments: Any, obj: Any = None, **options: Any
    ) -> HttpResponse:
        """A state with its history, for those who may see it."""
        if obj is not None and self.has_history_permission(request):
            address = reverse("admin:optout_consentevent_changelist")
            context |= {
                "consent_history": [_cells(event) for event in selectors.history_of(obj)[:_MOST_EVENTS]],
                "consent_history_url": f"{address}?{urlencode({OfPerson.parameter_name: obj.pk})}",
            }
        answer: HttpResponse = super().render_change_form(request, context, *arguments, obj=obj, **options)
        return answer

    def save_model(self, request: HttpRequest, obj: Consent, form: Any, change: bool) -> None:
        """Recording is the ledger's."""
        recorded = ledger.record(form.entry(request.user.get_username()))
        row = Consent.objects.get(phone_number=recorded.event.phone_number, origination_identity=recorded.event.scope)
        obj.pk, obj.phone_number, obj.origination_identity = row.pk, row.phone_number, row.origination_identity
        obj.state = row.state
        self._tell(request, recorded)

    def response_add(self, request: HttpRequest, obj: Consent, post_url_continue: str | None = None) -> HttpResponse:
        """To the state, which tells the rest."""
        if self.has_view_permission(request):
            return back_to(request, "optout_consent_change", obj.pk)
        return back_to(request, "index")

    @action(description="Record consent", url_path="record", permissions=["add"], icon="add")
    def record(self, request: HttpRequest) -> HttpResponse:
        """To the form."""
        return back_to(request, "optout_consent_add")

    @action(description="Consent history", url_path="all-events", permissions=["history"], icon="history")
    def all_events(self, request: HttpRequest) -> HttpResponse:
        """What was said, by everybody."""
        return back_to(request, "optout_consentevent_changelist")

    @action(
        description="Opt out",
        permissions=["act"],
        icon="block",
        dialog=dialog(
            "Opt out",
            "They get no texts from this number until they are opted in again. Nobody is texted.",
            "Opt out",
            WithReason,
        ),
    )
    def opt_out(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        """No more texts."""
        return self._act(request, object_id, Action.OPT_OUT, form)

    @action(
        description="Opt in",
        permissions=["act"],
        icon="check",
        dialog=dialog(
            "Opt in",
            "They may be texted from this number again. Do this only if they asked for it. Nobody is texted.",
            "Opt in",
            WithReason,
        ),
    )
    def opt_in(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        """Texts again."""
        return self._act(request, object_id, Action.OPT_IN, form)

    @display(description="Phone number")
    def person_label(self, row: Consent) -> str:
        """With the name."""
        return sentences.who(row.phone_number, getattr(row, "person", None))

    @display(description="Name")
    def person_name(self, row: Consent) -> str:
        """Of the contact with this number."""
        return getattr(row, "person", None) or ""

    @display(description="Number of ours")
    def number_of_ours(self, row: Consent) -> str:
        """Or all that have no state of their own."""
        return row.origination_identity or "every other number"

    @display(description="State", label=sentences.STATES)
    def state_label(self, row: Consent) -> tuple[str, str]:
        """In the colour of its meaning."""
        return row.state, str(row.get_state_display())

    @display(description="State")
    def state_in_words(self, row: Consent) -> str:
        """Since when, and by which way."""
        return f"{sentences.stands(ledger.standing_of(row))}."

    def _others(self, row: Consent) -> bool:
        """Whether "every other number" is fewer than every number: what is recorded concerns one number or all."""
        others = Consent.objects.filter(phone_number=row.phone_number).exclude(pk=row.pk)
        return row.origination_identity == EVERY_NUMBER and others.exists()

    def _act(self, request: HttpRequest, object_id: str, what: Action, form: Any) -> HttpResponse:
        row = Consent.objects.filter(pk=object_id).first() if object_id.isdecimal() else None
        if row is None:
            raise Http404
        recorded = ledger.record(
            Entry(
                phone_number=row.phone_number,
                origination_identity=row.origination_identity,
                every_number=row.origination_identity == EVERY_NUMBER,
                action=what,
                source=Source.STAFF,
                actor=request.user.get_username(),
                reason=form.cleaned_data["reason"],
            )
        )
        self._tell(request, recorded)
        return back_to(request, "optout_consent_change", row.pk)

    def _tell(self, request: HttpRequest, recorded: Recorded) -> None:
        sentence, level = sentences.outcome(recorded)
        self.message_user(request, f"{sentence} Nobody was texted.", level)


def _cells(event: ConsentEvent) -> tuple[tuple[str, str], ...]:
    """An event under the headers of its table."""
    label = {"type": sentences.ACTIONS[event.action], "text": event.get_action_display()}
    return (
        ("When", sentences.moment(event.occurred_at)),
        ("Number of ours", sentences.ours(event.scope)),
        ("Action", render_to_string("unfold/helpers/label.html", label)),
        ("Word", event.word),
        ("Source", event.get_source_display()),
        ("Who", event.actor),
        ("Reason", event.reason),
    )
