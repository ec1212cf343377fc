"""Employees and segments. Saving and deleting go through the functions that the API and imports use."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode

from messaging.admin.base import action, back_to, display
from messaging.admin.files import as_csv
from messaging.selectors import phone_numbers_meant
from shifts import people
from shifts.admin.empty import Empty, WithHint
from shifts.admin.people_forms import EmployeeForm, SegmentForm
from shifts.models import Employee, Segment

_AT_ONCE = 2000


class WritesThroughPeople(WithHint):
    """Saves and deletes one at a time, by the functions that say what is in the way."""

    def has_import_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Importing has a permission of its own."""
        return bool(request.user.has_perm("shifts.add_rosterimport"))

    def get_actions(self, request: HttpRequest) -> Any:
        """Without Django's own, which knows nothing of that function."""
        return {name: one for name, one in super().get_actions(request).items() if name != "delete_selected"}

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[Any, Any, Any, Any]:
        """The row alone. Whether it may go is for people to say, in words that tell what to do."""
        return [str(one) for one in objs], {self.opts.verbose_name_plural: len(objs)}, set(), []

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The form."""
        try:
            answer: HttpResponse = super().changeform_view(request, object_id, form_url, extra_context)
        except ValidationError as problem:
            # Something has changed since the form was checked.
            self.message_user(request, " ".join(problem.messages), messages.ERROR)
            return back_to(request, f"{self.opts.app_label}_{self.opts.model_name}_changelist")
        return answer

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """Asks first."""
        try:
            answer: HttpResponse = super().delete_view(request, object_id, extra_context)
        except people.InUse as problem:
            self.message_user(request, str(problem), messages.ERROR)
            return back_to(request, f"{self.opts.app_label}_{self.opts.model_name}_change", object_id)
        return answer


@admin.register(Employee)
class EmployeeAdmin(WritesThroughPeople):
    """Employees."""

    empty = Empty(
        "No employees yet",
        "Who is approved can book shifts by text, and is texted by campaigns. Import a list, or add one by one.",
        "No employee is like that",
        (
            ("Import a list", "shifts_rosterimport_add", "shifts.add_rosterimport"),
            ("Add an employee", "shifts_employee_add", "shifts.add_employee"),
        ),
    )

    form = EmployeeForm
    list_display = ("name", "phone_number", "approved_label", "segment_names", "language")
    list_display_links = ("name", "phone_number")
    list_filter = ("approved", "segments", ("contact__language", admin.AllValuesFieldListFilter))
    search_fields = ("contact__name", "contact__phone_number")
    search_help_text = "A name, or a phone number in any form."
    show_full_result_count = False
    list_per_page = 50
    actions = ("approve", "withdraw", "export_chosen")
    actions_list = ("export", "import_list")
    fieldsets = ((None, {"fields": (("name", "phone_number"), ("language", "approved"), "in_segments")}),)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Employee]:
        """With names and segments."""
        rows: QuerySet[Employee] = super().get_queryset(request)
        return rows.select_related("contact").prefetch_related("segments")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Employee], search_term: str
    ) -> tuple[QuerySet[Employee], bool]:
        """Names and numbers that contain the words, and the phone number however it is written."""
        found, may_repeat = super().get_search_results(request, queryset, search_term)
        if meant := phone_numbers_meant(search_term):
            found = queryset.filter(Q(contact__phone_number__in=meant) | Q(pk__in=found.order_by().values("pk")))
        return found, may_repeat

    def save_model(self, request: HttpRequest, obj: Employee, form: Any, change: bool) -> None:
        """Saving is people's."""
        data = form.cleaned_data
        fields = {name: data[name] for name in ("name", "language", "approved")}
        fields["segments"] = [segment.name for segment in data["in_segments"]]
        if change:
            people.save_employee(data["phone_number"], **fields)
        else:
            saved = people.add_employee(data["phone_number"], **fields)
            obj.pk, obj.contact = saved.pk, saved.contact

    def delete_model(self, request: HttpRequest, obj: Employee) -> None:
        """Deleting is people's."""
        people.delete_employee(obj)

    @admin.action(description="Approve", permissions=["change"])
    def approve(self, request: HttpRequest, chosen: QuerySet[Employee]) -> None:
        """They may book, and campaigns text them."""
        count = people.set_approved(chosen, approved=True)
        self.message_user(request, f"{count} approved. Those who were already stay so.", messages.SUCCESS)

    @admin.action(description="Withdraw approval", permissions=["change"])
    def withdraw(self, request: HttpRequest, chosen: QuerySet[Employee]) -> None:
        """They may not book, and no campaign texts them."""
        count = people.set_approved(chosen, approved=False)
        self.message_user(
            request, f"Approval withdrawn from {count}. What they have booked stays booked.", messages.SUCCESS
        )

    @admin.action(description="Export as CSV", permissions=["view"])
    def export_chosen(self, request: HttpRequest, chosen: QuerySet[Employee]) -> StreamingHttpResponse:
        """A file of those chosen, which may be imported again."""
        return as_csv("employees.csv", _table(chosen))

    @action(description="Export all as CSV", url_path="export", permissions=["view"], icon="download")
    def export(self, request: HttpRequest) -> StreamingHttpResponse:
        """A file of all, which may be imported again."""
        return as_csv("employees.csv", _table(self.get_queryset(request).order_by("pk")))

    @action(description="Import a list", url_path="import", permissions=["import"], icon="upload")
    def import_list(self, request: HttpRequest) -> HttpResponse:
        """To the form."""
        return back_to(request, "shifts_rosterimport_add")

    @display(description="Name", ordering="contact__name")
    def name(self, employee: Employee) -> str:
        """The contact's."""
        return employee.contact.name or "-"

    @display(description="Phone number", ordering="contact__phone_number")
    def phone_number(self, employee: Employee) -> str:
        """The contact's."""
        return employee.contact.phone_number

    @display(description="Language", ordering="contact__language")
    def language(self, employee: Employee) -> str:
        """The contact's."""
        return employee.contact.language or "-"

    @display(description="Approved", label={"yes": "success", "no": "danger"}, ordering="approved")
    def approved_label(self, employee: Employee) -> tuple[str, str]:
        """In the colour of its meaning."""
        return ("yes", "Yes") if employee.approved else ("no", "No")

    @display(description="Segments")
    def segment_names(self, employee: Employee) -> str:
        """By name."""
        return _names(employee)

    @display(description="Segments")
    def in_segments(self, employee: Employee) -> str:
        """For those who may only view."""
        return _names(employee)


@admin.register(Segment)
class SegmentAdmin(WritesThroughPeople):
    """Segments."""

    empty = Empty(
        "No segments yet",
        "A segment is a list of employees that campaigns are sent to. Importing a list makes one.",
        "No segment has such a name",
        (
            ("Import a list", "shifts_rosterimport_add", "shifts.add_rosterimport"),
            ("Add a segment", "shifts_segment_add", "shifts.add_segment"),
        ),
    )

    form = SegmentForm
    list_display = ("name", "size_label")
    search_fields = ("name",)
    actions_list = ("import_new",)
    actions_detail = ("import_list",)
    fields = ("name", "size_label")
    readonly_fields = ("size_label",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Segment]:
        """With sizes."""
        return people.with_sizes().order_by(*self.get_ordering(request) or ("name",))

    def save_model(self, request: HttpRequest, obj: Segment, form: Any, change: bool) -> None:
        """Saving is people's."""
        if change:
            people.rename_segment(obj, obj.name)
        else:
            obj.pk = people.create_segment(obj.name).pk

    def delete_model(self, request: HttpRequest, obj: Segment) -> None:
        """Deleting is people's."""
        people.remove_segment(obj)

    @action(description="Import a list", url_path="import", permissions=["import"], icon="upload")
    def import_new(self, request: HttpRequest) -> HttpResponse:
        """To the form, for a segment that is chosen there."""
        return back_to(request, "shifts_rosterimport_add")

    @action(description="Import a list", url_path="import-list", permissions=["import"], icon="upload")
    def import_list(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """To the form, for this segment."""
        segment = self.get_object(request, object_id)
        answer = back_to(request, "shifts_rosterimport_add")
        answer["Location"] += f"?{urlencode({'segment': segment.name})}" if segment else ""
        return answer

    @display(description="Employees", ordering="size")
    def size_label(self, segment: Segment) -> str:
        """How many, and the way to them."""
        if not segment.pk:
            return "0"
        address = reverse("admin:shifts_employee_changelist")
        size = getattr(segment, "size", 0)
        return format_html('<a href="{}?segments__id__exact={}">{}</a>', address, segment.pk, size)


def _names(employee: Employee) -> str:
    return ", ".join(sorted((segment.name for segment in employee.segments.all()), key=str.casefold)) or "-"


def _table(employees: QuerySet[Employee]) -> Iterator[Sequence[Any]]:
    """The columns of a plain import."""
    yield ("name", "phone_number", "approved", "language")
    for employee in employees.select_related("contact").prefetch_related(None).iterator(_AT_ONCE):
        contact = employee.contact
        yield (contact.name, contact.phone_number, employee.approved, contact.language)
