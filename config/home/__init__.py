"""The first page of the admin: what needs a person now, then how the last days went."""

from config.home.page import dashboard

__all__ = ["dashboard"]
