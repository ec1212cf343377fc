"""The pages of the inbox: the list of people, and one thread, which keeps itself up to date."""

from hashlib import sha256
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.cache import get_conditional_response
from django.utils.html import format_html
from django.utils.http import quote_etag, urlencode
from django.utils.timezone import localdate
from django.views.decorators.http import require_POST, require_safe

from messaging import clock, selectors
from messaging.admin.base import HistoryAdmin
from messaging.admin.inbox import actions, people, thread
from messaging.admin.inbox.whom import Whom, find
from messaging.inbound import inbox
from messaging.selectors import answerable_numbers
from messaging.visibility import assignable_by, hidden_from

# Counting further would read a table that may be large, on each page.
_MOST_COUNTED = 99
_LONGEST_SEARCH = 100


class InboxAdmin(HistoryAdmin):
    """The pages, beside the list of texts received."""

    def has_handle_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Dealing with a text, or answering it, is a change of it, though its form stays closed."""
        return bool(request.user.has_perm("messaging.change_inboundmessage"))

    def get_urls(self) -> list[URLPattern]:
        """With the inbox."""

        def own(address: str, view: Any, name: str) -> URLPattern:
            pattern: URLPattern = path(
                f"inbox/{address}", self.admin_site.admin_view(view), name=f"messaging_inboundmessage_{name}"
            )
            return pattern

        return [
            own("", require_safe(self.inbox_view), "inbox"),
            own("<str:person>/", require_safe(self.thread_view), "thread"),
            own("<str:person>/news/", require_safe(self.news_view), "thread_news"),
            own("<str:person>/size/", require_POST(self.size_view), "thread_size"),
            own("<str:person>/answer/", require_POST(self.answer_view), "thread_answer"),
            own("<str:person>/put/", require_POST(self.put_view), "thread_put"),
            *super().get_urls(),
        ]

    def inbox_view(self, request: HttpRequest) -> HttpResponse:
        """Whom we talk with."""
        self._may_view(request)
        hidden = hidden_from(request.user)
        kinds = people.kinds(hidden)
        kind = request.GET.get("kind", people.ALL)
        kind = kind if kind in kinds else people.ALL
        words = request.GET.get("q", "").strip()[:_LONGEST_SEARCH]
        if words:
            found = people.named(words, hidden, names=request.user.has_perm("messaging.view_contact"))
        else:
            found = people.found(kind, hidden, request.GET.get("after", ""))
        waiting = len(selectors.waiting_for_staff().values_list("pk")[: _MOST_COUNTED + 1])
        context = {
            "title": "Inbox",
            "kinds": [(key, name, not words and key == kind) for key, name in kinds.items()],
            "kind": kind,
            "kind_name": kinds[kind],
            "words": words,
            "people": found.people,
            "older": urlencode({"kind": kind, "after": found.older}) if found.older else "",
            "is_first": not request.GET.get("after"),
            "is_full": bool(words) and len(found.people) == people.PER_PAGE,
            "waiting": f"{_MOST_COUNTED}+" if waiting > _MOST_COUNTED else waiting,
            "today": localdate(clock.now()),
            "may_add_contacts": request.user.has_perm("messaging.add_contact"),
        }
        return render(request, "messaging/admin/inbox.html", self._context(request) | context)

    def thread_view(self, request: HttpRequest, person: str) -> HttpResponse:
        """The thread of one person."""
        self._may_view(request)
        return self._thread(request, self._find(request, person))

    def news_view(self, request: HttpRequest, person: str) -> HttpResponse:
        """The latest page of the thread alone; 304 while nothing has happened."""
        self._may_view(request)
        context = self._told(request, self._find(request, person))
        unchanged = get_conditional_response(request, etag=context["etag"])
        answer = unchanged or render(request, "messaging/admin/thread_bubbles.html", context)
        answer["ETag"] = context["etag"]
        return answer

    def size_view(self, request: HttpRequest, person: str) -> JsonResponse:
        """How an answer would be sent, and what it would cost."""
        whom = self._handled(request, person)
        return JsonResponse(actions.size(request.POST.get("body", "")[: actions.LONGEST], whom.phone_number))

    def answer_view(self, request: HttpRequest, person: str) -> HttpResponse:
        """Send what a form says; what may not be sent comes back, with the reason."""
        whom = self._handled(request, person)
        form = actions.AnswerForm(request.POST)
        message = form.send(whom.phone_number, by=request.user.get_username()) if form.is_valid() else None
        if message is None:
            return self._thread(request, whom, form)
        words, is_well = actions.what_was_sent(message)
        actions.note(request, message, "Answered by hand" if is_well else words.removesuffix("."))
        return self._back(request, whom, words, is_well=is_well)

    def put_view(self, request: HttpRequest, person: str) -> HttpResponse:
        """Put an unmatched text where it belongs, or off the inbox."""
        whom = self._handled(request, person)
        words, is_well = actions.put(request, whom.phone_number)
        return self._back(request, whom, words, is_well=is_well)

    def _may_view(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request):
            raise PermissionDenied

    def _handled(self, request: HttpRequest, person: str) -> Whom:
        """The person, for those who may deal with texts."""
        if not self.has_handle_permission(request):
            raise PermissionDenied
        return self._find(request, person)

    def _find(self, request: HttpRequest, person: str) -> Whom:
        whom = find(person, request.user)
        if whom is None:
            raise Http404
        return whom

    def _back(self, request: HttpRequest, whom: Whom, words: str, *, is_well: bool) -> HttpResponse:
        self.message_user(request, words, messages.SUCCESS if is_well else messages.WARNING)
        return HttpResponseRedirect(reverse("admin:messaging_inboundmessage_thread", args=(whom.key,)))

    def _context(self, request: HttpRequest) -> dict[str, Any]:
        return dict(self.admin_site.each_context(request))

    def _told(self, request: HttpRequest, whom: Whom) -> dict[str, Any]:
        """A page of the thread, for its template."""
        may_handle = self.has_handle_permission(request)
        assignable = assignable_by(request.user) if may_handle else []
        told = thread.tell(whom.phone_number, hidden_from(request.user), assignable, request.GET.get("before", ""))
        return {
            "whom": whom,
            "thread": told,
            "etag": quote_etag(sha256(repr((told, whom.name)).encode()).hexdigest()[:32]),
            "may_handle": may_handle,
            "is_latest": not request.GET.get("before"),
            "thread_url": reverse("admin:messaging_inboundmessage_thread", args=(whom.key,)),
            "put_url": reverse("admin:messaging_inboundmessage_thread_put", args=(whom.key,)),
        }

    def _thread(self, request: HttpRequest, whom: Whom, form: actions.AnswerForm | None = None) -> HttpResponse:
        context = self._context(request) | self._told(request, whom)
        leaves = thread.leave(whom.phone_number)
        context |= {
            "title": whom.name,
            "show_back_button": False,
            "leaves": leaves,
            "form": form,
            "answer_key": actions.new_key(),
            "news_url": reverse("admin:messaging_inboundmessage_thread_news", args=(whom.key,)),
            "size_url": reverse("admin:messaging_inboundmessage_thread_size", args=(whom.key,)),
            "answer_url": reverse("admin:messaging_inboundmessage_thread_answer", args=(whom.key,)),
            "may_see_contact": bool(whom.contact) and request.user.has_perm("messaging.view_contact"),
        }
        if context["may_handle"] and context["is_latest"]:
            context |= self._answering(whom, leaves)
        return render(request, "messaging/admin/thread.html", context)

    def _answering(self, whom: Whom, leaves: list[thread.Leave]) -> dict[str, Any]:
        """What the form below the thread needs; or why there is none."""
        if not inbox.can_be_texted(whom.phone_number):
            return {"no_answer": "This is a short code or a name: nobody can text it. Mark its texts as dealt with."}
        if why := actions.refused(leaves):
            return {"no_answer": why}
        try:
            chosen = inbox.number_for(whom.phone_number)
        except inbox.CannotAnswer as problem:
            return {"no_answer": str(problem)}
        ours = answerable_numbers().order_by("-is_default", "identity")
        refusals = {one.number: one.refusal for one in leaves}
        numbers = [(one.identity, one.identity == chosen, refusals.get(one.identity, "")) for one in ours]
        return {"may_answer": True, "numbers": numbers, "chosen": chosen}


def thread_link(key: str) -> str:
    """A link to the thread of the person with this key: messaging.admin.inbox.whom."""
    address = reverse("admin:messaging_inboundmessage_thread", args=(key,))
    return format_html('<a href="{}" class="underline">Open the whole thread</a>', address)
