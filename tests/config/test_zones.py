"""Staff read times in their own zone."""

from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from config.zones import COOKIE
from messaging.models import InboundMessage
from tests.messaging.api.rows import inbound

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("zone", "shown"),
    [
        ("", "1 Jul 2026, 01:30:00"),
        ("America/Los_Angeles", "30 Jun 2026, 18:30:00"),
        ("Asia/Kolkata", "1 Jul 2026, 07:00:00"),
        ("Nowhere/At_all", "1 Jul 2026, 01:30:00"),
        ("../../etc/passwd", "1 Jul 2026, 01:30:00"),
    ],
)
def test_the_zone_of_the_cookie(zone: str, shown: str) -> None:
    text = inbound()
    at = datetime(2026, 7, 1, 1, 30, tzinfo=UTC)
    InboundMessage.objects.filter(pk=text.pk).update(received_at=at)
    client = Client()
    client.force_login(User.objects.create_superuser("boss"))
    client.cookies[COOKIE] = zone
    page = client.get("/admin/messaging/inboundmessage/").content.decode()
    assert shown in page
    assert timezone.get_current_timezone_name() == "UTC"
