"""The stand-in speaks what boto3 speaks."""

import boto3
import pytest
from botocore.exceptions import ClientError

from benchmarks import jobs
from benchmarks.stage import Stage


def test_each_text_is_remembered_and_has_an_id(stage: Stage) -> None:
    ids = {jobs.send(f"+120655501{each:02}", "+14255550100", "Good morning 👋", str(each)) for each in range(5)}
    assert len(ids) == 5
    arrivals = stage.carrier.arrivals()
    assert [each.destination for each in arrivals] == [f"+120655501{each:02}" for each in range(5)]
    assert {(each.origination, each.body) for each in arrivals} == {("+14255550100", "Good morning 👋")}
    assert stage.carrier.count() == 5
    stage.carrier.forget()
    assert stage.carrier.arrivals() == []


def test_anything_else_is_refused(stage: Stage) -> None:
    client = boto3.client("pinpoint-sms-voice-v2")
    with pytest.raises(ClientError, match="UnknownOperation"):
        client.describe_phone_numbers()
    assert stage.carrier.count() == 0
