"""The staff's view of shifts. It observes; what staff do goes through the functions that texts and the API use."""

from shifts.admin import callbacks

__all__ = ["callbacks"]
