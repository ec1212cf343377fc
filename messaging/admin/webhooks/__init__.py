"""Webhooks as staff see them.

forms      what is asked
endpoints  other systems: the list, the page of one, its secret
log        what was told to whom, and what came of each try
cards      the facts of both, in words
"""

from messaging.admin.webhooks import endpoints, log

__all__ = ["endpoints", "log"]
