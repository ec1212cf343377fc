"""Connect's StartOutboundVoiceContact through real boto3."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from messaging.simulator import Simulator
from tests.messaging.simulator.conftest import ANN, OURS, answer_of, client

CALL = {
    "DestinationPhoneNumber": ANN,
    "ContactFlowId": "flow",
    "InstanceId": "instance",
    "SourcePhoneNumber": OURS,
}


def test_a_client_token_places_one_call(bare: Simulator) -> None:
    connect = client("connect", bare.url)
    first = connect.start_outbound_voice_contact(**CALL, ClientToken="inbound-1", Attributes={"shift": "XYZ123"})
    again = connect.start_outbound_voice_contact(**CALL, ClientToken="inbound-1")
    other = connect.start_outbound_voice_contact(**CALL, ClientToken="inbound-2")
    assert first["ContactId"] == again["ContactId"] != other["ContactId"]
    assert [call.client_token for call in bare.calls] == ["inbound-1", "inbound-2"]
    assert (bare.calls[0].destination, bare.calls[0].attributes) == (ANN, {"shift": "XYZ123"})


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"SourcePhoneNumber": None}, "InvalidRequestException"),
        ({"ContactFlowId": ""}, "InvalidRequestException"),
        ({"DestinationPhoneNumber": "4255550101"}, "InvalidParameterException"),
        ({"ClientToken": "x" * 501}, "InvalidParameterException"),
        ({"Attributes": {"a b": "c"}}, "InvalidParameterException"),
        ({"RingTimeoutInSeconds": 61}, "InvalidParameterException"),
    ],
)
def test_a_wrong_request_is_refused(bare: Simulator, change: dict[str, Any], code: str) -> None:
    parameters = {name: value for name, value in {**CALL, **change}.items() if value is not None}
    with pytest.raises(ClientError) as caught:
        client("connect", bare.url).start_outbound_voice_contact(**parameters)
    assert answer_of(caught)["Error"]["Code"] == code
    assert bare.calls == []


def test_it_can_be_set_to_refuse(bare: Simulator) -> None:
    bare.faults.set("refuse_call", count=1)
    connect = client("connect", bare.url)
    with pytest.raises(ClientError) as caught:
        connect.start_outbound_voice_contact(**CALL)
    answer = answer_of(caught)
    assert (answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]) == (
        "DestinationNotAllowedException",
        403,
    )
    assert connect.start_outbound_voice_contact(**CALL)["ContactId"]
