"""Opt-outs that were kept elsewhere: AWS's own lists, and the table of whoever managed them by hand."""

from optout.pinpoint.lists import OptOutLists
from optout.pinpoint.table import ConsentTable

__all__ = ["ConsentTable", "OptOutLists"]
