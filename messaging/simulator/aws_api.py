"""One address for three services, told apart by target header, form or path, answered in their dialects."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

from messaging.simulator import errors
from messaging.simulator.account_api import Account
from messaging.simulator.calls_api import CallService
from messaging.simulator.errors import ServiceError
from messaging.simulator.messages import Answer, Request
from messaging.simulator.records import Notification
from messaging.simulator.subscriptions import Subscription, Subscriptions
from messaging.simulator.texts_api import Lost, TextService
from messaging.simulator.wirelog import WireLog

TARGET = "PinpointSMSVoiceV2."
CALLS_PATH = "/contact/outbound-voice"
JSON_1_0 = "application/x-amz-json-1.0"
FORM = "application/x-www-form-urlencoded"
NAMESPACE = "http://sns.amazonaws.com/doc/2010-03-31/"
UNSIGNED = ServiceError("MissingAuthenticationTokenException", "Sign the request; any credentials will do", status=403)


class AwsApi:
    def __init__(
        self,
        texts: TextService,
        calls: CallService,
        subscriptions: Subscriptions,
        wire: WireLog,
        release: Callable[[list[Notification]], None],
        on_confirmed: Callable[[], None],
        account: Account,
    ) -> None:
        self._account = account
        self._texts = texts
        self._calls = calls
        self._subscriptions = subscriptions
        self._wire = wire
        self._release = release
        self._on_confirmed = on_confirmed

    def answer(self, request: Request) -> Answer | None:
        """The service's answer; None when this is no AWS request at all."""
        if request.method == "PUT" and request.path == CALLS_PATH:
            return self._call(request)
        if request.method != "POST" or request.path != "/":
            return None
        target = request.headers.get("x-amz-target")
        if target is not None:
            return self._text(request, target)
        return self._sns(request) if request.content_type == FORM else None

    def _text(self, request: Request, target: str) -> Answer:
        try:
            if not request.signed:
                raise UNSIGNED
            operation = target.removeprefix(TARGET)
            if self._account.knows(operation):
                return _json_1_0(self._account.answer(operation, _object(request.body)), 200)
            if operation != "SendTextMessage":
                raise ServiceError("UnknownOperationException", f"The simulator does not know {target}")
            accepted = self._texts.send(_object(request.body), request.arrived)
        except ServiceError as refusal:
            return _json_1_0(refusal.json(), refusal.status)
        except Lost:
            return Answer(silent=True)
        if not accepted.answered:
            return Answer(silent=True)
        answer = _json_1_0({"MessageId": accepted.message_id}, 200)
        if not accepted.withhold_seconds:
            return answer
        told = partial(self._texts.told, accepted.message_id)
        return replace(answer, withhold_seconds=accepted.withhold_seconds, before=told)

    def _call(self, request: Request) -> Answer:
        try:
            if not request.signed:
                raise UNSIGNED
            contact_id = self._calls.start(_object(request.body))
        except ServiceError as refusal:
            headers = {"x-amzn-ErrorType": refusal.code}
            return Answer(refusal.status, json.dumps({"Message": refusal.message}).encode(), headers=headers)
        return Answer(200, json.dumps({"ContactId": contact_id}).encode())

    def _sns(self, request: Request) -> Answer:
        parameters = dict(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True))
        try:
            subscription = self._confirm(parameters, signed=request.signed)
        except ServiceError as refusal:
            topic = parameters.get("TopicArn", "").rpartition(":")[2]
            self._wire.add("in", parameters.get("Action", "SNS"), topic, refusal.code, good=False)
            inner = (
                f"<Error><Type>Sender</Type><Code>{escape(refusal.code)}</Code>"
                f"<Message>{escape(refusal.message)}</Message></Error><RequestId>{uuid.uuid4()}</RequestId>"
            )
            return _xml(f'<ErrorResponse xmlns="{NAMESPACE}">{inner}</ErrorResponse>', refusal.status)
        inner = (
            f"<ConfirmSubscriptionResult><SubscriptionArn>{escape(subscription.arn)}</SubscriptionArn>"
            "</ConfirmSubscriptionResult>"
            f"<ResponseMetadata><RequestId>{uuid.uuid4()}</RequestId></ResponseMetadata>"
        )
        document = f'<ConfirmSubscriptionResponse xmlns="{NAMESPACE}">{inner}</ConfirmSubscriptionResponse>'
        return _xml(document, 200)

    def _confirm(self, parameters: dict[str, str], *, signed: bool) -> Subscription:
        action = parameters.get("Action")
        if action != "ConfirmSubscription":
            text = f"The simulator knows ConfirmSubscription only, not {action}"
            raise ServiceError("InvalidAction", text)
        authenticate = parameters.get("AuthenticateOnUnsubscribe", "false").lower()
        if authenticate not in ("true", "false"):
            raise ServiceError("InvalidParameter", "Invalid parameter: AuthenticateOnUnsubscribe")
        if authenticate == "true" and not signed:
            text = "AuthenticateOnUnsubscribe asks for a signed request"
            raise ServiceError("AuthorizationError", text, status=403)
        topic_arn = parameters.get("TopicArn", "")
        if not topic_arn.startswith("arn:"):
            raise ServiceError("InvalidParameter", "Invalid parameter: TopicArn")
        subscription = self._subscriptions.get(topic_arn)
        if subscription is None:
            raise ServiceError("NotFound", "Topic does not exist", status=404)
        if parameters.get("Token") != subscription.token:
            raise ServiceError("InvalidParameter", "Invalid parameter: Token")
        released = self._subscriptions.confirm(subscription, authenticate=authenticate == "true")
        self._wire.add("in", action, topic_arn.rpartition(":")[2], "confirmed", good=True)
        self._on_confirmed()
        self._release(released)
        return subscription


def _object(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body or b"{}")
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise errors.invalid("CANNOT_PARSE", [("body", "Not a JSON object")], "The request cannot be parsed")
    return value


def _json_1_0(value: dict[str, Any], status: int) -> Answer:
    return Answer(status, json.dumps(value).encode(), JSON_1_0)


def _xml(document: str, status: int) -> Answer:
    return Answer(status, document.encode(), "text/xml")
