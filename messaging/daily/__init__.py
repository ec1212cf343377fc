"""Figures by day: counted now and then by a worker, read by pages that must be quick however much there is."""

from messaging.daily.counting import DAYS, count_what_is_due, due, recent, span

__all__ = ["DAYS", "count_what_is_due", "due", "recent", "span"]
