"""What people are texted in our own words: every phrase in every language, and a form to put one otherwise."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_POST

from messaging import registry, text
from messaging.admin.base import Admin
from messaging.contracts import Words
from messaging.models import TextTemplate
from messaging.phrases import catalogue, languages, writing
from messaging.phrases.catalogue import Said
from messaging.phrases.phrase import PLACE, Phrase

# Longer ones are refused; a page need not count a book.
_LONGEST = 5_000
_MOST_STRANGE = 5
_BETWEEN = ":"


def place_of(key: str, language: str) -> str:
    """A phrase in a language, as it stands in the address of its page."""
    return f"{key}{_BETWEEN}{language}"


def address_of(key: str, language: str) -> str:
    """The page of a phrase in a language."""
    return reverse("admin:messaging_texttemplate_change", args=[place_of(key, language)])


class WordsForm(forms.Form):
    """Other words for a phrase."""

    text = forms.CharField(required=False, max_length=_LONGEST, strip=True)


@admin.register(TextTemplate)
class TextTemplateAdmin(Admin):
    """Texts: rows are what staff have written, pages show every phrase there is."""

    search_fields = ()

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Every phrase is there already."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Going back to the shipped words keeps the history."""
        return False

    def get_urls(self) -> list[URLPattern]:
        """With what shows a text while it is written."""
        view = self.admin_site.admin_view(require_POST(self.size_view))
        return [path("size/", view, name="messaging_texttemplate_size"), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Every phrase in one language, app by app."""
        self._let_in(request)
        language = languages.spoken(request.GET.get("language", "") or languages.ENGLISH)
        rows = {row.key: row for row in TextTemplate.objects.filter(language=language).exclude(text="")}
        return self._page(
            request,
            "messaging/admin/texts.html",
            {
                "title": "Texts to people",
                "language": language,
                "languages": _tabs(language),
                "groups": [_group(group, language, rows, request) for group in registry.words()],
            },
        )

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """One phrase in one language: how it looks, and a form for those who may change it."""
        self._let_in(request)
        said, language = self._said(object_id)
        form = WordsForm(request.POST or None)
        if request.method == "POST":
            if not may_write(request, said.group):
                raise PermissionDenied
            if form.is_valid() and (answer := self._write(request, said, language, form)):
                return answer
        row = _row(said, language)
        return self._page(request, "messaging/admin/text.html", self._shown(request, said, language, row, form))

    def size_view(self, request: HttpRequest) -> JsonResponse:
        """A text as it would be with other words for one phrase, its size, and what is wrong with it."""
        if not request.user.has_perm("messaging.change_texttemplate"):
            raise PermissionDenied
        said, language = self._said(request.POST.get("place", ""))
        words = request.POST.get("text", "")[:_LONGEST].replace("\r\n", "\n").strip()
        told = _size(catalogue.in_whole(said, language, words))
        return JsonResponse(told | {"problems": writing.check(said, language, words)})

    def _let_in(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request):
            raise PermissionDenied

    def _said(self, place: str) -> tuple[Said, str]:
        """The phrase and the language that an address names; also by the number of a row, as in the log of changes."""
        if place.isdecimal() and len(place) < 18:
            row = TextTemplate.objects.filter(pk=place).first()
            place = place_of(row.key, row.language) if row else ""
        key, _, language = place.partition(_BETWEEN)
        said = catalogue.find(key)
        if said is None or language not in languages.names():
            raise Http404
        return said, language

    def _write(self, request: HttpRequest, said: Said, language: str, form: WordsForm) -> HttpResponse | None:
        """Write it; None when its words cannot be said, which the form then tells."""
        before = _now(said.phrase, language, _row(said, language))
        words = "" if "shipped" in request.POST else form.cleaned_data["text"]
        if not words and "shipped" not in request.POST:
            form.add_error("text", "Write what people shall read, or go back to the shipped words.")
            return None
        try:
            with transaction.atomic():
                row = writing.write(said, language, words, by=request.user.get_username())
                after = _now(said.phrase, language, row)
                if after != before:
                    shipped = "" if row.text else " As shipped."
                    self.log_change(request, row, f"“{before}” became “{after}”.{shipped}")
        except ValidationError as problem:
            form.add_error("text", problem)
            return None
        self.message_user(request, f"{languages.names()[language]}: people now read “{after}”.")
        return HttpResponseRedirect(
            f"{reverse('admin:messaging_texttemplate_changelist')}?language={language}#{said.phrase.key}"
        )

    def _shown(
        self, request: HttpRequest, said: Said, language: str, row: TextTemplate | None, form: WordsForm
    ) -> dict[str, Any]:
        phrase = said.phrase
        text_now = _now(phrase, language, row)
        written = form["text"].value() if form.is_bound else text_now
        return {
            "title": phrase.when.removesuffix("."),
            "phrase": phrase,
            "group": said.group,
            "place": place_of(phrase.key, language),
            "language": language,
            "language_name": languages.names()[language],
            "languages": _tabs(language, phrase.key),
            "row": row,
            "own": bool(row and row.text),
            "written": written,
            "marked": _marked(text_now),
            "shipped": _marked(phrase.shipped(language)),
            "english": _marked(phrase.words) if language != languages.ENGLISH else "",
            "places": [f"{{{name}}}" for name in sorted(phrase.places)],
            "form": form,
            "whole": _size(catalogue.in_whole(said, language, written or text_now)),
            "may_write": may_write(request, said.group),
            "size_url": reverse("admin:messaging_texttemplate_size"),
            "list_url": f"{reverse('admin:messaging_texttemplate_changelist')}?language={language}#{phrase.key}",
        }

    def _page(self, request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
        shared = {**self.admin_site.each_context(request), "opts": self.opts, "media": self.media}
        return TemplateResponse(request, template, shared | context)


def may_write(request: HttpRequest, group: Words) -> bool:
    """Whether somebody may put the phrases of a group otherwise: who may change texts, and works with these."""
    return request.user.has_perm("messaging.change_texttemplate") and request.user.has_perm(group.permission)


def _tabs(chosen: str, key: str = "") -> list[dict[str, Any]]:
    """The languages as links: to their list, or to the page of one phrase."""
    beginning = reverse("admin:messaging_texttemplate_changelist")
    return [
        {
            "name": name,
            "code": code,
            "chosen": code == chosen,
            "url": address_of(key, code) if key else f"{beginning}?language={code}",
        }
        for code, name in languages.names().items()
    ]


def _group(group: Words, language: str, rows: dict[str, TextTemplate], request: HttpRequest) -> dict[str, Any]:
    lines = [_line(phrase, language, rows.get(phrase.key)) for phrase in group.phrases]
    return {
        "title": group.title,
        "lines": lines,
        "own": sum(line["own"] for line in lines),
        "may_write": may_write(request, group),
    }


def _line(phrase: Phrase, language: str, row: TextTemplate | None) -> dict[str, Any]:
    return {
        "key": phrase.key,
        "when": phrase.when,
        "text": _marked(_now(phrase, language, row)),
        "own": row is not None,
        "row": row,
        "url": address_of(phrase.key, language),
        "language": language,
    }


def _row(said: Said, language: str) -> TextTemplate | None:
    return TextTemplate.objects.filter(key=said.phrase.key, language=language).first()


def _now(phrase: Phrase, language: str, row: TextTemplate | None) -> str:
    """What it says now."""
    return (row.text if row else "") or phrase.shipped(language)


def _marked(words: str) -> SafeString:
    """Words with their places set off."""
    html = str(escape(words))
    # Escaped before: what is put in is a name of letters, digits and underscores.
    return mark_safe(PLACE.sub(r'<span class="wording-place">\g<0></span>', html))  # noqa: S308


def _size(body: str) -> dict[str, Any]:
    size = text.measure(body)
    return {
        "text": body,
        "encoding": size.encoding,
        "length": size.length,
        "limit": size.limit,
        "parts": size.parts,
        "fits": size.fits,
        "strange": text.rare(body, _MOST_STRANGE),
    }
