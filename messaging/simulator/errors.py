"""A refusal in the words of AWS: what boto3 turns into a ClientError."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


class ServiceError(Exception):
    """An error answer of a service: its code, HTTP status and the members boto3 exposes at the top level."""

    def __init__(self, code: str, message: str, *, status: int = 400, **members: Any) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        self.members = {name: value for name, value in members.items() if value is not None}

    @property
    def reason(self) -> str | None:
        return self.members.get("Reason")

    def json(self) -> dict[str, Any]:
        return {"__type": self.code, "Message": self.message, **self.members}


def invalid(reason: str, fields: Sequence[tuple[str, str]], message: str | None = None) -> ServiceError:
    """A ValidationException with its Fields."""
    listed = [{"Name": name, "Message": text} for name, text in fields]
    if message is None:
        noun = "error" if len(listed) == 1 else "errors"
        faults = "; ".join(f"Value at '{name}' failed to satisfy constraint: {text}" for name, text in fields)
        message = f"{len(listed)} validation {noun} detected: {faults}"
    return ServiceError("ValidationException", message, Reason=reason, Fields=listed)


def opted_out(number: str) -> ServiceError:
    return ServiceError(
        "ConflictException",
        "Destination phone number is opted out",
        Reason="DESTINATION_PHONE_NUMBER_OPTED_OUT",
        ResourceType="opted-out-number",
        ResourceId=number,
    )


def throttled() -> ServiceError:
    return ServiceError("ThrottlingException", "Rate exceeded")


def internal(request_id: str) -> ServiceError:
    message = "An internal error occurred, please try again"
    return ServiceError("InternalServerException", message, status=500, RequestId=request_id)


DEFAULT_MESSAGES: Mapping[str, str] = {
    "MONTHLY_SPEND_LIMIT_REACHED_FOR_TEXT": "The monthly spend limit for text messages has been reached",
    "ACCOUNT_DISABLED": "The account is disabled",
    "INSUFFICIENT_ACCOUNT_REPUTATION": "The account's reputation is insufficient",
    "DESTINATION_PHONE_NUMBER_OPTED_OUT": "Destination phone number is opted out",
    "DESTINATION_PHONE_NUMBER_NOT_VERIFIED": "Destination phone number is not verified",
    "DESTINATION_COUNTRY_BLOCKED": "Destination country is blocked",
}


def refusal(code: str, reason: str | None, message: str | None) -> ServiceError:
    """Any refusal a tester asks for by name. Only InternalServerException is the service's own fault."""
    text = message or DEFAULT_MESSAGES.get(reason or "", "Refused by the simulator, as it was told to")
    return ServiceError(code, text, status=500 if code.startswith("Internal") else 400, Reason=reason)
