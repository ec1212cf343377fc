"""Lists of employees: uploaded, checked by a worker while the page looks on, imported when somebody says so."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.forms import Script
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, path, reverse
from django.utils.formats import number_format
from django.views.decorators.http import require_POST
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminTextInputWidget

from messaging.admin.base import HistoryAdmin, back_to, display
from shifts import people, selectors
from shifts.models import RosterImport, Segment
from shifts.roster import uploads
from shifts.roster.decoding import LARGEST

Status = RosterImport.Status

# A browser's list of suggestions is no directory.
_MOST_SUGGESTIONS = 500
_MOST_ERRORS = 200
_LIVE = (Status.CHECKING, Status.IMPORTING)
_TONES = {
    Status.CHECKING.value: "info",
    Status.CHECKED.value: "warning",
    Status.REFUSED.value: "danger",
    Status.IMPORTING.value: "info",
    Status.IMPORTED.value: "success",
}
_FIGURES = {
    "created": "New employees",
    "updated": "Changed, or new in the segment",
    "unchanged": "Unchanged",
    "duplicates": "Numbers listed again",
    "skipped": "Not for SMS, left out",
    "opted_out": "Opted out in Pinpoint",
}
_ALWAYS = ("created", "updated", "unchanged")


class UploadForm(forms.ModelForm):  # type: ignore[type-arg]
    """A file, and where it goes."""

    file = forms.FileField(
        label="CSV file",
        widget=UnfoldAdminFileFieldWidget(attrs={"accept": ".csv,.txt,.tsv,text/csv"}),
        help_text="Columns name, phone_number, approved, language (only phone_number must be there), or an export of "
        "Amazon Pinpoint. Nothing is imported before you have seen what it does.",
    )
    segment = forms.CharField(
        max_length=100,
        widget=UnfoldAdminTextInputWidget(attrs={"list": "import-segments", "autocomplete": "off"}),
        help_text="Everybody in the file is put into it. Choose one, or type the name of a new one.",
    )

    class Meta:
        model = RosterImport
        fields: list[str] = []

    def clean_file(self) -> Any:
        """Not endless."""
        file = self.cleaned_data["file"]
        if file.size > LARGEST:
            raise ValidationError(f"The file is larger than {LARGEST // 1_048_576} MB. Split it.")
        return file

    def clean_segment(self) -> str:
        """A possible name; that of a segment as it is written."""
        name: str = self.cleaned_data["segment"]
        try:
            people.check_segment_name(name)
        except ValidationError as problem:
            raise ValidationError(problem.messages) from problem
        found = selectors.find_segment(name)
        return found.name if found else name


@admin.register(RosterImport)
class RosterImportAdmin(HistoryAdmin):
    """Imports."""

    nothing_yet = "No list was imported yet"
    nothing_yet_hint = "Add an import: choose a CSV file, see what it would do, and say yes or no."
    list_display = ("file_name", "segment_name", "status_label", "lines", "created_by", "created_at")
    list_filter = ("status",)
    search_fields = ()
    add_fieldsets = ((None, {"fields": ("file", "segment")}),)
    change_form_outer_before_template = "shifts/admin/import.html"

    class Media:
        css = {"all": ("shifts/import.css",)}
        js = (Script("messaging/follow.js", defer=True), Script("shifts/import.js", defer=True))

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Who may import."""
        return bool(request.user.has_perm("shifts.add_rosterimport"))

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Who imports sees what becomes of it."""
        return bool(super().has_view_permission(request, obj)) or self.has_add_permission(request)

    def get_queryset(self, request: HttpRequest) -> QuerySet[RosterImport]:
        """Without the files."""
        rows: QuerySet[RosterImport] = super().get_queryset(request)
        return rows.defer("content", "errors", "sample")

    def get_fieldsets(self, request: HttpRequest, obj: RosterImport | None = None) -> Any:
        """A form to upload with; afterwards a page without fields."""
        return () if obj else self.add_fieldsets

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **options: Any) -> Any:
        """The form that uploads has fields which are no columns."""
        return super().get_form(request, obj, change=change, **options) if obj else UploadForm

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """The segment that somebody came from."""
        return {"segment": request.GET.get("segment", "")[:100]}

    def get_urls(self) -> list[URLPattern]:
        """With how far it is, and the two buttons."""
        view = self.admin_site.admin_view
        own = [
            path("<path:object_id>/progress/", view(self.progress_view), name="shifts_rosterimport_progress"),
            path("<path:object_id>/import/", view(require_POST(self.import_view)), name="shifts_rosterimport_import"),
            path(
                "<path:object_id>/discard/", view(require_POST(self.discard_view)), name="shifts_rosterimport_discard"
            ),
        ]
        return [*own, *super().get_urls()]

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """The form, with one button."""
        own = {"title": "Import a list", "show_save_and_continue": False, "show_save_and_add_another": False}
        answer: HttpResponse = super().add_view(request, form_url, own | (extra_context or {}))
        return answer

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *arguments: Any, obj: Any = None, **options: Any
    ) -> HttpResponse:
        """With what the file does; or, for the form, with the segments there are."""
        if obj is not None:
            context |= _context(obj) | {"may_import": self.has_add_permission(request), "show_close": False}
        else:
            context["import_segments"] = Segment.objects.values_list("name", flat=True)[:_MOST_SUGGESTIONS]
        answer: HttpResponse = super().render_change_form(request, context, *arguments, obj=obj, **options)
        return answer

    def save_model(self, request: HttpRequest, obj: RosterImport, form: Any, change: bool) -> None:
        """Uploading is the roster's."""
        file, segment = form.cleaned_data["file"], form.cleaned_data["segment"]
        row = uploads.upload(file.name, file.read(LARGEST + 1), segment, request.user.get_username())
        obj.pk, obj.file_name, obj.segment_name = row.pk, row.file_name, row.segment_name

    def response_add(
        self, request: HttpRequest, obj: RosterImport, post_url_continue: str | None = None
    ) -> HttpResponse:
        """To the page that looks on."""
        return back_to(request, "shifts_rosterimport_change", obj.pk)

    def progress_view(self, request: HttpRequest, object_id: str) -> JsonResponse:
        """How far it is, for the page that shows it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        row = self._row(request, object_id)
        return JsonResponse(
            {"status": row.status, "done": row.rows_done, "total": row.rows_total, "words": _how_far(row)},
            headers={"Cache-Control": "no-store"},
        )

    def import_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Import what was checked."""
        row = self._acted_on(request, object_id)
        try:
            uploads.confirm(row.pk, request.user.get_username())
        except uploads.NotAllowed as problem:
            self.message_user(request, str(problem), messages.ERROR)
        else:
            self.log_change(request, row, "Import confirmed.")
        return back_to(request, "shifts_rosterimport_change", row.pk)

    def discard_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Forget the file."""
        row = self._acted_on(request, object_id)
        try:
            uploads.discard(row.pk)
        except uploads.NotAllowed as problem:
            self.message_user(request, str(problem), messages.ERROR)
            return back_to(request, "shifts_rosterimport_change", row.pk)
        self.message_user(request, f"{row.file_name} is discarded. Nothing was imported.", messages.SUCCESS)
        return back_to(request, "shifts_rosterimport_changelist")

    @display(description="Status", label=_TONES, ordering="status")
    def status_label(self, row: RosterImport) -> tuple[str, str]:
        """In the colour of its meaning."""
        return row.status, str(row.get_status_display())

    @display(description="Lines")
    def lines(self, row: RosterImport) -> str:
        """How many people are on it."""
        return number_format(row.counts.get("rows", row.rows_total), force_grouping=True)

    def _acted_on(self, request: HttpRequest, object_id: str) -> RosterImport:
        if not self.has_add_permission(request):
            raise PermissionDenied
        return self._row(request, object_id)

    def _row(self, request: HttpRequest, object_id: str) -> RosterImport:
        row = self.get_queryset(request).filter(pk=object_id).first() if object_id.isdecimal() else None
        if row is None:
            raise Http404
        return row


def _how_far(row: RosterImport) -> str:
    done, total = (number_format(number, force_grouping=True) for number in (row.rows_done, row.rows_total))
    return f"{done} of about {total} lines read" if row.rows_done else "Waiting for a worker"


def _context(row: RosterImport) -> dict[str, Any]:
    segment = selectors.find_segment(row.segment_name)
    counts = row.counts or {}
    figures = [(name, label, counts.get(name, 0)) for name, label in _FIGURES.items()]
    return {
        "import_row": row,
        "import_live": row.status in _LIVE,
        "import_tone": _TONES[row.status],
        "import_words": _how_far(row),
        "import_figures": [one for one in figures if one[2] or one[0] in _ALWAYS],
        "import_changes": counts.get("created", 0) + counts.get("updated", 0),
        "import_errors": row.errors[:_MOST_ERRORS],
        "import_more_errors": max(row.errors_total - _MOST_ERRORS, 0),
        "import_segment": segment,
        "import_segment_size": segment.members.count() if segment else 0,
        "import_urls": {
            name: reverse(f"admin:shifts_rosterimport_{name}", args=(row.pk,))
            for name in ("progress", "import", "discard")
        },
    }
