"""The staff's view of consent. It observes; what staff decide goes through the ledger and the review list."""

from optout.admin import consent, history, pleas

__all__ = ["consent", "history", "pleas"]
