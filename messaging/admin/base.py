"""What the pages of messaging share: reading without writing, tables of any size, actions that ask first."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from django import forms
from django.contrib import admin
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.messages import INFO
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import action as unfold_action
from unfold.decorators import display as unfold_display
from unfold.forms import BaseDialogForm
from unfold.paginator import InfinitePaginator
from unfold.widgets import UnfoldAdminTextInputWidget

from messaging import selectors

Function = TypeVar("Function", bound=Callable[..., Any])


# An entry of the log of changes holds so much of what somebody was told.
_MOST_TOLD = 2_000


def action(**options: Any) -> Callable[[Function], Function]:
    """Unfold's decorator of actions, typed. Who did what by one stands in the log of changes, and what came of it."""
    decorate_action = unfold_action(**options)

    def decorate(function: Function) -> Function:
        return cast("Function", decorate_action(_noted(function, str(options.get("description", "")))))

    return decorate


def _noted(function: Function, title: str) -> Function:
    """A function of an action that writes what it did into the log of changes."""

    @wraps(function)
    def act(page: "Admin", request: HttpRequest, *arguments: Any, **options: Any) -> Any:
        # Looking, downloading and going to a form change nothing.
        rows = list(_acted_on(page, arguments, options)) if request.method == "POST" else []
        told = page.told(request)
        begin = len(told)
        answer = function(page, request, *arguments, **options)
        # Who was told nothing has gone to a form, whose own page does the rest.
        if rows and (sentences := told[begin:]):
            message = " ".join((f"{title}:", *sentences))[:_MOST_TOLD]
            LogEntry.objects.log_actions(cast("int", request.user.pk), rows, CHANGE, change_message=message)
        return answer

    return cast("Function", act)


def _acted_on(page: "Admin", arguments: tuple[Any, ...], options: dict[str, Any]) -> Any:
    """The rows of an action: one by its key, or those chosen in a list."""
    if (key := str(options.get("object_id", ""))).isdecimal():
        return page.model._default_manager.filter(pk=key)
    return next((one for one in arguments if isinstance(one, QuerySet)), ())


def display(**options: Any) -> Callable[[Function], Function]:
    """Unfold's decorator of columns, typed."""
    return cast("Callable[[Function], Function]", unfold_display(**options))


class Admin(ModelAdmin):  # type: ignore[misc]
    """A page of rows that staff may edit.

    ``nothing_yet`` and ``nothing_yet_hint`` are what its list says while there are no rows, and nothing is searched.
    """

    nothing_yet = "Nothing here yet"
    nothing_yet_hint = ""

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """The list. Where it is all there is, nothing offers to show all: it would lead to the same page."""
        changes = super().get_changelist_instance(request)
        if changes.full_result_count is None and not changes.query and not changes.has_active_filters:
            changes.full_result_count = changes.result_count
        return changes

    def told(self, request: HttpRequest) -> list[str]:
        """What this request has told its user so far."""
        if not hasattr(request, "textback_told"):
            request.textback_told = []  # type: ignore[attr-defined]
        told: list[str] = request.textback_told  # type: ignore[attr-defined]
        return told

    def message_user(
        self, request: HttpRequest, message: Any, level: int | str = INFO, *more: Any, **named: Any
    ) -> None:
        """Tell the user, and remember it for the log of changes."""
        self.told(request).append(str(message))
        super().message_user(request, message, level, *more, **named)


class _ReadOnly:
    """Rows that nobody writes by hand. Who may view them sees them; nobody adds, changes or deletes."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Rows come from the work itself."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """History is not edited."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """History is not deleted."""
        return False


class ReadOnlyInline(_ReadOnly, TabularInline):  # type: ignore[misc]
    """Rows of another kind below a row."""

    extra = 0
    can_delete = False


class HistoryAdmin(_ReadOnly, Admin):
    """A table that grows for ever: nothing here reads more of it than one page.

    No count, no facets, and no sorting by columns that have no index. Search is by phone number, however it is written,
    or by an exact id: ``phone_number_field`` and ``exact_fields`` name columns that have an index.
    """

    paginator = InfinitePaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 50
    list_disable_select_all = True
    sortable_by = ()
    ordering = ("-id",)
    search_help_text = "A phone number in any form, or an exact id."
    phone_number_field = ""
    exact_fields: tuple[str, ...] = ()

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Rows of a phone number, or with an id; other words are not searched for, they would read the whole table."""
        term = search_term.strip()
        if not term:
            return queryset, False
        if meant := selectors.phone_numbers_meant(term) if self.phone_number_field else []:
            return queryset.filter(**{f"{self.phone_number_field}__in": meant}), False
        found = queryset.none()
        for name in self.exact_fields:
            found = found | queryset.filter(**{name: term})
        return found, False


class WithReason(BaseDialogForm):  # type: ignore[misc]
    """Asks why."""

    reason = forms.CharField(
        max_length=300,
        widget=UnfoldAdminTextInputWidget,
        help_text="What is wrong and what is to be done: staff and API users read this.",
    )


def dialog(title: str, description: str, submit: str, form: type[BaseDialogForm] = BaseDialogForm) -> dict[str, Any]:
    """A dialog that must be confirmed. An action without one would be a link: whoever lures staff to it does it."""
    return {"title": title, "description": description, "form_class": form, "form_submit_text": submit}


def back_to(request: HttpRequest, page: str, *arguments: Any) -> HttpResponse:
    """To another page of the admin, from a form or from a dialog (which is sent by htmx)."""
    url = reverse(f"admin:{page}", args=arguments)
    if request.headers.get("HX-Request"):
        return HttpResponse(headers={"HX-Redirect": url})
    return HttpResponseRedirect(url)
