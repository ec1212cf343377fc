"""Trouble on demand, as the sender meets it."""

import contextlib
import json
import socket
import threading
import time
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError

from messaging.simulator import Simulator
from tests.messaging.simulator.conftest import ANN, BOB, OURS, Send, answer_of, client


def refused(send: Send, *arguments: str) -> dict[str, Any]:
    with pytest.raises(ClientError) as caught:
        send(*arguments)
    return answer_of(caught)


def test_throttling_strikes_as_often_as_it_was_told(bare: Simulator, send: Send) -> None:
    bare.faults.set("throttle", count=2)
    assert refused(send)["Error"]["Code"] == "ThrottlingException"
    assert refused(send)["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert send()
    assert bare.faults.active() == []


def test_a_server_error_is_500_and_carries_a_request_id(bare: Simulator, send: Send) -> None:
    bare.faults.set("server_error")
    answer = refused(send)
    assert (answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]) == (
        "InternalServerException",
        500,
    )
    assert answer["RequestId"]
    assert bare.sent == []


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("ServiceQuotaExceededException", "MONTHLY_SPEND_LIMIT_REACHED_FOR_TEXT"),
        ("AccessDeniedException", "ACCOUNT_DISABLED"),
        ("AccessDeniedException", None),
    ],
)
def test_it_refuses_with_any_code_and_reason(bare: Simulator, send: Send, code: str, reason: str | None) -> None:
    bare.faults.set("refuse", code=code, reason=reason)
    answer = refused(send)
    assert (answer["Error"]["Code"], answer.get("Reason")) == (code, reason)


def test_a_fault_for_one_recipient_leaves_the_others_alone(bare: Simulator, send: Send) -> None:
    bare.faults.set("opted_out", destination=ANN)
    assert refused(send, ANN)["Reason"] == "DESTINATION_PHONE_NUMBER_OPTED_OUT"
    assert send(BOB)


def test_a_fault_with_a_seed_strikes_the_same_requests_each_time(bare: Simulator, send: Send) -> None:
    def strikes() -> list[bool]:
        bare.faults.set("throttle", probability=0.5, seed=7)
        found = []
        for _ in range(12):
            before = len(bare.sent)
            with contextlib.suppress(ClientError):
                send()
            found.append(len(bare.sent) == before)
        return found

    first = strikes()
    assert first == strikes()
    assert {True, False} == set(first)


def test_a_dropped_answer_leaves_an_accepted_text(bare: Simulator, send: Send) -> None:
    bare.faults.set("drop_answer", count=1)
    with pytest.raises(ConnectionClosedError):
        send()
    assert len(bare.sent) == 1
    assert bare.requests[0].outcome == "accepted"


def test_a_lost_request_leaves_nothing(bare: Simulator, send: Send) -> None:
    bare.faults.set("lose", count=1)
    with pytest.raises(ConnectionClosedError):
        send()
    assert bare.sent == []
    assert bare.requests[0].outcome == "lost"


def test_hanging_after_acceptance_withholds_only_the_answer(bare: Simulator) -> None:
    bare.faults.set("hang_after_accept", seconds=30, count=1)
    sms = client("pinpoint-sms-voice-v2", bare.url, read_timeout=0.2)
    with pytest.raises(ReadTimeoutError):
        sms.send_text_message(DestinationPhoneNumber=ANN, OriginationIdentity=OURS, MessageBody="Hello")
    assert len(bare.sent) == 1


def test_stopping_does_not_wait_for_those_who_hang() -> None:
    simulator = Simulator(auto_delivery=False).start()
    simulator.faults.set("hang_after_accept", seconds=30)
    sms = client("pinpoint-sms-voice-v2", simulator.url, read_timeout=20)
    ended = []

    def call() -> None:
        try:
            sms.send_text_message(DestinationPhoneNumber=ANN, OriginationIdentity=OURS, MessageBody="Hello")
        except ConnectionClosedError:
            ended.append("closed")

    caller = threading.Thread(target=call)
    caller.start()
    simulator.wait_for_sent(1, 2)
    began = time.monotonic()
    simulator.stop()
    caller.join(2)
    assert ended == ["closed"]
    assert time.monotonic() - began < 2


def test_a_slow_request_is_accepted_although_its_caller_has_left(bare: Simulator) -> None:
    bare.faults.set("delay", seconds=0.3, count=1)
    sms = client("pinpoint-sms-voice-v2", bare.url, read_timeout=0.1)
    with pytest.raises(ReadTimeoutError):
        sms.send_text_message(DestinationPhoneNumber=ANN, OriginationIdentity=OURS, MessageBody="Hello")
    assert bare.sent == []
    bare.wait_for_sent(1, 2)


@pytest.mark.parametrize(
    "wrong", [{"kind": "gremlins"}, {"kind": "throttle", "count": 0}, {"kind": "throttle", "probability": 0}]
)
def test_a_fault_that_makes_no_sense_is_refused(bare: Simulator, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"choose one of|at least 1|above 0"):
        bare.faults.set(**wrong)


@pytest.mark.parametrize("seconds", [0.2, 30.0])
def test_the_log_says_for_how_long_an_answer_was_withheld(bare: Simulator, seconds: float) -> None:
    bare.faults.set("hang_after_accept", seconds=seconds, count=1)
    sms = client("pinpoint-sms-voice-v2", bare.url, read_timeout=0.4)
    with contextlib.suppress(ReadTimeoutError):
        sms.send_text_message(DestinationPhoneNumber=ANN, OriginationIdentity=OURS, MessageBody="Hello")
    sms.send_text_message(DestinationPhoneNumber=BOB, OriginationIdentity=OURS, MessageBody="Hello")
    assert [(one.answered, one.withheld_seconds) for one in bare.requests] == [(False, seconds), (True, 0.0)]


def test_an_answer_that_is_dropped_is_not_said_to_be_withheld(bare: Simulator) -> None:
    bare.faults.set("drop_answer", count=1)
    bare.faults.set("hang_after_accept", seconds=0.2, count=1)
    sms = client("pinpoint-sms-voice-v2", bare.url)
    with pytest.raises(ConnectionClosedError):
        sms.send_text_message(DestinationPhoneNumber=ANN, OriginationIdentity=OURS, MessageBody="Hello")
    sms.send_text_message(DestinationPhoneNumber=BOB, OriginationIdentity=OURS, MessageBody="Hello")
    assert [(one.answered, one.withheld_seconds) for one in bare.requests] == [(False, 0.0), (False, 0.2)]


def test_a_request_is_said_to_arrive_when_its_first_bytes_do(bare: Simulator) -> None:
    body = json.dumps({"DestinationPhoneNumber": ANN, "OriginationIdentity": OURS, "MessageBody": "Hello"}).encode()
    head = (
        b"POST / HTTP/1.1\r\nX-Amz-Target: PinpointSMSVoiceV2.SendTextMessage\r\n"
        b"Authorization: AWS4-HMAC-SHA256 x\r\nContent-Length: %d\r\n\r\n" % len(body)
    )
    host, _, port = bare.url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port))) as caller:
        for _ in range(2):
            time.sleep(0.1)
            before = time.monotonic()
            caller.sendall(head)
            after = time.monotonic()
            # Whoever reads it only now must not think that it came only now.
            time.sleep(0.1)
            caller.sendall(body)
            assert caller.recv(1000).startswith(b"HTTP/1.1 200")
            request = bare.requests[-1]
            assert before - 0.01 <= request.arrived_monotonic <= after + 0.05
            assert request.at_monotonic >= after + 0.1
