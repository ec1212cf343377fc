"""How much JSON the API reads."""

import pytest
from django.conf import settings
from rest_framework.test import APIClient

from messaging.models import Keyword

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("more", "status"), [(0, 201), (1, 413)])
def test_a_body_beyond_the_limit_is_not_read(api: APIClient, more: int, status: int) -> None:
    body = '{"word": "HOURS", "text": "8 to 5"}'
    body += " " * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE - len(body) + more)
    answer = api.post("/api/v1/keywords/", body, content_type="application/json")
    assert answer.status_code == status, answer.content
    assert Keyword.objects.exists() == (status == 201)
    if status == 413:
        assert "2621440 bytes" in answer.json()["detail"]
