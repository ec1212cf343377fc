"""What a list says while there is nothing in it: what to do next."""

from dataclasses import dataclass
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from messaging.admin.base import Admin


@dataclass(frozen=True, slots=True)
class Empty:
    """Words for a list without rows.

    Attributes:
        title: what there is not.
        hint: what it is for, and what to do.
        sought: what there is not when somebody searched or filtered.
        steps: buttons: words, page of the admin, and the permission that it needs.
    """

    title: str
    hint: str
    sought: str
    steps: tuple[tuple[str, str, str], ...] = ()


class WithHint(Admin):
    """A list that says what to do next while it is empty."""

    change_list_template = "shifts/admin/list.html"
    empty: Empty | None = None

    class Media:
        css: ClassVar[dict[str, tuple[str, ...]]] = {"all": ("messaging/pages.css", "shifts/list.css")}

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """With the words, and the steps that the person may take."""
        steps = self.empty.steps if self.empty else ()
        may = [
            (words, reverse(f"admin:{page}")) for words, page, permission in steps if request.user.has_perm(permission)
        ]
        own = {"empty": self.empty, "empty_steps": may}
        answer: HttpResponse = super().changelist_view(request, own | (extra_context or {}))
        return answer
