"""What Amazon Connect is sent, and what becomes of its answers: real boto3 against the simulator."""

from typing import Any

import pytest

from messaging.simulator import Simulator
from shifts.calls import connect as module
from shifts.calls.connect import AmazonConnect, Call, is_set_up
from shifts.calls.decisions import NO_ANSWER, NO_CONNECTION, NO_CREDENTIALS, NO_REGION, NOT_SET_UP, NotPlaced
from tests.messaging.factories import ANN
from tests.shifts.calls.between import Between

CALL = Call("inbound-1", ANN, 7, "july")


def refused() -> NotPlaced:
    with pytest.raises(NotPlaced) as caught:
        AmazonConnect().start(CALL)
    return caught.value


def test_the_request(simulator: Simulator, connect: None) -> None:
    contact_id = AmazonConnect().start(CALL)
    [call] = simulator.calls
    assert call.contact_id == contact_id
    assert (call.destination, call.client_token) == (ANN, "inbound-1")
    assert (call.instance_id, call.contact_flow_id) == ("instance", "flow")
    assert (call.queue_id, call.source) == ("queue", "+14255550199")
    assert call.attributes == {"textback_callback": "7", "textback_campaign": "july"}


@pytest.mark.parametrize("missing", ["CONNECT_QUEUE_ID", "CONNECT_SOURCE_PHONE_NUMBER"])
def test_a_queue_or_a_number_is_enough(simulator: Simulator, connect: None, settings: Any, missing: str) -> None:
    setattr(settings, missing, "")
    assert AmazonConnect().start(Call("inbound-1", ANN, 7))
    [call] = simulator.calls
    assert [call.queue_id, call.source].count(None) == 1
    assert "textback_campaign" not in call.attributes


@pytest.mark.parametrize("missing", [("INSTANCE_ID",), ("CONTACT_FLOW_ID",), ("QUEUE_ID", "SOURCE_PHONE_NUMBER")])
def test_what_is_not_set_up_is_not_asked(connect: None, settings: Any, missing: tuple[str, ...]) -> None:
    assert is_set_up()
    for name in missing:
        setattr(settings, f"CONNECT_{name}", "")
    assert not is_set_up()
    assert refused().code == NOT_SET_UP


def test_a_refusal_has_awss_code_words_and_status(simulator: Simulator, connect: None) -> None:
    simulator.faults.set("refuse_call", code="OutboundContactNotPermittedException", message="Not at night.")
    problem = refused()
    assert (problem.code, problem.reason, problem.status) == (
        "OutboundContactNotPermittedException", "Not at night.", 403,
    )  # fmt: skip


@pytest.mark.parametrize(("todo", "code"), [("drop", NO_ANSWER), ("lose", NO_ANSWER), (("502", 502), "502")])
def test_trouble_on_the_way_and_nothing_repeated_by_boto3(
    between: Between, todo: str | tuple[str, int], code: str
) -> None:
    between.next = [todo]
    assert refused().code == code
    assert between.tokens == ["inbound-1"]


def test_an_answer_that_does_not_come_is_not_waited_for(between: Between, monkeypatch: pytest.MonkeyPatch) -> None:
    assert vars(module._CONFIG)["read_timeout"] == 10
    monkeypatch.setattr(module._CONFIG, "read_timeout", 0.2)
    between.next = ["hold"]
    problem = refused()
    assert (problem.code, "ReadTimeoutError" in problem.reason) == (NO_ANSWER, True)
    assert between.tokens == ["inbound-1"]


def test_nobody_there(simulator: Simulator, connect: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_CONNECT", "http://127.0.0.1:9")
    assert refused().code == NO_CONNECTION


def test_no_credentials(simulator: Simulator, connect: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    assert refused().code == NO_CREDENTIALS


def test_no_region(simulator: Simulator, connect: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    assert refused().code == NO_REGION


def test_one_client_for_a_process(simulator: Simulator, connect: None) -> None:
    one = AmazonConnect()
    one.start(CALL)
    first = one._client
    one.start(CALL)
    assert one._client is first
    assert len(simulator.calls) == 1
