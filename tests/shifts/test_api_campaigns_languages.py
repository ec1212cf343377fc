"""/campaigns/ in several languages: what is taken, what is answered, and what is refused."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from messaging.models import OriginationIdentity
from shifts.models import Campaign, CampaignVersion
from tests.messaging.api.conftest import api, client_with
from tests.messaging.factories import ANN, BOB
from tests.refusals import at_fault
from tests.shifts.campaigns.conftest import expand, rows
from tests.shifts.factories import campaign, employee, shift
from tests.shifts.test_api_campaigns import CONTENT, URL

# Fixtures.
__all__ = ["api", "client_with"]

pytestmark = pytest.mark.django_db

SPANISH = {"language": "es", "campaign_message": "Hay turnos.", "footer": ""}


@pytest.fixture
def nurses(number: OriginationIdentity) -> None:
    """Ann has no language, Bob's is Spanish."""
    employee(ANN, segments=["Night nurses"])
    employee(BOB, segments=["Night nurses"], language="es-MX")


def _made(api: APIClient, *translations: Any, **fields: Any) -> Any:
    return api.post(URL, CONTENT | {"translations": list(translations)} | fields)


def test_it_is_taken_answered_and_read(api: APIClient, nurses: None) -> None:
    shift("XYZ123", at=9)
    german = {"language": "de", "campaign_message": "Schichten.", "footer": "Code {codes}. STOP"}
    answer = _made(api, SPANISH, german, shifts=["XYZ123"])
    assert answer.status_code == 201, answer.json()
    body = answer.json()
    assert body["translations"] == [german, SPANISH]
    assert body["text"].startswith("Shifts are open.\nReply")
    assert body["texts"]["es"].startswith("Hay turnos.\nResponda")
    assert body["texts"]["de"] == "Schichten.\nCode XYZ123. STOP"
    # In French it says what nobody has translated, with how to book in French.
    assert body["texts"]["fr"].startswith("Shifts are open.\n")
    assert set(body["texts"]) == {"es", "de", "fr"}
    expand()
    assert rows().get(destination_phone_number=BOB).body == body["texts"]["es"]
    assert rows().get(destination_phone_number=ANN).body == body["text"]
    assert api.get(URL).json()["results"][0]["translations"] == [german, SPANISH]


def test_the_same_again_is_the_same(api: APIClient, nurses: None) -> None:
    assert _made(api, SPANISH).status_code == 201
    assert _made(api, SPANISH).status_code == 200
    assert _made(api, {"language": "es", "campaign_message": "Hay turnos. ", "footer": None}).status_code == 200
    assert _made(api).status_code == 409
    assert _made(api, SPANISH | {"campaign_message": "Hay."}).status_code == 409


@pytest.mark.parametrize("absent", [{}, {"translations": None}, {"translations": []}])
def test_without_translations_all_is_as_before(api: APIClient, nurses: None, absent: dict[str, Any]) -> None:
    assert api.post(URL, CONTENT).status_code == 201
    answer = api.post(URL, CONTENT | absent)
    assert (answer.status_code, answer.json()["translations"]) == (200, [])
    assert not CampaignVersion.objects.exists()


@pytest.mark.parametrize(
    ("translations", "fields"),
    [
        ("es", ["translations"]),
        ({"es": "Hay turnos."}, ["translations"]),
        (["Hay turnos."], ["translations.0"]),
        ([{}], ["translations.0.language", "translations.0.campaign_message"]),
        ([SPANISH, {"language": "de"}], ["translations.1.campaign_message"]),
        ([SPANISH | {"language": "pl"}], ["translations.0.language"]),
        ([SPANISH | {"language": "es-MX"}], ["translations.0.language"]),
        ([SPANISH | {"language": ""}], ["translations.0.language"]),
        ([SPANISH | {"language": ["es"]}], ["translations.0.language"]),
        ([SPANISH | {"campaign_message": " "}], ["translations.0.campaign_message"]),
        ([SPANISH | {"campaign_message": None}], ["translations.0.campaign_message"]),
        ([SPANISH | {"campaign_message": "a\0b"}], ["translations.0.campaign_message"]),
        ([SPANISH | {"footer": {}}], ["translations.0.footer"]),
        ([SPANISH | {"message": "Hay"}], ["translations.0.message"]),
        ([SPANISH, SPANISH], ["translations"]),
        ([SPANISH] * 5, ["translations"]),
        ([SPANISH | {"campaign_message": "x" * 1600}], ["translations"]),
        ([SPANISH | {"footer": "ж" * 700}], ["translations"]),
    ],
)
def test_what_is_refused_is_told_field_by_field_and_nothing_is_made(
    api: APIClient, nurses: None, translations: Any, fields: list[str]
) -> None:
    answer = api.post(URL, CONTENT | {"translations": translations})
    assert at_fault(answer) == fields
    assert not Campaign.objects.exists()


def test_a_refusal_says_which_language(api: APIClient, nurses: None) -> None:
    told = _made(api, SPANISH, {"language": "de", "campaign_message": "x" * 1600}).json()["translations"]
    assert [one.startswith("In German: The text has") for one in told] == [True]


def test_the_preview_tells_each_language(api: APIClient, nurses: None) -> None:
    employee("+14255550186", segments=["Night nurses"])
    assert _made(api, SPANISH | {"campaign_message": "Mañana é í"}, draft=True).status_code == 201
    told = api.get(f"{URL}july/preview/").json()
    assert told["languages"] == [
        {"language": "en", "text": told["text"], "encoding": "GSM", "parts": 1, "recipients": 2},
        {
            "language": "es",
            "text": told["languages"][1]["text"],
            "encoding": "UCS-2",
            "parts": 2,
            "recipients": 1,
        },
    ]
    assert told["languages"][1]["text"].startswith("Mañana é í\nResponda")
    assert (told["parts"], told["total_parts"], told["encoding"]) == (2, 4, "GSM")
    assert any(one.startswith("In Spanish: Fewer characters fit") for one in told["warnings"])


def test_a_draft_says_nothing_yet(api: APIClient) -> None:
    row = campaign()
    CampaignVersion.objects.create(campaign=row, language="es", message="Hay turnos.")
    body = api.get(f"{URL}july/").json()
    assert (body["text"], body["texts"], body["translations"]) == ("", {}, [SPANISH])
