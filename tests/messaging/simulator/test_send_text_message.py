"""SendTextMessage through real boto3: what is accepted, and what is written down of it."""

import pytest
from botocore.exceptions import ClientError

from messaging.simulator import Simulator
from tests.messaging.simulator.conftest import ANN, OURS, Send, answer_of, client


def test_an_accepted_text_is_logged_with_its_context(bare: Simulator, send: Send) -> None:
    message_id = send(ANN, "Hello", Context={"textback": "17"}, MessageType="PROMOTIONAL")
    [sent] = bare.wait_for_sent(1, 1)
    assert (sent.message_id, sent.destination, sent.origination, sent.body) == (message_id, ANN, OURS, "Hello")
    assert (sent.context, sent.message_type, sent.attempt) == ({"textback": "17"}, "PROMOTIONAL", 1)


def test_the_same_content_sent_again_is_a_second_attempt(bare: Simulator, send: Send) -> None:
    first, second = send(Context={"id": "1"}), send(Context={"id": "1"})
    send(Context={"id": "2"})
    assert first != second
    assert [sent.attempt for sent in bare.sent] == [1, 2, 1]


def test_a_dry_run_is_validated_and_not_sent(bare: Simulator, send: Send) -> None:
    assert send(DryRun=True)
    with pytest.raises(ClientError):
        send("0", DryRun=True)
    assert bare.sent == []
    assert [request.outcome for request in bare.requests] == ["dry_run", "ValidationException"]


def test_a_number_on_the_carriers_opt_out_list_is_a_conflict(bare: Simulator, send: Send) -> None:
    bare.set_handset(ANN, opted_out=True)
    with pytest.raises(ClientError) as caught:
        send(ANN)
    answer = answer_of(caught)
    assert answer["Error"]["Code"] == "ConflictException"
    assert answer["Reason"] == "DESTINATION_PHONE_NUMBER_OPTED_OUT"
    assert (answer["ResourceType"], answer["ResourceId"]) == ("opted-out-number", ANN)
    assert [request.reason for request in bare.requests] == ["DESTINATION_PHONE_NUMBER_OPTED_OUT"]
    bare.set_handset(ANN, opted_out=False)
    assert send(ANN)


def test_more_than_a_numbers_mps_is_throttled_when_asked_for() -> None:
    with Simulator(mps={OURS: 2}, auto_delivery=False) as simulator:
        sms = client("pinpoint-sms-voice-v2", simulator.url)
        for last_digit in range(2):
            sms.send_text_message(
                DestinationPhoneNumber=f"+1425555010{last_digit}", OriginationIdentity=OURS, MessageBody="x"
            )
        with pytest.raises(ClientError) as caught:
            sms.send_text_message(DestinationPhoneNumber=ANN, OriginationIdentity=OURS, MessageBody="x")
        assert answer_of(caught)["Error"]["Code"] == "ThrottlingException"


def test_a_second_text_to_one_recipient_within_a_second_is_throttled_when_asked_for() -> None:
    with Simulator(per_recipient=True, auto_delivery=False) as simulator:
        sms = client("pinpoint-sms-voice-v2", simulator.url)
        sms.send_text_message(DestinationPhoneNumber=ANN, OriginationIdentity=OURS, MessageBody="1")
        with pytest.raises(ClientError, match="Rate exceeded"):
            sms.send_text_message(DestinationPhoneNumber=ANN, OriginationIdentity=OURS, MessageBody="2")


def test_waiting_for_texts_that_do_not_come_tells_what_did_come(bare: Simulator, send: Send) -> None:
    send(body="the only one")
    with pytest.raises(TimeoutError, match=r"(?s)1 of 2 texts.*the only one"):
        bare.wait_for_sent(2, 0.01)


def test_another_operation_is_refused_by_name(bare: Simulator) -> None:
    with pytest.raises(ClientError, match=r"does not know PinpointSMSVoiceV2"):
        client("pinpoint-sms-voice-v2", bare.url).describe_opt_out_lists()


def test_reset_forgets_texts_faults_and_opt_outs_but_not_the_handsets(sim: Simulator, send: Send) -> None:
    send()
    sim.faults.set("throttle")
    sim.set_handset(ANN, state="off", opted_out=True)
    sim.reset()
    assert (sim.sent, sim.requests, sim.faults.active()) == ([], [], [])
    assert sim.confirmed
    assert [(one["name"], one["state"], one["opted_out"]) for one in sim.state()["handsets"]] == [
        ("Ann", "on", False),
        ("Bob", "on", False),
    ]
    sim.text(ANN, OURS, "YES", post=False)
    assert sim.received[0].previous is None
    send()
    assert sim.sent[0].attempt == 1
