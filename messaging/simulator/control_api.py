"""The simulator's own HTTP API, which its page lives on: state, handsets, texts, faults, event stream."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from messaging.simulator.faults import KINDS, Faults
from messaging.simulator.hub import Hub
from messaging.simulator.messages import Answer, Request, as_json, error
from messaging.simulator.records import HANDSET_STATES, Handset

PREFIX = "/simulator/api"
NUMBER = re.compile(r"\+[1-9]\d{6,14}")
ADDRESS = re.compile(r"\+?\d{3,15}")
FAULT_FIELDS = {
    "count": int, "probability": float, "seed": int, "destination": str, "seconds": float, "code": str,
    "reason": str, "message": str, "copies": int,
}  # fmt: skip


class Refused(Exception):
    def __init__(self, text: str, status: int = 400) -> None:
        super().__init__(text)
        self.status = status


class Operations(Protocol):
    """What the API may do: the same operations tests call from Python."""

    faults: Faults

    def state(self) -> dict[str, Any]: ...
    def add_handset(self, name: str, number: str) -> Handset: ...
    def has_handset(self, number: str) -> bool: ...
    def set_handset(self, number: str, *, state: str | None = None, opted_out: bool | None = None) -> None: ...
    def text_in_background(self, from_number: str, to_number: str, body: str) -> str: ...
    def clear_log(self) -> None: ...
    def redrive(self) -> int: ...
    def ask_for_confirmation(self) -> None: ...


class ControlApi:
    def __init__(self, operations: Operations, hub: Hub) -> None:
        self._do = operations
        self._hub = hub
        self._routes: list[tuple[str, re.Pattern[str], Callable[..., Answer]]] = [
            ("GET", re.compile("/state"), self._state),
            ("GET", re.compile("/events"), self._events),
            ("POST", re.compile("/handsets"), self._add_handset),
            ("POST", re.compile(r"/handsets/([^/]+)"), self._set_handset),
            ("POST", re.compile("/texts"), self._text),
            ("DELETE", re.compile("/log"), self._clear_log),
            ("GET", re.compile("/faults"), self._get_faults),
            ("PUT", re.compile("/faults"), self._set_fault),
            ("DELETE", re.compile("/faults"), self._clear_faults),
            ("POST", re.compile("/dead-letters"), self._redrive),
            ("POST", re.compile("/confirmations"), self._ask),
        ]

    def answer(self, request: Request) -> Answer:
        path = request.path.removeprefix(PREFIX)
        others = []
        for method, pattern, action in self._routes:
            match = pattern.fullmatch(path)
            if match is None:
                continue
            if method != request.method:
                others.append(method)
                continue
            try:
                return action(request, *match.groups())
            except Refused as refusal:
                return error(refusal.status, str(refusal))
        if others:
            return error(405, f"{request.method} does nothing here; use {' or '.join(others)}")
        known = ", ".join(sorted({pattern.pattern.replace("([^/]+)", "{number}") for _, pattern, _ in self._routes}))
        return error(404, f"There is nothing at {request.path}; under {PREFIX} there are {known}")

    def _state(self, request: Request) -> Answer:
        return as_json(self._do.state())

    def _events(self, request: Request) -> Answer:
        return Answer(feed=self._hub.open())

    def _add_handset(self, request: Request) -> Answer:
        data = _fields(request, {"name": str, "number": str})
        name, number = data.get("name", "").strip(), _compact(data.get("number", ""))
        if not name or len(name) > 40:
            raise Refused("name: give one of 1 to 40 characters")
        if not NUMBER.fullmatch(number):
            raise Refused("number: give it in E.164 form, e.g. +14255550101")
        return as_json(_handset(self._do.add_handset(name, number)), 201)

    def _set_handset(self, request: Request, number: str) -> Answer:
        if not self._do.has_handset(number):
            raise Refused(f"No handset has the number {number}; add it with POST {PREFIX}/handsets", 404)
        data = _fields(request, {"state": str, "opted_out": bool})
        if not data:
            raise Refused("Give state, opted_out or both")
        if data.get("state", "on") not in HANDSET_STATES:
            raise Refused(f"state: choose one of {', '.join(HANDSET_STATES)}")
        self._do.set_handset(number, state=data.get("state"), opted_out=data.get("opted_out"))
        return as_json({"number": number, **data})

    def _text(self, request: Request) -> Answer:
        data = _fields(request, {"from": str, "to": str, "body": str})
        sender, receiver = _compact(data.get("from", "")), _compact(data.get("to", ""))
        body = data.get("body", "")
        if not NUMBER.fullmatch(sender):
            raise Refused("from: give the handset's number in E.164 form, e.g. +14255550101")
        if not ADDRESS.fullmatch(receiver):
            raise Refused("to: give a phone number or a short code; a sender ID cannot be answered")
        if not body.strip() or len(body) > 1600:
            raise Refused("body: give a text of 1 to 1600 characters")
        return as_json({"inboundMessageId": self._do.text_in_background(sender, receiver, body)}, 202)

    def _clear_log(self, request: Request) -> Answer:
        self._do.clear_log()
        return as_json({"cleared": True})

    def _get_faults(self, request: Request) -> Answer:
        return as_json(faults_as_json(self._do.faults))

    def _set_fault(self, request: Request) -> Answer:
        data = _fields(request, {"kind": str, **FAULT_FIELDS})
        kind = data.pop("kind", "")
        try:
            self._do.faults.set(kind, **data)
        except ValueError as wrong:
            raise Refused(str(wrong)) from None
        return as_json(faults_as_json(self._do.faults))

    def _clear_faults(self, request: Request) -> Answer:
        try:
            self._do.faults.clear(request.query.get("kind"))
        except ValueError as wrong:
            raise Refused(str(wrong)) from None
        return as_json(faults_as_json(self._do.faults))

    def _redrive(self, request: Request) -> Answer:
        return as_json({"sent_again": self._do.redrive()}, 202)

    def _ask(self, request: Request) -> Answer:
        self._do.ask_for_confirmation()
        return as_json({"asked": True}, 202)


def faults_as_json(faults: Faults) -> dict[str, Any]:
    return {"kinds": KINDS, "active": [fault.as_json() for fault in faults.active()]}


def _handset(handset: Handset) -> dict[str, Any]:
    return {"name": handset.name, "number": handset.number, "state": handset.state}


def _compact(number: str) -> str:
    return re.sub(r"[\s().-]", "", number)


def _fields(request: Request, known: Mapping[str, type]) -> dict[str, Any]:
    """The JSON object of the request, its fields known and of the right type; null means left out.

    The content type is asked for because a form on a foreign web page cannot send it unasked.
    """
    if request.content_type != "application/json":
        raise Refused("Send JSON, with Content-Type: application/json", 415)
    try:
        data = json.loads(request.body)
    except ValueError:
        data = None
    if not isinstance(data, dict):
        raise Refused("Send a JSON object")
    for name, value in data.items():
        if name not in known:
            raise Refused(f"{name}: no such field; there are {', '.join(known)}")
        kind = known[name]
        fits = isinstance(value, (int, float) if kind is float else kind)
        if value is not None and (not fits or (isinstance(value, bool) and kind is not bool)):
            raise Refused(f"{name}: must be of type {kind.__name__}")
    return {name: value for name, value in data.items() if value is not None}
