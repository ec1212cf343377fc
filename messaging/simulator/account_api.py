"""What belongs to the account: phone numbers, pools, sender IDs, configuration sets. Read and changed as by the API.

Members and errors as in botocore's model of pinpoint-sms-voice-v2 (2022-03-31). Nothing here changes what is sent.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping
from threading import Lock
from typing import Any

from messaging.simulator.errors import ServiceError, invalid

Rows = dict[str, dict[str, Any]]
_NUMBER_FLAGS = (
    "TwoWayEnabled",
    "SelfManagedOptOutsEnabled",
    "InternationalSendingEnabled",
    "DeletionProtectionEnabled",
)
_NUMBER_WORDS = ("TwoWayChannelArn", "TwoWayChannelRole", "OptOutListName")
_POOL_FLAGS = ("TwoWayEnabled", "SelfManagedOptOutsEnabled", "SharedRoutesEnabled", "DeletionProtectionEnabled")
_MOST_ON_A_PAGE = 100


class Account:
    """Empty at first; tests and the command line put into it what an account would have."""

    def __init__(self, region: str, account_id: str) -> None:
        self._arn = f"arn:aws:sms-voice:{region}:{account_id}:"
        self._lock = Lock()
        self.numbers: Rows = {}
        self.pools: Rows = {}
        self.sender_ids: Rows = {}
        self.configuration_sets: Rows = {}
        self._answers: Mapping[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
            "DescribePhoneNumbers": lambda asked: _page(
                asked, self._chosen(asked, "PhoneNumberIds", self.numbers, "phone-number"), "PhoneNumbers"
            ),
            "DescribePools": lambda asked: _page(asked, self._chosen(asked, "PoolIds", self.pools, "pool"), "Pools"),
            "DescribeSenderIds": lambda asked: _page(asked, self.sender_ids.values(), "SenderIds"),
            "DescribeConfigurationSets": lambda asked: _page(
                asked,
                self._chosen(asked, "ConfigurationSetNames", self.configuration_sets, "configuration-set"),
                "ConfigurationSets",
            ),
            "UpdatePhoneNumber": self._update_number,
            "UpdatePool": self._update_pool,
            "CreateConfigurationSet": self._create_configuration_set,
            "CreateEventDestination": self._create_event_destination,
            "UpdateEventDestination": self._update_event_destination,
        }

    def knows(self, operation: str) -> bool:
        """Whether this is an operation on the account."""
        return operation in self._answers

    def answer(self, operation: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        """The answer's members. Raises ServiceError as AWS does."""
        with self._lock:
            return self._answers[operation](asked)

    def add_number(self, number: str, number_type: str = "LONG_CODE", country: str = "US", **members: Any) -> str:
        """A phone number of the account; returns its PhoneNumberId."""
        key = f"phone-{uuid.uuid4().hex}"
        self.numbers[key] = {
            "PhoneNumberArn": f"{self._arn}phone-number/{key}",
            "PhoneNumberId": key,
            "PhoneNumber": number,
            "Status": "ACTIVE",
            "IsoCountryCode": country,
            "MessageType": "TRANSACTIONAL",
            "NumberCapabilities": ["SMS"],
            "NumberType": number_type,
            "MonthlyLeasingPrice": "1.00",
            "OptOutListName": "Default",
            "CreatedTimestamp": 1_767_225_600,
            **dict.fromkeys(_NUMBER_FLAGS, False),
            **members,
        }
        return key

    def add_pool(self, *numbers: str, **members: Any) -> str:
        """A pool of numbers, by their ids; returns its PoolId."""
        key = f"pool-{uuid.uuid4().hex}"
        self.pools[key] = {
            "PoolArn": f"{self._arn}pool/{key}",
            "PoolId": key,
            "Status": "ACTIVE",
            "MessageType": "TRANSACTIONAL",
            "OptOutListName": "Default",
            "CreatedTimestamp": 1_767_225_600,
            **dict.fromkeys(_POOL_FLAGS, False),
            **members,
        }
        for number in numbers:
            self.numbers[number]["PoolId"] = key
        return key

    def add_sender_id(self, name: str, country: str, **members: Any) -> None:
        """A sender ID, which exists for one country."""
        self.sender_ids[f"{name}/{country}"] = {
            "SenderIdArn": f"{self._arn}sender-id/{name}/{country}",
            "SenderId": name,
            "IsoCountryCode": country,
            "MessageTypes": ["TRANSACTIONAL"],
            "MonthlyLeasingPrice": "0.00",
            "DeletionProtectionEnabled": False,
            "Registered": False,
            **members,
        }

    def clear(self) -> None:
        """An account that owns nothing."""
        for rows in (self.numbers, self.pools, self.sender_ids, self.configuration_sets):
            rows.clear()

    def _chosen(self, asked: Mapping[str, Any], ids: str, rows: Rows, kind: str) -> Iterable[dict[str, Any]]:
        wanted = asked.get(ids)
        return [self._one(rows, key, kind) for key in wanted] if wanted else rows.values()

    def _one(self, rows: Rows, key: str, kind: str) -> dict[str, Any]:
        # An ARN will do as well as an id.
        row = rows.get(str(key).rpartition("/")[2])
        if row is None:
            raise ServiceError(
                "ResourceNotFoundException", "The requested resource does not exist", ResourceType=kind, ResourceId=key
            )
        return row

    def _update_number(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        row = self._one(self.numbers, _needed(asked, "PhoneNumberId"), "phone-number")
        if row.get("PoolId") and any(name in asked for name in ("TwoWayEnabled", "SelfManagedOptOutsEnabled")):
            raise ServiceError(
                "ConflictException",
                "The phone number is associated to a pool",
                Reason="PHONE_NUMBER_ASSOCIATED_TO_POOL",
                ResourceType="phone-number",
                ResourceId=row["PhoneNumberId"],
            )
        return self._update(row, asked, _NUMBER_FLAGS)

    def _update_pool(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        return self._update(self._one(self.pools, _needed(asked, "PoolId"), "pool"), asked, _POOL_FLAGS)

    def _update(self, row: dict[str, Any], asked: Mapping[str, Any], flags: Iterable[str]) -> dict[str, Any]:
        changed = row | {name: asked[name] for name in (*flags, *_NUMBER_WORDS) if name in asked}
        if changed["TwoWayEnabled"] and not changed.get("TwoWayChannelArn"):
            raise invalid("MISSING_PARAMETER", [("TwoWayChannelArn", "A two-way channel is needed")])
        if changed["SelfManagedOptOutsEnabled"] and not changed["TwoWayEnabled"]:
            raise ServiceError(
                "ConflictException",
                "Self-managed opt-outs need two-way messaging",
                Reason="SELF_MANAGED_OPT_OUTS_NOT_SUPPORTED",
            )
        row.update(changed)
        return row

    def _create_configuration_set(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        name = _needed(asked, "ConfigurationSetName")
        if name in self.configuration_sets:
            raise ServiceError(
                "ConflictException", "The resource already exists", Reason="RESOURCE_ALREADY_EXISTS",
                ResourceType="configuration-set", ResourceId=name,
            )  # fmt: skip
        self.configuration_sets[name] = {
            "ConfigurationSetArn": f"{self._arn}configuration-set/{name}",
            "ConfigurationSetName": name,
            "EventDestinations": [],
            "CreatedTimestamp": 1_767_225_600,
        }
        return {key: value for key, value in self.configuration_sets[name].items() if key != "EventDestinations"}

    def _create_event_destination(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        row = self._one(self.configuration_sets, _needed(asked, "ConfigurationSetName"), "configuration-set")
        name = _needed(asked, "EventDestinationName")
        if any(one["EventDestinationName"] == name for one in row["EventDestinations"]):
            raise ServiceError("ConflictException", "The resource already exists", Reason="RESOURCE_ALREADY_EXISTS")
        destination = {
            "EventDestinationName": name,
            "Enabled": True,
            "MatchingEventTypes": list(asked.get("MatchingEventTypes") or []),
            **({"SnsDestination": asked["SnsDestination"]} if "SnsDestination" in asked else {}),
        }
        row["EventDestinations"].append(destination)
        return _with(row, destination)

    def _update_event_destination(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        row = self._one(self.configuration_sets, _needed(asked, "ConfigurationSetName"), "configuration-set")
        name = _needed(asked, "EventDestinationName")
        for destination in row["EventDestinations"]:
            if destination["EventDestinationName"] == name:
                for member in ("Enabled", "MatchingEventTypes", "SnsDestination"):
                    if member in asked:
                        destination[member] = asked[member]
                return _with(row, destination)
        raise ServiceError("ResourceNotFoundException", "The requested resource does not exist", ResourceId=name)


def _needed(asked: Mapping[str, Any], name: str) -> str:
    value = asked.get(name)
    if not isinstance(value, str) or not value:
        raise invalid("MISSING_PARAMETER", [(name, "Member must not be null")])
    return value


def _page(asked: Mapping[str, Any], rows: Iterable[dict[str, Any]], name: str) -> dict[str, Any]:
    rows = list(rows)
    begin = int(asked.get("NextToken") or 0)
    end = begin + int(asked.get("MaxResults") or _MOST_ON_A_PAGE)
    return {name: rows[begin:end], **({"NextToken": str(end)} if end < len(rows) else {})}


def _with(row: Mapping[str, Any], destination: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "ConfigurationSetArn": row["ConfigurationSetArn"],
        "ConfigurationSetName": row["ConfigurationSetName"],
        "EventDestination": destination,
    }
