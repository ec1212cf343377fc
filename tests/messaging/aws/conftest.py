"""An AWS account over HTTP: SNS, SQS, KMS and STS by moto, End User Messaging SMS by the simulator."""

import json
import logging
from collections.abc import Callable, Iterator
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from moto.core.responses import ActionResult
from moto.server import ThreadedMotoServer
from moto.sns.responses import SNSResponse

from messaging.aws.session import Session
from messaging.aws.wanted import Wanted
from messaging.simulator import Simulator

ACCOUNT, REGION = "123456789012", "us-east-1"
WEBHOOK = "https://text.example.com/webhooks/sns/"
OURS, THEIRS = "+12065550100", "+12065550101"

Run = Callable[..., Any]


def _with_signature_version(answer: Callable[[SNSResponse], ActionResult]) -> Callable[[SNSResponse], ActionResult]:
    """AWS tells the version that a topic signs by, 1 unless it was set; moto keeps what was set and does not tell."""

    def complete(response: SNSResponse) -> ActionResult:
        result = answer(response)
        topic = response.backend.get_topic(response._get_param("TopicArn"))
        told: dict[str, Any] = result.result  # type: ignore[assignment]
        told["Attributes"]["SignatureVersion"] = getattr(topic, "signature_version", "1")
        return result

    return complete


@pytest.fixture(scope="session")
def _moto() -> Iterator[str]:
    SNSResponse.get_topic_attributes = _with_signature_version(SNSResponse.get_topic_attributes)  # type: ignore[assignment, method-assign]
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def account(_moto: str, simulator: Simulator, monkeypatch: pytest.MonkeyPatch) -> Simulator:
    """An empty account; what it has of End User Messaging SMS is the simulator's ``account``."""
    for service in ("SNS", "SQS", "KMS", "STS"):
        monkeypatch.setenv(f"AWS_ENDPOINT_URL_{service}", _moto)
    _empty(Session(REGION))
    return simulator


def _empty(session: Session) -> None:
    for topic in session.sns.list_topics()["Topics"]:
        for one in session.sns.list_subscriptions_by_topic(TopicArn=topic["TopicArn"])["Subscriptions"]:
            session.sns.unsubscribe(SubscriptionArn=one["SubscriptionArn"])
        session.sns.delete_topic(TopicArn=topic["TopicArn"])
    for url in session.sqs.list_queues().get("QueueUrls", []):
        session.sqs.delete_queue(QueueUrl=url)
    for alias in session.kms.list_aliases()["Aliases"]:
        if alias["AliasName"].startswith("alias/textback"):
            session.kms.delete_alias(AliasName=alias["AliasName"])
    for key in session.kms.list_keys()["Keys"]:
        if session.kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]["KeyState"] != "PendingDeletion":
            session.kms.schedule_key_deletion(KeyId=key["KeyId"])


@pytest.fixture
def session(account: Simulator) -> Session:
    return Session()


@pytest.fixture
def run(account: Simulator) -> Run:
    """A command, as a person runs it: its output in lines, or with json=True as an object; its exit status after."""

    def call(name: str, *options: str, status: int = 0) -> Any:
        out = StringIO()
        found = 0
        try:
            call_command(name, *options, stdout=out, stderr=StringIO())
        except SystemExit as end:
            found = int(end.code or 0)
        assert found == status, out.getvalue()
        return json.loads(out.getvalue()) if "--json" in options else out.getvalue().splitlines()

    return call


def wanted(**fields: Any) -> Wanted:
    """What most tests want."""
    return Wanted(**{"account": ACCOUNT, "region": REGION, "webhook": WEBHOOK, "numbers": ()} | fields)
