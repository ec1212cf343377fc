"""Pages of a list of texts for somebody who does not see all of them."""

from typing import Any

from django.core.paginator import Page
from django.db.models import QuerySet
from unfold.paginator import InfinitePaginator

from messaging.visibility import newest_seen


class PagesSeen(InfinitePaginator):  # type: ignore[misc]
    """The newest rows first, without those of conversations that are hidden; however many of those there are."""

    def __init__(self, rows: QuerySet[Any], hidden: list[str], per_page: int) -> None:
        super().__init__(rows, per_page)
        self._hidden = hidden

    def page(self, number: Any) -> Page[Any]:
        """The rows of a page, found by their keys."""
        number = self.validate_number(number)
        begin = (number - 1) * self.per_page
        keys = newest_seen(self.object_list.model._default_manager.all(), self._hidden, begin, begin + self.per_page)
        page: Page[Any] = self._get_page(self.object_list.filter(pk__in=keys), number, self)
        return page
