"""Words that staff give a meaning."""

from django.contrib import admin

from messaging.admin.base import Admin
from messaging.forms import KeywordForm
from messaging.models import Keyword


@admin.register(Keyword)
class KeywordAdmin(Admin):
    """Keywords."""

    nothing_yet = "No keywords of your own"
    nothing_yet_hint = (
        "STOP, JOIN and HELP are understood without any. A keyword has an answer of yours, or is one more "
        "word of consent."
    )
    form = KeywordForm
    list_display = ("word", "action", "text")
    list_filter = ("action",)
    search_fields = ("word", "text")
