"""POST /webhooks/sns/: verify, store, answer. Thinking comes later, in messaging.inbound.routing.

200  the row is committed, or already was
400  403  413  can never be valid: SNS does not send it again
503  we could not tell or could not confirm just now: SNS sends it again
500  our own trouble (the database, say): likewise
"""

import logging
from collections.abc import Mapping
from functools import cache

from django.conf import settings
from django.core.signals import setting_changed
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from messaging import counted
from messaging.inbound import store
from messaging.inbound.sns import subscription
from messaging.inbound.sns.certificates import CertificateSource, CertificateStore, LocalCertificateStore
from messaging.inbound.sns.envelope import MAX_BODY_BYTES, Envelope
from messaging.inbound.sns.errors import Refused, TemporarilyUnverifiable
from messaging.inbound.sns.verify import Verifier
from messaging.outbound.delivery import Unreadable

logger = logging.getLogger(__name__)


@csrf_exempt
@require_POST
def sns(request: HttpRequest) -> HttpResponse:
    """Take one delivery of SNS: an inbound text, a delivery event, or the confirmation of a subscription."""
    # One byte beyond the limit tells; a Content-Length is only a claim.
    body = request.read(MAX_BODY_BYTES + 1)
    if len(body) > MAX_BODY_BYTES:
        counted.WEBHOOK.add("refused", "TooLarge")
        return _answer(413, f"The body is larger than {MAX_BODY_BYTES} bytes, the most that SNS sends.")
    # --- not verified above this line's success; nothing of the body may be used before it ---
    try:
        return _answer(200, take(body, request.headers))
    except Refused as refusal:
        counted.WEBHOOK.add("refused", type(refusal).__name__)
        logger.warning("Refused a delivery to the SNS webhook: %s %s", refusal, refusal.hint)
        return _answer(refusal.status, str(refusal), refusal.hint)
    except Unreadable as problem:
        counted.WEBHOOK.add("refused", "Unreadable")
        logger.warning("Refused a verified notification: %s", problem)
        return _answer(400, str(problem))
    except TemporarilyUnverifiable as problem:
        counted.WEBHOOK.add("put_off", "TemporarilyUnverifiable")
        logger.warning("Could not verify or confirm just now: %s", problem)
        return _answer(503, str(problem))


def take(body: bytes, headers: Mapping[str, str]) -> str:
    """Verify one message of SNS and do what it asks, however it came. Returns a sentence for the answer.

    When it returns, what the message carries is committed.

    Raises:
        Refused: it can never be valid.
        Unreadable: it is genuine, and neither an inbound text nor a delivery event.
        TemporarilyUnverifiable: it cannot be told or confirmed just now.
    """
    return _take(verifier().verify(body, headers))


@cache
def verifier() -> Verifier:
    """The verifier of this process, with its cache of certificates."""
    topics = [*settings.MESSAGING["SNS_TOPIC_ARNS"], *settings.MESSAGING.get("TOPIC_READERS", {})]
    return Verifier(topics, _certificates())


def _certificates() -> CertificateSource:
    # Checked here again, not only by the system check: who runs with checks off must not run with forged texts.
    path = settings.MESSAGING.get("SNS_SIGNING_CERT_FILE")
    if path and (settings.DEBUG or settings.MESSAGING.get("ALLOW_LOCAL_SNS_CERT")):
        # A certificate made for development has whatever name; its dates and its key count all the same.
        return LocalCertificateStore(path, any_name=True)
    return CertificateStore()


def _take(envelope: Envelope) -> str:
    if envelope.type == "SubscriptionConfirmation":
        arn = subscription.confirm(envelope, subscription.client_for(envelope.topic_arn))
        logger.info("Confirmed the subscription %s", arn)
        counted.WEBHOOK.add("accepted", "subscription")
        return "The subscription is confirmed."
    if envelope.type == "UnsubscribeConfirmation":
        counted.WEBHOOK.add("accepted", "end_of_subscription")
        logger.error(
            "The subscription to %s has ended: its texts no longer arrive. Subscribe again.", envelope.topic_arn
        )
        return "The end of the subscription is noted."
    return store.notification(envelope)


def _answer(status: int, message: str, hint: str = "") -> JsonResponse:
    return JsonResponse({"detail": message, **({"hint": hint} if hint else {})}, status=status)


def _forget(*, setting: str, **_: object) -> None:
    if setting in {"MESSAGING", "DEBUG"}:
        verifier.cache_clear()


setting_changed.connect(_forget)
