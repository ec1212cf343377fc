"""What the admin has of the project itself: users and groups, who changed what, failed logins."""

from typing import Any

from axes.models import AccessAttempt
from django.conf import settings
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group, Permission, User
from django.db.models import OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from config.security import token_pages  # noqa: F401 - registers itself
from config.security.logins import ADDRESS_FAILURE_LIMIT
from messaging.admin.base import Admin, HistoryAdmin, display

admin.site.unregister([User, Group])

_TICKS = UnfoldAdminCheckboxSelectMultipleWidget


def _named(permission: Permission) -> str:
    kind = permission.content_type
    return f"{kind.app_label.capitalize()}, {kind.name}: {permission.name[:1].lower()}{permission.name[1:]}"


@admin.register(User)
class UserAdmin(DjangoUserAdmin, Admin):  # type: ignore[type-arg]
    """Who may log in. What somebody may do comes from their groups."""

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("username", "name", "groups_label", "is_active", "last_login")
    list_filter = ("is_active", "is_superuser", "groups")
    list_display_links = ("username", "name")
    filter_horizontal = ()
    # Permissions one by one are for groups: nobody remembers why somebody alone has one.
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        ("Who they are", {"fields": (("first_name", "last_name"), "email")}),
        ("What they may do", {"fields": ("is_active", "is_staff", "is_superuser", "groups")}),
        ("When", {"fields": ("last_login", "date_joined")}),
    )
    readonly_fields = ("last_login", "date_joined")

    def formfield_for_manytomany(self, db_field: Any, request: Any = None, **options: Any) -> Any:
        """Groups are few: all of them are there to be ticked."""
        return super().formfield_for_manytomany(db_field, request, **options, widget=_TICKS)

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        """Each with their groups."""
        rows: QuerySet[User] = super().get_queryset(request).prefetch_related("groups")
        return rows

    @display(description="Name")
    def name(self, user: User) -> str:
        """As colleagues know them."""
        return user.get_full_name() or "-"

    @display(description="Groups")
    def groups_label(self, user: User) -> str:
        """What they may do, in words."""
        names = [group.name for group in user.groups.all()]
        return ", ".join(["Superuser", *names] if user.is_superuser else names) or "none: sees nothing"


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin, Admin):
    """What people may do, together."""

    filter_horizontal = ()

    def formfield_for_manytomany(self, db_field: Any, request: Any = None, **options: Any) -> Any:
        """To be ticked by keyboard as well."""
        field: Any = super().formfield_for_manytomany(db_field, request, **options, widget=_TICKS)
        field.label_from_instance = _named
        return field


@admin.register(LogEntry)
class ChangeAdmin(HistoryAdmin):
    """Who changed what, by a form or an action of the admin."""

    nothing_yet = "Nothing was changed yet"
    nothing_yet_hint = "Whatever somebody changes by a form or an action stands here with their name."
    list_display = ("action_time", "user", "content_type", "what", "change")
    list_display_links = ("action_time",)
    list_select_related = ("user", "content_type")
    list_filter = ("action_flag", ("action_time", admin.DateFieldListFilter))
    search_fields = ("user__username",)
    search_help_text = "A user name, exactly."
    exact_fields = ("user__username",)
    fields = readonly_fields = ("action_time", "user", "content_type", "what", "change")

    @display(description="Changed")
    def what(self, entry: LogEntry) -> str:
        """The row, as a link while it has a page."""
        url = None if entry.is_deletion() else entry.get_admin_url()
        return (
            format_html('<a href="{}" class="underline">{}</a>', url, entry.object_repr) if url else entry.object_repr
        )

    @display(description="How")
    def change(self, entry: LogEntry) -> str:
        """In words."""
        return str(entry.get_change_message() or entry.get_action_flag_display())


_COLOURS = {"Locked": "danger", "Counted": "warning", "Over": "info"}


@admin.register(AccessAttempt)
class FailedLoginAdmin(Admin):
    """Failed logins of one name from one address and browser. Deleting a row forgets them, and so unlocks."""

    nothing_yet = "No login has failed lately"
    nothing_yet_hint = "After some wrong passwords a name is locked for a while; who tries stands here."
    list_display = ("username", "ip_address", "failures_since_start", "attempt_time", "standing")
    search_fields = ("username", "ip_address")
    search_help_text = "A user name or an address."
    ordering = ("-attempt_time",)
    fields = readonly_fields = (
        "username",
        "ip_address",
        "failures_since_start",
        "attempt_time",
        "standing",
        "user_agent",
        "path_info",
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        """They are counted, not written."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Likewise."""
        return False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """The list, with what may be done."""
        title = "Failed logins: delete those of a colleague to unlock them at once"
        return super().changelist_view(request, {"title": title} | (extra_context or {}))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Each with the failures that count now: of its name, and of all names from its address."""
        since = timezone.now() - settings.AXES_COOLOFF_TIME
        recent = AccessAttempt.objects.filter(ip_address=OuterRef("ip_address"), attempt_time__gte=since).order_by()
        rows: QuerySet[AccessAttempt] = super().get_queryset(request)
        counted: QuerySet[Any] = rows.annotate(
            of_name=_failures(recent.filter(username=OuterRef("username")), "username"),
            of_address=_failures(recent, "ip_address"),
        )
        return counted

    @display(description="Now", label=_COLOURS)
    def standing(self, attempt: Any) -> str:
        """Whether it keeps somebody out now. Browsers count together, so a row may be locked by its neighbours."""
        if attempt.attempt_time < timezone.now() - settings.AXES_COOLOFF_TIME:
            return "Over"
        locked = attempt.of_name >= settings.AXES_FAILURE_LIMIT or attempt.of_address >= ADDRESS_FAILURE_LIMIT
        return "Locked" if locked else "Counted"


def _failures(attempts: QuerySet[AccessAttempt], column: str) -> Coalesce:
    """How many failures these attempts are, as a subquery; those of one value of the column at most."""
    total = attempts.values(column).annotate(failures=Sum("failures_since_start")).values("failures")
    return Coalesce(Subquery(total), 0)
