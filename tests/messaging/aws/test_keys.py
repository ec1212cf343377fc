"""The key: one that was made and never named is found again. Over HTTP."""

from typing import Any

import pytest

from messaging.aws import provisioning
from messaging.aws.session import Session
from tests.messaging.aws.conftest import WEBHOOK, Run, wanted
from tests.moving import MovableTime

pytestmark = pytest.mark.django_db
BASIC = ("--url", WEBHOOK)


def cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that ends between the key and its name."""

    def dies(**_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        mine = Session()
        broken.setattr(mine.kms, "create_alias", dies)
        with pytest.raises(KeyboardInterrupt):
            provisioning.apply(provisioning.plan(mine, wanted(encrypted=True)), lambda _: None)


def in_use(session: Session) -> list[dict[str, Any]]:
    read = [session.kms.describe_key(KeyId=one["KeyId"])["KeyMetadata"] for one in session.kms.list_keys()["Keys"]]
    return [one for one in read if one["KeyState"] == "Enabled"]


def test_one_that_was_never_named_is_found_by_the_next_run(
    run: Run, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut_off(monkeypatch)
    [left] = in_use(session)
    made = run("provision_aws", *BASIC, "--encrypt", "--json")["changes"]
    assert [one["what"] for one in made[:2]] == ["KMS alias alias/textback", "KMS key alias/textback"]
    assert made[0]["after"] == {"TargetKeyId": left["Arn"]}
    assert made[1]["after"] == {"EnableKeyRotation": True}, "what the run did not come to is mended as well"
    assert [one["Arn"] for one in in_use(session)] == [left["Arn"]]
    assert session.kms.describe_key(KeyId="alias/textback")["KeyMetadata"]["Arn"] == left["Arn"]
    assert session.kms.get_key_rotation_status(KeyId=left["KeyId"])["KeyRotationEnabled"]
    assert run("provision_aws", *BASIC, "--encrypt", "--json")["changes"] == []


def test_of_several_the_oldest_and_the_others_are_said(run: Run, session: Session, time: MovableTime) -> None:
    keys = []
    for _ in range(2):
        made = session.kms.create_key(Description="SNS topics and SQS queues of textback")["KeyMetadata"]
        keys.append(made["Arn"])
        time.forward(60)
    [alias, *_] = run("provision_aws", *BASIC, "--encrypt", "--plan", "--json", status=2)["changes"]
    assert alias["after"] == {"TargetKeyId": keys[0]}
    assert keys[1] in alias["note"]


@pytest.mark.parametrize("harm", ["another's", "to be deleted", "switched off"])
def test_one_that_is_none_of_ours_is_not_taken(run: Run, session: Session, harm: str) -> None:
    name = "billing" if harm == "another's" else "textback"
    key = session.kms.create_key(Description=f"SNS topics and SQS queues of {name}")["KeyMetadata"]["KeyId"]
    if harm == "to be deleted":
        session.kms.schedule_key_deletion(KeyId=key)
    elif harm == "switched off":
        session.kms.disable_key(KeyId=key)
    made = run("provision_aws", *BASIC, "--encrypt", "--json")["changes"]
    assert made[0]["what"] == "KMS key alias/textback"
    assert made[0]["action"] == "create"
