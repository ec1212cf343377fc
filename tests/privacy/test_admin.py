"""The contact's page erases, for whoever may; the records answer whether a number was erased."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from config import roles
from messaging import clock, jobs
from messaging.models import Contact, ErasureRequest, PrivacyRecord, Status
from messaging.privacy import names
from tests.messaging.factories import ANN, BOB, standing
from tests.moving import MovableTime
from tests.privacy.people import NAME, WORD, everything, traces

pytestmark = pytest.mark.django_db


@pytest.fixture
def compliance(client: Client) -> Client:
    user = User.objects.create_user("carla", is_staff=True)
    roles.make(Group, Permission)
    user.groups.add(Group.objects.get(name=roles.COMPLIANCE))
    client.force_login(user)
    return client


def _erase(client: Client, **data: str) -> object:
    contact = Contact.objects.get(phone_number=ANN)
    url = reverse("admin:messaging_contact_erase_person", args=[contact.pk])
    return client.post(url, {"_form_submitted": "on", "reason": "asked by letter", **data}, follow=True)


def test_compliance_erases_somebody(compliance: Client, time: MovableTime) -> None:
    everything()
    assert "erases this person now" in _erase(compliance).content.decode()  # type: ignore[attr-defined]
    assert ErasureRequest.objects.get().actor == "carla"
    # A request does not do long work.
    assert Contact.objects.filter(phone_number=ANN).exists()
    time.forward(10)
    for _ in range(100):
        if ErasureRequest.objects.exists():
            jobs.run("erasures")
    assert list(traces(ANN, NAME, WORD)) == []
    record = PrivacyRecord.objects.get()
    assert (record.actor, record.reason) == ("carla", "asked by letter")
    assert LogEntry.objects.filter(change_message__contains="asked by letter", user__username="carla").exists()


def test_what_stands_in_the_way_is_said(compliance: Client) -> None:
    everything()
    standing(Status.QUEUED)
    assert "wait to be sent" in _erase(compliance).content.decode()  # type: ignore[attr-defined]
    assert not ErasureRequest.objects.exists()
    _erase(compliance, end_open="on")
    assert ErasureRequest.objects.exists()


@pytest.mark.parametrize("role", [roles.HR, roles.INCIDENT_STAFF, roles.READ_ONLY])
def test_others_do_not(client: Client, role: str) -> None:
    everything()
    user = User.objects.create_user("bob", is_staff=True)
    roles.make(Group, Permission)
    user.groups.add(Group.objects.get(name=role))
    client.force_login(user)
    _erase(client)
    assert not ErasureRequest.objects.exists()


def test_whether_a_number_was_erased_can_be_looked_up(compliance: Client) -> None:
    now = clock.now()
    for number in (ANN, BOB):
        PrivacyRecord.objects.create(
            kind="erasure",
            fingerprint=names.fingerprint(number),
            key_id=names.key_id(),
            stand_in=names.new_stand_in(),
            actor="carla",
            reason=f"letter of {number[-2:]}",
            began_at=now,
            at=now,
            counts={"messaging.Contact": 1},
        )
    url = reverse("admin:messaging_privacyrecord_changelist")
    page = compliance.get(url, {"q": "+1 (425) 555-0182"}).content.decode()
    assert "letter of 82" in page
    assert "letter of 83" not in page
    assert "letter of 83" in compliance.get(url).content.decode()


def test_the_list_asks_no_more_for_many(compliance: Client) -> None:
    url = reverse("admin:messaging_privacyrecord_changelist")
    counts = []
    for many in (2, 30):
        for _ in range(many):
            PrivacyRecord.objects.create(kind="retention", began_at=clock.now(), at=clock.now())
        compliance.get(url)
        with CaptureQueriesContext(connection) as asked:
            compliance.get(url)
        counts.append(len(asked))
    assert counts[0] == counts[1]
