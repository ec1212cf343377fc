"""Shifts: what is offered and who has it. Saving, deleting and booking go through the functions that the API uses."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Exists, F, OuterRef, Prefetch, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.html import format_html

from messaging import clock
from messaging.admin.base import action, back_to, dialog, display
from messaging.selectors import phone_numbers_meant
from shifts import booking, offers
from shifts.admin import campaigns_words as words
from shifts.admin.empty import Empty
from shifts.admin.repeat import RepeatAdmin
from shifts.admin.shifts_forms import BookForm, ShiftForm, TakeOffForm
from shifts.admin.suggested import SuggestingAdmin
from shifts.models import Booking, Employee, Shift

# More names than that make a line nobody reads.
_MOST_NAMES = 3
_MOST_BOOKINGS = 200
_COLOURS = {"available": "success", "taken": ""}
_QUIET = "Nobody is texted."


class ByPlaces(admin.SimpleListFilter):
    """Whether a place is left."""

    title = "places"
    parameter_name = "places"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """What may be chosen."""
        return [("available", "Available"), ("taken", "Taken")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Shift]) -> QuerySet[Shift]:
        """Shifts with a place left, or without."""
        left = Q(booked__lt=F("places"))
        return {"available": queryset.filter(left), "taken": queryset.exclude(left)}.get(self.value() or "", queryset)


class ByTime(admin.SimpleListFilter):
    """Whether it can still be booked as far as time goes."""

    title = "time"
    parameter_name = "time"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """What may be chosen."""
        return [("upcoming", "Upcoming"), ("begun", "Begun")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Shift]) -> QuerySet[Shift]:
        """Shifts to come (those without a start are), or the others."""
        begun = Q(starts_at__lte=clock.now())
        upcoming = Q(starts_at__isnull=True) | ~begun
        return {"upcoming": queryset.filter(upcoming), "begun": queryset.filter(begun)}.get(
            self.value() or "", queryset
        )


@admin.register(Shift)
class ShiftAdmin(SuggestingAdmin, RepeatAdmin):
    """Shifts."""

    empty = Empty(
        "No shifts yet",
        "A shift is work that employees book by texting its code. Campaigns tell them of it.",
        "No shift is like that",
        (("Add a shift", "shifts_shift_add", "shifts.add_shift"),),
    )

    form = ShiftForm
    list_display = ("shift_id", "shift_info", "when", "places_label", "who_has_it")
    list_filter = (ByPlaces, ByTime)
    search_fields = ("shift_id", "shift_info")
    search_help_text = "A code, words of the information, or the name or number of who has it."
    show_full_result_count = False
    actions = None
    actions_list = ("week",)
    actions_detail = ("book", "take_off", "repeat")
    fieldsets = ((None, {"fields": ("shift_id", "shift_info", "starts_at", "ends_at", "places")}),)
    change_form_outer_after_template = "shifts/admin/shift.html"

    def has_act_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Who may change shifts may give their places."""
        return bool(request.user.has_perm("shifts.change_shift"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Shift]:
        """Each with who has it."""
        held = Booking.objects.filter(dropped_at__isnull=True).select_related("employee__contact")
        rows: QuerySet[Shift] = super().get_queryset(request)
        return rows.prefetch_related(Prefetch("bookings", queryset=held, to_attr="held"))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Shift], search_term: str
    ) -> tuple[QuerySet[Shift], bool]:
        """By what is written of a shift, and by who has it."""
        found, may_repeat = super().get_search_results(request, queryset, search_term)
        if term := search_term.strip():
            contact = Q(employee__contact__name__icontains=term)
            contact |= Q(employee__contact__phone_number__in=phone_numbers_meant(term))
            theirs = Booking.objects.filter(contact, shift=OuterRef("pk"), dropped_at__isnull=True)
            found = queryset.filter(Q(pk__in=found.values("pk")) | Exists(theirs))
        return found, may_repeat

    def get_actions_detail(self, request: HttpRequest, object_id: Any = None) -> Any:
        """Nobody is taken off a shift that nobody has."""
        offered = super().get_actions_detail(request, object_id)
        held = Booking.objects.filter(shift=object_id, dropped_at__isnull=True)
        if str(object_id).isdecimal() and held.exists():
            return offered
        return [one for one in offered if not one.action_name.endswith("_take_off")]

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The form."""
        try:
            answer: HttpResponse = super().changeform_view(request, object_id, form_url, extra_context)
        except ValidationError as problem:
            # Something has changed since the form was checked.
            self.message_user(request, " ".join(problem.messages), messages.ERROR)
            return back_to(request, "shifts_shift_changelist")
        return answer

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *arguments: Any, obj: Any = None, **options: Any
    ) -> HttpResponse:
        """With who has it, and who gave it back."""
        if obj is not None:
            context["shift_bookings"] = [_cells(one) for one in _bookings(obj)]
            context["shift_places"] = _places(obj)
        answer: HttpResponse = super().render_change_form(request, context, *arguments, obj=obj, **options)
        return answer

    def save_model(self, request: HttpRequest, obj: Shift, form: Any, change: bool) -> None:
        """Saving is offers'. Nobody is texted."""
        offers.save(obj)

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """Asks first."""
        try:
            answer: HttpResponse = super().delete_view(request, object_id, extra_context)
        except offers.InUse as problem:
            self.message_user(request, str(problem), messages.ERROR)
            return back_to(request, "shifts_shift_change", object_id)
        return answer

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[Any, Any, Any, Any]:
        """The shift alone. Whether it may go is for offers to say, in words that tell what to do."""
        return [str(one) for one in objs], {"shifts": len(objs)}, set(), []

    def delete_model(self, request: HttpRequest, obj: Shift) -> None:
        """Deleting is offers'."""
        offers.delete(obj)

    @action(
        description="Book for an employee",
        permissions=["act"],
        icon="person_add",
        dialog=dialog("Book for an employee", f"They have a place on this shift. {_QUIET}", "Book", BookForm),
    )
    def book(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        """Give a place."""
        shift = self._shift(object_id)
        employee = form.cleaned_data["employee"]
        try:
            summary = booking.book(
                employee, [shift.shift_id], source=Booking.Source.STAFF, actor=request.user.get_username()
            )
        except booking.NotApproved as problem:
            self.message_user(request, f"Not booked: {problem}", messages.ERROR)
        except Employee.DoesNotExist:
            self.message_user(request, f"{employee} was deleted meanwhile.", messages.ERROR)
        else:
            for sentence, level in _told_of_booking(str(employee), summary):
                self.message_user(request, sentence, level)
        return self.back(request, shift.pk)

    @action(
        description="Take off",
        permissions=["act"],
        icon="person_remove",
        dialog=dialog("Take off", f"Their place is free again for everybody. {_QUIET}", "Take off", TakeOffForm),
    )
    def take_off(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        """Take a place back."""
        shift = self._shift(object_id)
        employee = form.cleaned_data["employee"]
        try:
            dropped = booking.drop(employee, [shift.shift_id], by=request.user.get_username())
        except Employee.DoesNotExist:
            self.message_user(request, f"{employee} was deleted meanwhile.", messages.ERROR)
        else:
            for sentence, level in _told_of_dropping(str(employee), dropped):
                self.message_user(request, sentence, level)
        return self.back(request, shift.pk)

    @display(description="When", ordering="starts_at")
    def when(self, shift: Shift) -> str:
        """From when to when."""
        return words.shift_time(shift.starts_at, shift.ends_at) or "-"

    @display(description="Places", label=_COLOURS, ordering="booked")
    def places_label(self, shift: Shift) -> tuple[str, str]:
        """In green while one is left."""
        return shift.shift_status, _places(shift)

    @display(description="Who has it")
    def who_has_it(self, shift: Shift) -> str:
        """The first few names."""
        names = [str(one.employee) for one in getattr(shift, "held", ())]
        shown = ", ".join(names[:_MOST_NAMES]) or "-"
        if len(names) <= _MOST_NAMES:
            return shown
        return format_html('<span title="{}">{} and {} more</span>', ", ".join(names), shown, len(names) - _MOST_NAMES)

    def _shift(self, object_id: str) -> Shift:
        shift = Shift.objects.filter(pk=object_id).first() if object_id.isdecimal() else None
        if shift is None:
            raise Http404
        return shift


def _places(shift: Shift) -> str:
    return f"{shift.booked} of {shift.places} taken"


def _bookings(shift: Shift) -> QuerySet[Booking]:
    """Who has it first, then who gave it back."""
    rows = shift.bookings.select_related("employee__contact", "campaign")
    return rows.order_by(F("dropped_at").desc(nulls_first=True), "booked_at", "id")[:_MOST_BOOKINGS]


def _cells(one: Booking) -> tuple[tuple[str, str], ...]:
    """A booking under the headers of its table."""
    now = clock.now()
    contact = one.employee.contact
    by = f"{one.get_source_display()}, {one.actor}" if one.actor else str(one.get_source_display())
    dropped = f"{words.moment(one.dropped_at, now)}, by {one.dropped_by}" if one.dropped_at else ""
    return (
        ("Who", contact.name or contact.phone_number),
        ("Number", contact.phone_number),
        ("Since", words.moment(one.booked_at, now)),
        ("By", by),
        ("Campaign", one.campaign.campaign_id if one.campaign else ""),
        ("Given back", dropped),
    )


def _told_of_booking(name: str, summary: booking.Summary) -> Iterator[tuple[str, int]]:
    """What came of a booking."""
    for code in summary.booked:
        yield f"{name} has a place on {code} now. {_QUIET}", messages.SUCCESS
    for code in summary.already_yours:
        yield f"{name} had a place on {code} before, and keeps it.", messages.INFO
    for code in summary.not_available:
        yield f"Not booked: no place is left on {code}, or it has begun.", messages.ERROR
    for code, other in summary.overlapping:
        yield f"Not booked: {name} has {other} at that time, which overlaps with {code}.", messages.ERROR
    for code in summary.unknown:
        yield f"Not booked: {code} was deleted meanwhile.", messages.ERROR


def _told_of_dropping(name: str, dropped: booking.Dropped) -> Iterator[tuple[str, int]]:
    """What came of taking somebody off."""
    for code in dropped.dropped:
        yield f"{name} is off {code}; the place is free again. {_QUIET}", messages.SUCCESS
    for code in dropped.not_held:
        yield f"{name} had given {code} back already.", messages.INFO
    for code in dropped.begun:
        yield f"{code} has begun: {name} stays on it.", messages.ERROR
    for code in dropped.unknown:
        yield f"{code} was deleted meanwhile.", messages.ERROR
