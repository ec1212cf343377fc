"""API tokens in the admin: made, named, watched and revoked here.

knox registers a page of its own that makes tokens and shows them in a message, which stays in cookies and logs. Here a
token is in the answer to the form that made it, and nowhere else.
"""

from typing import Any, cast

import knox.admin  # noqa: F401 - its page must be there before ours takes its place
from django import forms
from django.contrib import admin
from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from knox.models import AuthToken
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminSplitDateTimeWidget, UnfoldAdminTextInputWidget

from config.models import TokenDetails
from config.security.making_tokens import InThePast, make, may_make_for
from messaging.admin.base import Admin, display

admin.site.unregister(AuthToken)

_COLOURS = {"Good": "success", "Expired": "warning", "User not active": "warning"}


class _Name(forms.ModelForm):  # type: ignore[type-arg]
    """What the token is for."""

    name = forms.CharField(
        max_length=100,
        required=False,
        help_text="Which system has it, for example: monitoring in Oslo.",
        widget=UnfoldAdminTextInputWidget,
    )

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        if self.instance.pk:
            self.initial["name"] = _details(self.instance).name


class _Change(_Name):
    class Meta:
        model = AuthToken
        fields: list[str] = []


class _Add(_Name):
    """Whose, and until when."""

    maker: Any = None
    user = forms.ModelChoiceField(
        User.objects.filter(is_active=True).order_by("username"),
        help_text="The token may do what this user may. Make a user for each system, in a group with what it needs.",
        widget=UnfoldAdminSelectWidget,
    )
    expiry = forms.SplitDateTimeField(
        label="Expires",
        required=False,
        help_text="From then on it opens nothing. Empty: it is good until somebody revokes it.",
        widget=UnfoldAdminSplitDateTimeWidget,
    )

    class Meta:
        model = AuthToken
        fields = ["user", "expiry"]

    def clean_user(self) -> User:
        """Nobody makes a token that may do more than they may."""
        user: User = self.cleaned_data["user"]
        if not may_make_for(self.maker, user):
            raise forms.ValidationError("This user may do more than you: somebody who may do everything makes it.")
        return user

    def clean_expiry(self) -> Any:
        """In the future, if at all."""
        expiry = self.cleaned_data["expiry"]
        if expiry is not None and expiry <= timezone.now():
            raise forms.ValidationError(str(InThePast("Give a time in the future.")))
        return expiry


@admin.register(AuthToken)
class AuthTokenAdmin(Admin):
    """API tokens. Deleting one revokes it at once."""

    form = _Change
    nothing_yet = "No tokens yet"
    nothing_yet_hint = "Make one for each system that uses the API: here, or by manage.py create_token."
    list_display = ("name", "token", "user", "standing", "last_used", "expiry", "created")
    list_display_links = ("name", "token")
    list_select_related = ("user", "details")
    list_filter = (("expiry", admin.EmptyFieldListFilter),)
    search_fields = ("token_key", "user__username", "details__name")
    search_help_text = "A name, a user, or how the token begins."
    ordering = ("-created",)
    _kept = ("token", "user", "standing", "last_used", "expiry", "created", "made_by")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """What is asked, or what is known."""
        return ("user", "name", "expiry") if obj is None else ("name", *self._kept)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Of a token that is there only the name can be changed: it is good, or it is revoked."""
        if obj is None:
            return ()
        return self._kept if self.has_change_permission(request, obj) else ("label", *self._kept)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **options: Any) -> Any:
        """The form knows who fills it in."""
        if obj is not None:
            return super().get_form(request, obj, change, **options)
        return type("AddToken", (_Add,), {"maker": request.user})

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """One way to save: after adding one there is something to copy first."""
        one_way = {"show_save_and_add_another": False, "show_save_and_continue": False}
        return super().changeform_view(request, object_id, form_url, (extra_context or {}) | one_way)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Make the token, or name it."""
        name = form.cleaned_data["name"]
        if change:
            TokenDetails.objects.update_or_create(token=obj, defaults={"name": name})
            return
        user, expires_at = form.cleaned_data["user"], form.cleaned_data["expiry"]
        if not may_make_for(request.user, user):
            raise PermissionDenied
        made, token = make(user, name=name, expires_at=expires_at, made_by=request.user.get_username())
        obj.pk, obj.token_key, obj.created, obj.plain = made.pk, made.token_key, made.created, token

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: Any = None) -> HttpResponse:
        """The token, this once: not by way of a redirect, whose message would be kept somewhere."""
        context = {
            **self.admin_site.each_context(request),
            "title": "The new API token",
            "opts": self.opts,
            "token": obj.plain,
            "row": obj,
        }
        return TemplateResponse(request, "security/new_token.html", context, headers={"Cache-Control": "no-store"})

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Without the hash, which is how knox names a token."""
        return _log(request, obj, ADDITION, message)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Likewise."""
        return _log(request, obj, CHANGE, message)

    def get_queryset(self, request: HttpRequest) -> QuerySet[AuthToken]:
        """With what is known of each."""
        rows: QuerySet[AuthToken] = super().get_queryset(request).select_related("user", "details")
        return rows

    @display(description="Name", ordering="details__name")
    def name(self, token: AuthToken) -> str:
        """Which system has it."""
        return _details(token).name or "-"

    label = name

    @display(description="Begins with")
    def token(self, token: AuthToken) -> str:
        """As much of it as is known; the rest is a hash."""
        return f"{token.token_key}…"

    @display(description="Now", label=_COLOURS)
    def standing(self, token: AuthToken) -> str:
        """Whether it opens anything."""
        if token.expiry is not None and token.expiry <= timezone.now():
            return "Expired"
        return "Good" if token.user.is_active else "User not active"

    @display(description="Last used", ordering="details__last_used_at", empty_value="never")
    def last_used(self, token: AuthToken) -> Any:
        """To within ten minutes."""
        return _details(token).last_used_at

    @display(description="Made by")
    def made_by(self, token: AuthToken) -> str:
        """Who, by the admin; else the command line."""
        return _details(token).made_by or "manage.py create_token"


def _details(token: AuthToken) -> TokenDetails:
    return getattr(token, "details", None) or TokenDetails(token=token)


def _log(request: HttpRequest, token: Any, flag: int, message: Any) -> Any:
    return LogEntry.objects.create(
        user_id=cast("int", request.user.pk),
        content_type_id=ContentType.objects.get_for_model(AuthToken).pk,
        object_id=token.pk,
        object_repr=f"{token.token_key}… of {token.user}",
        action_flag=flag,
        change_message="" if flag == ADDITION else message,
    )
