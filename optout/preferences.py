"""The page where somebody opts out and in again. It needs no script, no cookie and no account: the link is the key."""

import logging
from datetime import datetime
from typing import Any

import phonenumbers
from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from messaging.phrases import languages
from messaging.validators import E164
from optout import ledger, links, selectors, throttles
from optout import page_wording as say
from optout.ledger import Entry
from optout.links import Link
from optout.models import EVERY_NUMBER, Action, Source, State

logger = logging.getLogger(__name__)

# What the buttons say → what it means, and whether it concerns every number of ours.
_ACTIONS = {
    "opt_out": (Action.OPT_OUT, False),
    "opt_out_all": (Action.OPT_OUT, True),
    "opt_in": (Action.OPT_IN, False),
}

_HEADERS = {
    # It is about one person, and says how they stand now.
    "Cache-Control": "no-store",
    # The address is the credential: it must not travel on.
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
}


class _TooMany(Exception):
    """More requests than are let in; how many seconds to wait."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(retry_after)
        self.retry_after = retry_after


# No CSRF token: whoever can make a request here has the link and may do this. No cookie gives anybody's browser more
# than that, and phones with cookies off can opt out as well.
@method_decorator(csrf_exempt, name="dispatch")
class Preferences(View):
    """GET says how somebody stands and changes nothing, for phones open links to show a preview. POST changes it."""

    http_method_names = ["get", "head", "post"]
    link: Link

    def dispatch(self, request: HttpRequest, *arguments: Any, token: str) -> HttpResponseBase:
        """Let in whoever has a link that is genuine and not too old; others learn how to opt out without it."""
        response: HttpResponseBase
        try:
            self._throttle(throttles.Requests())
            self.link = links.read(token)
            response = super().dispatch(request)
        except _TooMany as problem:
            response = self._refused("many", 429)
            response["Retry-After"] = str(problem.retry_after)
        except links.LinkExpired:
            response = self._refused("expired", 410)
        except links.LinkNotGenuine:
            response = self._refused("not_genuine", 404)
        except DatabaseError:
            logger.exception("The preferences page cannot be shown")
            response = self._refused("trouble", 503)
            # Django's own line for a 503 has the path, and with it the credential.
            response._has_been_logged = True  # type: ignore[attr-defined]
        if request.method == "HEAD":
            response = HttpResponse(status=response.status_code, headers=dict(response.headers))
        for name, value in _HEADERS.items():
            response[name] = value
        return response

    def get(self, request: HttpRequest) -> HttpResponse:
        """How they stand, and what they can do about it."""
        with languages.reading(self._language()) as language:
            return _answer("preferences", language, self._shown())

    def _shown(self) -> dict[str, Any]:
        link = self.link
        stands = selectors.standing_with(link.phone_number, link.origination_identity)
        every = selectors.standing_with(link.phone_number, EVERY_NUMBER)
        everywhere = every if every and every.opted_out else None
        is_out = bool(stands and stands.opted_out)
        facts: list[tuple[str, str, datetime | None]] = [
            (say.FROM.say(), readable(link.origination_identity), None),
            (say.TO.say(), say.PHONE.say(ending=link.phone_number[-2:]), None),
        ]
        sentences = []
        if stands:
            facts.append((say.SINCE.say(), languages.day(stands.since), stands.since))
        else:
            sentences.append(say.NOT_TOLD.say())
        if everywhere:
            about_others = say.ALL_OUT if is_out else say.OTHERS_OUT
            sentences.append(about_others.say(day=languages.day(everywhere.since)))
        buttons = [("opt_in", say.OPT_IN.say(), False) if is_out else ("opt_out", say.OPT_OUT.say(), False)]
        if not (is_out and everywhere):
            buttons.append(("opt_out_all", say.OPT_OUT_ALL.say(), True))
        is_in = stands is not None and stands.state == State.OPTED_IN
        return {
            "title": (say.TITLE_OUT if is_out else say.TITLE).say(),
            "heading": (say.OUT if is_out else say.IN if is_in else say.MAY).say(),
            "facts": facts,
            "sentences": sentences,
            "buttons": buttons,
        }

    def post(self, request: HttpRequest) -> HttpResponse:
        """Record what they chose; the page that follows shows how they stand then, and may be reloaded."""
        chosen = _ACTIONS.get(request.POST.get("action", ""))
        if chosen is None:
            return self._refused("unknown", 400)
        action, every_number = chosen
        if action == Action.OPT_IN:
            self._throttle(throttles.OptIns())
        ledger.record(
            Entry(
                phone_number=self.link.phone_number,
                origination_identity=self.link.origination_identity,
                action=action,
                source=Source.WEB,
                every_number=every_number,
            )
        )
        return HttpResponse(status=303, headers={"Location": self.request.path})

    def _language(self) -> str:
        """That of the person; of somebody who has none, that of their browser."""
        return languages.of_number(self.link.phone_number) or languages.of_browser(self.request.headers)

    def _refused(self, reason: str, status: int) -> HttpResponse:
        """In the language of the browser: a link that does not work says nothing of anybody."""
        with languages.reading(languages.of_browser(self.request.headers)) as language:
            title, heading, sentence, back = say.REFUSALS[reason]
            before, word, after = say.STOP.say().partition("STOP")
            context = {
                "title": title.say(),
                "heading": heading.say(),
                "sentence": sentence.say(),
                "back": back.say() if back else "",
                "stop": format_html("{}<strong>{}</strong>{}", before, word, after),
            }
            return _answer("preferences_refused", language, context, status)

    def _throttle(self, throttle: throttles.Requests | throttles.OptIns) -> None:
        if not throttle.allow_request(self.request, self):
            raise _TooMany(throttle.retry_after())


def readable(identity: str) -> str:
    """A number of ours as people write it: +1 425-555-0100; a short code or a sender ID as it is."""
    if not E164.fullmatch(identity):
        return identity
    return phonenumbers.format_number(phonenumbers.parse(identity), phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def _answer(name: str, language: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    # Without the request: nothing on the page may depend on who is logged in, or read a session.
    context = {"organisation": settings.MESSAGING["ORGANISATION"], "language": language, **context}
    return HttpResponse(render_to_string(f"optout/{name}.html", context), status=status)
