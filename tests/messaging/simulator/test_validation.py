"""Each limit of AWS's model, as boto3 lets it pass and AWS refuses it."""

from typing import Any

import pytest
from botocore.exceptions import ClientError, ParamValidationError

from messaging.simulator import Simulator
from tests.messaging.simulator.conftest import Send, answer_of

REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("a body over 1600 characters", {"body": "x" * 1601}, "MessageBody"),
    ("a body of blanks", {"body": " \n\t "}, "MessageBody"),
    ("a number with letters", {"destination": "+1425CALLME"}, "DestinationPhoneNumber"),
    ("a number that begins with 0", {"destination": "0014255550101"}, "DestinationPhoneNumber"),
    ("a number over 20 characters", {"destination": "+" + "1" * 20}, "DestinationPhoneNumber"),
    ("an identity with blanks", {"OriginationIdentity": "My Company"}, "OriginationIdentity"),
    ("an identity over 256 characters", {"OriginationIdentity": "x" * 257}, "OriginationIdentity"),
    ("an unknown message type", {"MessageType": "MARKETING"}, "MessageType"),
    ("a keyword over 30 characters", {"Keyword": "k" * 31}, "Keyword"),
    ("a configuration set with blanks", {"ConfigurationSetName": "a b"}, "ConfigurationSetName"),
    ("a price without a point", {"MaxPrice": "12"}, "MaxPrice"),
    ("a price that is too long", {"MaxPrice": "12.1234567"}, "MaxPrice"),
    ("a time to live over 72 hours", {"TimeToLive": 259_201}, "TimeToLive"),
    ("six entries of context", {"Context": {str(n): "x" for n in range(6)}}, "Context"),
    ("a context key with a blank", {"Context": {"a b": "x"}}, "Context.key"),
    ("a context key over 100 characters", {"Context": {"k" * 101: "x"}}, "Context.key"),
    ("a context value over 800 characters", {"Context": {"k": "x" * 801}}, "Context.k"),
    ("a context value with a blank at its end", {"Context": {"k": "x "}}, "Context.k"),
    ("an unknown country parameter", {"DestinationCountryParameters": {"X": "1"}},
     "DestinationCountryParameters.key"),
    ("a country parameter over 64 characters", {"DestinationCountryParameters": {"IN_ENTITY_ID": "x" * 65}},
     "DestinationCountryParameters.IN_ENTITY_ID"),
    ("a protect configuration with blanks", {"ProtectConfigurationId": "a b"}, "ProtectConfigurationId"),
]  # fmt: skip


@pytest.mark.parametrize(("parameters", "field"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_it_refuses(bare: Simulator, send: Send, parameters: dict[str, Any], field: str) -> None:
    with pytest.raises(ClientError) as caught:
        send(**parameters)
    answer = answer_of(caught)
    assert answer["Error"]["Code"] == "ValidationException"
    assert answer["Reason"] == "FIELD_VALIDATION_FAILED"
    assert [found["Name"] for found in answer["Fields"]] == [field]
    assert bare.sent == []


def test_the_longest_values_are_accepted(bare: Simulator, send: Send) -> None:
    context = {f"{n}" + "k" * 99: "v" * 800 for n in range(5)}
    assert send("+1" + "2" * 17, "x" * 1600, Context=context, TimeToLive=259_200, MaxPrice="99.12345")


def test_a_time_to_live_under_five_seconds_is_refused_by_boto3_itself(send: Send) -> None:
    with pytest.raises(ParamValidationError):
        send(TimeToLive=4)


def test_a_text_dearer_than_max_price_is_refused(send: Send) -> None:
    with pytest.raises(ClientError) as caught:
        send(body="x" * 161, MaxPrice="0.01")
    assert answer_of(caught)["Reason"] == "PRICE_OVER_THRESHOLD"
    assert send(body="x" * 160, MaxPrice="0.01")
