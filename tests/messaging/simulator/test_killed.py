"""What outlives kill -9: a simulator that is never stopped, and another on the same journal."""

import json
import socket
from pathlib import Path

import pytest

from messaging.simulator import Simulator
from messaging.simulator.storage import FILE, read
from tests.messaging.simulator.conftest import ANN, BOB, OURS, Webhook, client, eventually


class Killed(Simulator):
    """Does nothing any more, and says no goodbye; what its threads still hold is forgotten as by a kill."""

    def kill(self) -> None:
        self._stopping.set()
        self._scheduler.stop()
        assert self._server is not None
        self._server.stop()


def simulator(path: Path, webhook: Webhook, **more: object) -> Killed:
    return Killed(state_dir=path, webhook_url=webhook.url, retry_seconds=0.02, **more)  # type: ignore[arg-type]


def killed(path: Path, webhook: Webhook, **more: object) -> Killed:
    one = simulator(path, webhook, **more)
    one.confirm_directly()
    one.start()
    return one


def send(url: str, destination: str = ANN) -> str:
    sms = client("pinpoint-sms-voice-v2", url)
    answer = sms.send_text_message(DestinationPhoneNumber=destination, OriginationIdentity=OURS, MessageBody="Hi")
    return str(answer["MessageId"])


def test_what_was_accepted_is_in_the_journal_when_the_caller_hears_of_it(tmp_path: Path, webhook: Webhook) -> None:
    first = killed(tmp_path, webhook, auto_delivery=False)
    message_id = send(first.url)
    facts = [(kind, record.get("message_id")) for kind, record in read(tmp_path / FILE)]
    assert ("sent", message_id) in facts
    assert ("request", message_id) in facts
    first.kill()
    assert Simulator(state_dir=tmp_path).sent == first.sent


def test_the_journal_says_when_an_answer_that_was_withheld_was_given(tmp_path: Path, webhook: Webhook) -> None:
    one = killed(tmp_path, webhook)
    one.faults.set("hang_after_accept", seconds=0.4, count=1)
    send(one.url)
    send(one.url, BOB)
    one.kill()
    facts = list(read(tmp_path / FILE))
    accepted = [record for kind, record in facts if kind == "sent"]
    told = [record for kind, record in facts if kind == "told"]
    assert [record["message_id"] for record in told] == [accepted[0]["message_id"]]
    assert told[0]["written_at"] - accepted[0]["at"] >= 0.4


def test_a_text_accepted_and_not_delivered_yet_is_delivered_by_the_next(tmp_path: Path, webhook: Webhook) -> None:
    first = killed(tmp_path, webhook, delivery_delay=60)
    message_id = send(first.url)
    first.kill()
    with simulator(tmp_path, webhook, delivery_delay=0.01):
        eventually(lambda: [one for one in webhook.messages() if one["messageId"] == message_id])


def test_a_text_whose_event_was_taken_has_no_second_one(tmp_path: Path, webhook: Webhook) -> None:
    first = killed(tmp_path, webhook, delivery_delay=0.01)
    send(first.url)
    eventually(webhook.messages)
    eventually(lambda: first.notifications[0].state == "delivered")
    first.kill()
    with simulator(tmp_path, webhook, delivery_delay=0.01) as second:
        send(second.url, BOB)
        eventually(lambda: len(webhook.messages()) > 1)
    assert [one["destinationPhoneNumber"] for one in webhook.messages()] == [ANN, BOB]


def test_a_notification_that_waits_to_be_tried_again_is_tried_by_the_next(tmp_path: Path, webhook: Webhook) -> None:
    webhook.answers[:] = [503]
    first = Killed(state_dir=tmp_path, webhook_url=webhook.url, retry_seconds=60)
    first.confirm_directly()
    first.start()
    inbound_id = first.text_in_background(ANN, OURS, "YES")
    eventually(lambda: first.notifications[0].state == "retrying")
    first.kill()
    with simulator(tmp_path, webhook):
        eventually(lambda: len(webhook.messages()) == 2)
    assert [one["inboundMessageId"] for one in webhook.messages()] == [inbound_id] * 2
    first_try, second_try = (body["MessageId"] for body in webhook.envelopes())
    assert first_try == second_try


def test_a_text_of_a_handset_that_was_not_published_yet_is_published(tmp_path: Path, webhook: Webhook) -> None:
    first = killed(tmp_path, webhook)
    first.text_in_background(ANN, OURS, "YES")
    first.kill()
    # Killed between the two lines: the text is written down, its notification is not.
    journal = tmp_path / FILE
    lines = journal.read_bytes().splitlines(keepends=True)
    last = next(n for n, line in enumerate(lines) if json.loads(line)[0] == "received")
    journal.write_bytes(b"".join(lines[: last + 1]))
    webhook.posts.clear()
    with simulator(tmp_path, webhook):
        eventually(lambda: [one["messageBody"] for one in webhook.messages()] == ["YES"])


def test_dead_letters_can_still_be_redriven(tmp_path: Path, webhook: Webhook) -> None:
    webhook.answers[:] = [400]
    first = killed(tmp_path, webhook)
    first.text_in_background(ANN, OURS, "YES")
    eventually(lambda: first.dead_letters)
    first.kill()
    with simulator(tmp_path, webhook) as second:
        assert second.redrive() == 1
        eventually(lambda: len(webhook.messages()) == 2)


def test_subscriptions_phones_and_calls_are_found_again(tmp_path: Path, webhook: Webhook) -> None:
    first = killed(tmp_path, webhook, handsets=[("Ann", ANN)])
    first.set_handset(ANN, state="off", opted_out=True)
    call = {"DestinationPhoneNumber": ANN, "InstanceId": "i", "ContactFlowId": "f", "QueueId": "q", "ClientToken": "t"}
    contact_id = client("connect", first.url).start_outbound_voice_contact(**call)["ContactId"]
    first.kill()
    with simulator(tmp_path, webhook) as second:
        assert second.confirmed
        assert [(one["state"], one["opted_out"]) for one in second.state()["handsets"]] == [("off", True)]
        assert client("connect", second.url).start_outbound_voice_contact(**call)["ContactId"] == contact_id
        assert len(second.calls) == 1
    assert webhook.envelopes("SubscriptionConfirmation") == []


@pytest.mark.parametrize("torn", [b'["sent", 1.0, {"message_id": "half', b"[", b""])
def test_half_a_line_at_the_end_is_forgotten_and_not_written_into(
    tmp_path: Path, webhook: Webhook, torn: bytes
) -> None:
    first = killed(tmp_path, webhook, auto_delivery=False)
    message_id = send(first.url)
    first.kill()
    with (tmp_path / FILE).open("ab") as journal:
        journal.write(torn)
    with simulator(tmp_path, webhook, auto_delivery=False) as second:
        other = send(second.url)
        assert [text.message_id for text in second.sent] == [message_id, other]
    assert [text.message_id for text in Simulator(state_dir=tmp_path).sent] == [message_id, other]


def test_a_cleared_log_is_cleared_for_the_next_as_well(tmp_path: Path, webhook: Webhook) -> None:
    first = killed(tmp_path, webhook, handsets=[("Ann", ANN)], auto_delivery=False)
    send(first.url)
    first.clear_log()
    last = send(first.url)
    first.kill()
    second = Simulator(state_dir=tmp_path)
    assert [text.message_id for text in second.sent] == [last]
    assert [handset["name"] for handset in second.state()["handsets"]] == ["Ann"]
    assert second.confirmed


@pytest.mark.parametrize("sent", [b"", b'{"DestinationPhoneNumber": "+1425'])
def test_a_caller_that_dies_in_the_middle_of_its_request_has_asked_nothing(bare: Simulator, sent: bytes) -> None:
    host, _, port = bare.url.removeprefix("http://").partition(":")
    head = (
        b"POST / HTTP/1.1\r\nX-Amz-Target: PinpointSMSVoiceV2.SendTextMessage\r\n"
        b"Authorization: AWS4-HMAC-SHA256 x\r\nContent-Length: 100\r\n\r\n"
    )
    with socket.create_connection((host, int(port))) as caller:
        caller.sendall(head + sent)
        caller.shutdown(socket.SHUT_WR)
        assert caller.recv(1) == b""
    assert bare.requests == []
