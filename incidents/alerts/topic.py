"""CloudWatch alarms of the topics that settings.MESSAGING["TOPIC_READERS"] gives to alerts, already verified."""

import json
import logging
from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction

from incidents.alerts import intake
from incidents.alerts.formats import cloudwatch
from incidents.alerts.values import Unreadable as UnreadableAlert
from incidents.models import AlertDelivery, AlertSource, SourceKind
from messaging.outbound.delivery import Unreadable

logger = logging.getLogger(__name__)


class Alarms:
    """See messaging.contracts.TopicReader."""

    def take(self, topic_arn: str, sns_message_id: str, payload: Mapping[str, Any]) -> str:
        """Store an alarm, once however often SNS brings it. Returns a sentence for the answer.

        What no source is set up for is stored as well, as refused, and answered 200: SNS would bring it in vain.

        Raises:
            Unreadable: it is no alarm.
        """
        if AlertDelivery.objects.filter(sns_message_id=sns_message_id).exists():
            return "The alarm was stored before."
        source = AlertSource.objects.filter(topic_arn=topic_arn, kind=SourceKind.CLOUDWATCH).first()
        try:
            with transaction.atomic():
                return self._store(source, topic_arn, sns_message_id, payload)
        except IntegrityError:
            # SNS brought it twice in the same moment.
            if not AlertDelivery.objects.filter(sns_message_id=sns_message_id).exists():
                raise
            return "The alarm was stored before."
        except UnreadableAlert as problem:
            intake.refuse(source, json.dumps(payload, ensure_ascii=False), str(problem), sns_message_id=sns_message_id)
            raise Unreadable(f"The notification is no alarm of CloudWatch. {problem}") from problem

    def _store(
        self, source: AlertSource | None, topic_arn: str, sns_message_id: str, payload: Mapping[str, Any]
    ) -> str:
        reading = cloudwatch.read(payload)
        if source is None or not source.active:
            why = f"{source.name} is turned off." if source else f"No alert source has the topic {topic_arn}."
            logger.error("An alarm of CloudWatch opens nothing: %s", why)
            raw = json.dumps(payload, ensure_ascii=False)
            intake.refuse(source, raw, why, sns_message_id=sns_message_id)
            return f"The alarm is stored, but nobody is asked. {why}"
        intake.note(intake.store(source, reading, payload, sns_message_id=sns_message_id))
        return "The alarm is stored."
