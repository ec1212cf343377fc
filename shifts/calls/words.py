"""What somebody who wants to be called is told. Pure."""

from django.utils.translation import gettext as _


def will_call() -> str:
    """A person will call."""
    return _("Your request is noted, staff will call you.")


def calling() -> str:
    """Amazon Connect has the call."""
    return _("We are calling you now.")
