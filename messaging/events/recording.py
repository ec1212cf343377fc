"""What came of a try, written down. The writer of what an endpoint's state owes to its answers."""

import logging
import random
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from messaging import wakeups
from messaging.events import claiming, verdicts
from messaging.events.claiming import Claim
from messaging.events.publishing import WORK_LIST
from messaging.events.verdicts import Answer, Decision, Verdict
from messaging.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint

logger = logging.getLogger(__name__)

Status = WebhookDelivery.Status


@transaction.atomic
def record(claim: Claim, answer: Answer, now: datetime) -> None:
    """Write down what came of a claim.

    That an event was delivered is true whoever has the endpoint by now. What a failure means for the endpoint is said
    by whoever has it: late news of a lease that ran out moves nothing.
    """
    endpoint = WebhookEndpoint.objects.select_for_update(no_key=True).filter(pk=claim.endpoint).first()
    if endpoint is None:
        # Deleted in this moment, with all that waited.
        return
    # Locked, so that nobody deletes it before the try is written.
    if WebhookDelivery.objects.select_for_update(no_key=True).filter(pk=claim.delivery).first():
        WebhookAttempt.objects.create(
            delivery_id=claim.delivery,
            endpoint_id=endpoint.pk,
            at=now,
            milliseconds=answer.milliseconds,
            status_code=answer.status_code,
            problem=answer.problem,
            response=answer.response,
        )
    decision = _decide(claim, endpoint, answer, now)
    is_old = claim.letter.url != endpoint.url
    if decision.verdict is Verdict.DELIVERED:
        WebhookDelivery.objects.filter(pk=claim.delivery, status=Status.WAITING).update(
            status=Status.DELIVERED, ended_at=now
        )
        WebhookEndpoint.objects.filter(pk=endpoint.pk).update(delivered_at=now)
    if endpoint.lease_owner == claim.lease:
        if is_old and not claim.problem and decision.verdict is not Verdict.DELIVERED:
            # The address was changed meanwhile: what the old one says, 410 above all, is nothing against the new one.
            claiming.give_back(endpoint.pk, claim.lease)
            wakeups.wake(WORK_LIST)
        else:
            _move_on(endpoint, decision, now)


def _decide(claim: Claim, endpoint: WebhookEndpoint, answer: Answer, now: datetime) -> Decision:
    if claim.problem:
        return Decision(Verdict.DISABLE, reason=claim.problem)
    return verdicts.decide(
        answer,
        failures=endpoint.failures + 1,
        failing_for=now - endpoint.failing_since if endpoint.failing_since else timedelta(0),
        chance=random.random(),
    )


def _move_on(endpoint: WebhookEndpoint, decision: Decision, now: datetime) -> None:
    """Give the lease back, with what the answer means for the next try."""
    mine = WebhookEndpoint.objects.filter(pk=endpoint.pk, lease_owner=endpoint.lease_owner)
    given_back = {"lease_owner": "", "lease_expires_at": None}
    if decision.verdict is Verdict.DELIVERED:
        mine.update(**given_back, failures=0, failing_since=None, next_try_at=None)
        return
    failed = {"failures": F("failures") + 1, "failing_since": endpoint.failing_since or now}
    if decision.verdict is Verdict.DISABLE:
        # Somebody may have switched it off in this moment: theirs is the reason.
        disabled = (
            {}
            if endpoint.disabled_at
            else {
                "disabled_at": now,
                "disabled_reason": decision.reason[:300],
                "disabled_by": "",
                "dropped": 0,
                "dropped_through": None,
            }
        )
        mine.update(**given_back, **failed, **disabled, next_try_at=None)
        logger.warning("Webhook endpoint %s is switched off: %s", endpoint.pk, decision.reason)
        return
    again_at = now + decision.after
    mine.update(**given_back, **failed, next_try_at=again_at)
    wakeups.wake_at(WORK_LIST, again_at)
