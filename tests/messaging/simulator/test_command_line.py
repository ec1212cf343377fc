"""The command line, as a supervisor uses it."""

import http.client
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from botocore.exceptions import ConnectionClosedError
from cryptography import x509

from tests.messaging.simulator.conftest import ANN, OURS, client

ROOT = Path(__file__).parents[3]
COMMAND = [sys.executable, "-m", "messaging.simulator"]


def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([*COMMAND, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=20, check=False)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_says_where_it_is_and_ends_when_told_although_a_caller_hangs(number: signal.Signals) -> None:
    arguments = [*COMMAND, "--port", "0", "--handset", f"Ann={ANN}", "--number", OURS, "--no-auto-delivery"]
    process = subprocess.Popen(arguments, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    line = process.stdout.readline()
    found = re.search(r"(http://127\.0\.0\.1:\d+)/simulator/$", line.strip())
    assert found
    sms = client("pinpoint-sms-voice-v2", found[1], read_timeout=20)
    assert [one["PhoneNumber"] for one in sms.describe_phone_numbers()["PhoneNumbers"]] == [OURS]
    connection = http.client.HTTPConnection(found[1].removeprefix("http://"))
    fault = '{"kind": "hang_after_accept", "seconds": 60}'
    connection.request("PUT", "/simulator/api/faults", fault, {"Content-Type": "application/json"})
    assert connection.getresponse().status == 200

    def hang() -> None:
        with pytest.raises(ConnectionClosedError):
            sms.send_text_message(DestinationPhoneNumber=ANN, OriginationIdentity=OURS, MessageBody="Hello")

    caller = threading.Thread(target=hang)
    caller.start()
    time.sleep(0.3)
    assert caller.is_alive()
    process.send_signal(number)
    assert process.wait(5) == 0
    caller.join(2)
    connection.close()
    process.stdout.close()


def test_certificate_makes_one_and_prints_its_path(tmp_path: Path) -> None:
    first, second = run("certificate", "--state", str(tmp_path)), run("certificate", "--state", str(tmp_path))
    assert first.returncode == 0
    assert first.stdout == second.stdout
    x509.load_pem_x509_certificate(Path(first.stdout.strip()).read_bytes())


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--handset", "Ann"], "Ann=+14255550101"),
        (["--number", "4255550100"], "+14255550100"),
        (["certificate"], "certificate needs --state DIR"),
    ],
)
def test_a_wrong_command_is_told_what_to_do(arguments: list[str], says: str) -> None:
    refused = run(*arguments)
    assert refused.returncode == 2
    assert says in refused.stderr
