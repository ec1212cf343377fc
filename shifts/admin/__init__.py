"""The staff's view of shifts. It observes; what staff do goes through the functions that texts and the API use."""

from shifts.admin import callbacks, campaigns, imports, people, refused, shifts

__all__ = ["callbacks", "campaigns", "imports", "people", "refused", "shifts"]
