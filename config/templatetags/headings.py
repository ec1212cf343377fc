"""What a list is called above its rows: as in the sidebar, which leads there."""

from django import template
from django.urls import reverse

# Where a model's own name is not the word that the sidebar has for its list.
LISTS = {
    "messaging_inboundmessage": "Texts received",
    "messaging_outboundmessage": "Texts sent",
    "messaging_originationidentity": "Numbers",
    "messaging_partprice": "Prices per part",
    "knox_authtoken": "API tokens",
    "admin_logentry": "Changes",
    "axes_accessattempt": "Failed logins",
}

register = template.Library()


@register.filter
def heading(part: dict[str, object]) -> str:
    """The words of one part of a page's heading.

    Args:
        part: ``link`` and ``title``, as unfold's header_title makes it.
    """
    link = str(part.get("link") or "")
    for name, words in LISTS.items():
        if link == reverse(f"admin:{name}_changelist"):
            return words
    return str(part["title"])
