"""Words that staff give a meaning."""

from django.contrib import admin

from messaging.admin.base import Admin
from messaging.forms import KeywordForm
from messaging.models import Keyword


@admin.register(Keyword)
class KeywordAdmin(Admin):
    """Keywords."""

    form = KeywordForm
    list_display = ("word", "action", "text")
    list_filter = ("action",)
    search_fields = ("word", "text")
