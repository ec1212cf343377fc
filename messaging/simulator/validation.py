"""What SendTextMessage refuses before it looks at anything else: the limits and patterns of AWS's own model.

boto3 checks minimum lengths only, so without this a request that AWS refuses would pass in development.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from messaging.simulator import errors, parts

Finding = tuple[str, str]
Check = Callable[[str, Any], list[Finding]]


def _string(longest: int, pattern: str, shortest: int = 1) -> Check:
    compiled = re.compile(pattern)

    def check(name: str, value: Any) -> list[Finding]:
        if not isinstance(value, str):
            return [(name, "Member must be a string")]
        if not shortest <= len(value) <= longest:
            return [(name, f"Member must have length between {shortest} and {longest}, inclusive")]
        if not compiled.fullmatch(value):
            return [(name, f"Member must satisfy regular expression pattern: {pattern}")]
        return []

    return check


def _choice(*choices: str) -> Check:
    def check(name: str, value: Any) -> list[Finding]:
        if value in choices:
            return []
        return [(name, f"Member must satisfy enum value set: [{', '.join(choices)}]")]

    return check


def _integer(lowest: int, highest: int) -> Check:
    def check(name: str, value: Any) -> list[Finding]:
        if isinstance(value, int) and not isinstance(value, bool) and lowest <= value <= highest:
            return []
        return [(name, f"Member must be an integer between {lowest} and {highest}, inclusive")]

    return check


def _boolean(name: str, value: Any) -> list[Finding]:
    return [] if isinstance(value, bool) else [(name, "Member must be a boolean")]


def _map(most: int, key_check: Check, value_check: Check) -> Check:
    def check(name: str, value: Any) -> list[Finding]:
        if not isinstance(value, dict):
            return [(name, "Member must be a map")]
        found: list[Finding] = []
        if len(value) > most:
            found.append((name, f"Member must have length less than or equal to {most}"))
        for key, item in value.items():
            found += key_check(f"{name}.key", key)
            found += value_check(f"{name}.{key}", item)
        return found

    return check


CHECKS: Mapping[str, Check] = {
    "DestinationPhoneNumber": _string(20, r"\+?[1-9][0-9]{1,18}"),
    "OriginationIdentity": _string(256, r"[A-Za-z0-9_:/\+-]+"),
    "MessageBody": _string(1600, r"(?!\s*$)[\s\S]+"),
    "MessageType": _choice("TRANSACTIONAL", "PROMOTIONAL"),
    "Keyword": _string(30, r"[ \S]+"),
    "ConfigurationSetName": _string(256, r"[A-Za-z0-9_:/-]+"),
    "MaxPrice": _string(8, r"[0-9]{0,2}\.[0-9]{1,5}", shortest=2),
    "TimeToLive": _integer(5, 259_200),
    "Context": _map(5, _string(100, r"\S+"), _string(800, r"(?!\s)[\s\S]+(?<!\s)")),
    "DestinationCountryParameters": _map(10, _choice("IN_TEMPLATE_ID", "IN_ENTITY_ID"), _string(64, r"\S+")),
    "DryRun": _boolean,
    "ProtectConfigurationId": _string(256, r"[A-Za-z0-9_:/-]+"),
    "MessageFeedbackEnabled": _boolean,
}


def check(parameters: Mapping[str, Any]) -> None:
    """Raise the ValidationException that AWS would give for these parameters, if any."""
    missing = [name for name in ("DestinationPhoneNumber", "MessageBody") if parameters.get(name) is None]
    if missing:
        raise errors.invalid("MISSING_PARAMETER", [(name, "Member must not be null") for name in missing])
    found: list[Finding] = []
    for name, value in parameters.items():
        if name in CHECKS and value is not None:
            found += CHECKS[name](name, value)
    if found:
        raise errors.invalid("FIELD_VALIDATION_FAILED", found)
    ceiling = parameters.get("MaxPrice")
    if ceiling is not None and parts.price(parameters["MessageBody"]) > float(ceiling):
        text = "The price of the message is higher than MaxPrice"
        raise errors.invalid("PRICE_OVER_THRESHOLD", [("MaxPrice", text)], text)
