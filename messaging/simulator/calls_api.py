"""Connect's StartOutboundVoiceContact: a call is written down, once per ClientToken."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from threading import Lock
from typing import Any

from messaging.simulator import clock
from messaging.simulator.errors import ServiceError
from messaging.simulator.faults import Faults
from messaging.simulator.log import Log
from messaging.simulator.records import Call
from messaging.simulator.wirelog import WireLog

NUMBER = re.compile(r"\+[1-9]\d{1,14}")
ATTRIBUTE_NAME = re.compile(r"[A-Za-z0-9_-]+")
ATTRIBUTES_BYTES = 32_768
STATUSES = {
    "DestinationNotAllowedException": 403,
    "OutboundContactNotPermittedException": 403,
    "ResourceNotFoundException": 404,
    "LimitExceededException": 429,
    "InternalServiceException": 500,
}


class CallService:
    def __init__(self, log: Log, faults: Faults, wire: WireLog) -> None:
        self._log = log
        self._faults = faults
        self._wire = wire
        self._lock = Lock()
        self._by_token: dict[tuple[str, str], str] = {
            (call.instance_id, call.client_token): call.contact_id for call in log.calls if call.client_token
        }

    def start(self, parameters: Mapping[str, Any]) -> str:
        """The ContactId of the call; the one placed before when the ClientToken was seen already."""
        number = str(parameters.get("DestinationPhoneNumber", ""))
        outcome = ""
        try:
            contact_id, outcome = self._start(parameters, number)
            return contact_id
        except ServiceError as refusal:
            outcome = refusal.code
            raise
        finally:
            good = outcome in ("calling", "same call")
            self._wire.add("in", "StartOutboundVoiceContact", number, outcome, good=good)

    def _start(self, parameters: Mapping[str, Any], number: str) -> tuple[str, str]:
        _check(parameters)
        token = parameters.get("ClientToken")
        with self._lock:
            if token and (parameters["InstanceId"], token) in self._by_token:
                return self._by_token[parameters["InstanceId"], token], "same call"
            refused = self._faults.take("refuse_call", number)
            if refused is not None:
                code = refused.code or "DestinationNotAllowedException"
                text = refused.message or "The outbound call is not allowed"
                raise ServiceError(code, text, status=STATUSES.get(code, 400))
            call = Call(
                contact_id=str(uuid.uuid4()),
                destination=number,
                instance_id=parameters["InstanceId"],
                contact_flow_id=parameters["ContactFlowId"],
                queue_id=parameters.get("QueueId"),
                source=parameters.get("SourcePhoneNumber"),
                attributes=dict(parameters.get("Attributes") or {}),
                client_token=token,
                at=clock.wall(),
            )
            self._log.add_call(call)
            if token:
                self._by_token[call.instance_id, token] = call.contact_id
            return call.contact_id, "calling"

    def reset(self) -> None:
        with self._lock:
            self._by_token.clear()


def _check(parameters: Mapping[str, Any]) -> None:
    for name in ("DestinationPhoneNumber", "ContactFlowId", "InstanceId"):
        if not parameters.get(name):
            raise ServiceError("InvalidRequestException", f"{name} is a required field")
    if not (parameters.get("QueueId") or parameters.get("SourcePhoneNumber")):
        raise ServiceError("InvalidRequestException", "QueueId or SourcePhoneNumber is required")
    for name in ("DestinationPhoneNumber", "SourcePhoneNumber"):
        if parameters.get(name) and not NUMBER.fullmatch(parameters[name]):
            raise ServiceError("InvalidParameterException", f"{name} must be in E.164 format")
    if len(parameters.get("ClientToken") or "") > 500:
        raise ServiceError("InvalidParameterException", "ClientToken must have at most 500 characters")
    ring = parameters.get("RingTimeoutInSeconds")
    if ring is not None and not 15 <= ring <= 60:
        raise ServiceError("InvalidParameterException", "RingTimeoutInSeconds must be between 15 and 60")
    attributes = parameters.get("Attributes") or {}
    size = sum(len(name.encode()) + len(str(value).encode()) for name, value in attributes.items())
    if size > ATTRIBUTES_BYTES or not all(ATTRIBUTE_NAME.fullmatch(name) for name in attributes):
        text = "Attributes: names of letters, digits, dash and underscore, 32768 bytes in all"
        raise ServiceError("InvalidParameterException", text)
