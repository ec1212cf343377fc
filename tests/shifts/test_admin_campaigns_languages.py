"""A campaign in several languages: its form, what is shown beside it, its page, and the dialog that sends it."""

import re
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from messaging.models import Contact, OriginationIdentity, PartPrice
from shifts import campaigns
from shifts.campaigns import Version
from shifts.campaigns.texts import versions_of
from shifts.models import Campaign, CampaignVersion
from tests.incidents.test_admin import staff
from tests.moving import MovableTime
from tests.shifts.campaigns.conftest import expand
from tests.shifts.factories import campaign, employees, segment, shift
from tests.shifts.test_admin_campaigns import LIST, plain, status
from tests.shifts.test_admin_campaigns_builder import asked, counted
from tests.shifts.test_admin_campaigns_sending import say_yes, shown

ANA = "+14255560000"
EMPTY = {"footer": "", "scheduled_at_0": "", "scheduled_at_1": "", "origination_identity": ""}


@pytest.fixture
def olga(number: OriginationIdentity, time: MovableTime) -> Client:
    """Somebody of HR, and three people, of whom one reads Spanish."""
    PartPrice.objects.update(price=Decimal("0.01"), currency="USD")
    OriginationIdentity.objects.update(mps=1)
    employees(3, segments=["Night nurses"])
    Contact.objects.filter(phone_number=ANA).update(language="es")
    return staff("view_campaign", "add_campaign", "change_campaign")


def saved(client: Client, path: str = "add/", **fields: Any) -> Any:
    content = {"campaign_id": "july", "campaign_message": "Shifts are open.", "segment": segment().pk}
    return client.post(f"{LIST}{path}", content | EMPTY | fields)


def with_spanish(message: str = "Hay turnos.", **fields: Any) -> Campaign:
    row = campaign(**fields)
    CampaignVersion.objects.create(campaign=row, language="es", message=message)
    return row


class TestForm:
    def test_each_language_but_that_of_the_house_has_its_fields_folded(self, olga: Client) -> None:
        html = olga.get(f"{LIST}add/").content.decode()
        fields = re.findall(r'name="((?:message|footer)_\w+)"', html)
        assert fields == ["message_es", "footer_es", "message_fr", "footer_fr", "message_de", "footer_de"]
        assert html.count("<details>") == 3
        # How to book as it is said there, and for the spelling checker the language.
        assert 'placeholder="Responda con' in html
        assert 'lang="de"' in html

    def test_what_is_written_is_kept_shown_and_edited(self, olga: Client) -> None:
        answer = saved(olga, message_es="Hay turnos.", footer_de="", message_de="Schichten.", message_fr=" ")
        assert answer.status_code == 302
        row = Campaign.objects.get()
        assert versions_of(row) == (Version("de", "Schichten."), Version("es", "Hay turnos."))
        html = olga.get(f"{LIST}{row.pk}/form/").content.decode()
        assert "Hay turnos.</textarea>" in html
        # Where something is written, it is not hidden.
        assert html.count("<details>") == 1
        saved(olga, f"{row.pk}/form/", message_es="Otra cosa.", footer_es="Mande {codes}. STOP")
        assert versions_of(Campaign.objects.get()) == (Version("es", "Otra cosa.", "Mande {codes}. STOP"),)
        said = LogEntry.objects.latest("pk").get_change_message()
        assert "Message in Spanish" in said
        assert "Message in German" in said

    @pytest.mark.parametrize(
        ("fields", "field", "says"),
        [
            ({"message_es": "x" * 1600}, "message_es", "In Spanish: The text has"),
            ({"message_de": "ж" * 700}, "message_de", "at most 630 can be sent"),
            ({"footer_fr": "Mandez {codes}"}, "message_fr", "Write what people shall read in French."),
        ],
    )
    def test_what_is_refused_stands_at_its_field(
        self, olga: Client, fields: dict[str, str], field: str, says: str
    ) -> None:
        form = saved(olga, **fields).context["adminform"].form
        assert list(form.errors) == [field]
        assert says in str(form.errors[field])
        assert not Campaign.objects.exists()
        # As it is being written, the same.
        told = asked(olga, campaign_id="july", campaign_message="Hi", **fields)
        assert list(told["refused"]) == [field]
        assert says in " ".join(told["refused"][field])

    def test_a_version_in_the_language_of_the_house_can_be_edited(self, olga: Client) -> None:
        row = campaign()
        CampaignVersion.objects.create(campaign=row, language="en", message="Hello.")
        assert 'name="message_en"' in olga.get(f"{LIST}{row.pk}/form/").content.decode()

    def test_a_follow_up_begins_with_every_word_of_the_first(self, olga: Client) -> None:
        first = with_spanish("Hay turnos.", status="sent")
        html = olga.get(f"{LIST}add/?follows={first.pk}").content.decode()
        assert "Hay turnos.</textarea>" in html
        fields = {"campaign_id": "july-2", "campaign_message": "Still open.", "message_es": "Hay turnos."} | EMPTY
        assert olga.post(f"{LIST}add/?follows={first.pk}", fields).status_code == 302
        assert versions_of(Campaign.objects.get(campaign_id="july-2")) == (Version("es", "Hay turnos."),)

    def test_who_may_only_look_sees_no_fields_of_it(self, olga: Client) -> None:
        row = with_spanish()
        html = staff("view_campaign", name="rita").get(f"{LIST}{row.pk}/form/").content.decode()
        assert "message_es" not in html


class TestBuilder:
    def test_a_text_that_is_written_is_shown_before_anybody_is_counted(self, olga: Client) -> None:
        assert asked(olga, campaign_message="Hi")["languages"] == []
        told = asked(olga, campaign_message="Hi", message_es="Mañana í")["languages"]
        assert [(one["language"], one["name"], one["people"]) for one in told] == [
            ("", "Everybody else", ""),
            ("es", "Spanish", ""),
        ]
        assert told[1]["text"].startswith("Mañana í\nResponda")
        assert (told[1]["encoding"], told[1]["strange"], told[0]["encoding"]) == ("UCS-2", "í", "GSM")

    def test_counted_it_tells_who_reads_what(self, olga: Client) -> None:
        """Two read one part and one reads two."""
        told = counted(olga, campaign_message="Hi", message_es="x" * 100, segment=segment().pk)
        assert [(one["name"], one["people"], one["parts"]) for one in told["languages"]] == [
            ("Everybody else", "2 people", 1),
            ("Spanish", "1 person", 2),
        ]
        assert (told["people"]["cost"], told["people"]["takes"]) == ("0.04 USD", "a few seconds at 1 part a second")
        assert any(one.startswith("In Spanish it is 2 parts") for one in told["warnings"])

    def test_a_language_that_nobody_wrote_in_is_shown_when_somebody_has_it(self, olga: Client) -> None:
        told = counted(olga, campaign_message="Hi", segment=segment().pk)
        assert [one["name"] for one in told["languages"]] == ["Everybody else", "Spanish"]
        assert told["languages"][1]["text"].startswith("Hi\nResponda")

    def test_whatever_is_sent_it_answers(self, olga: Client) -> None:
        for fields in ({"message_es": "a\0b"}, {"message_xx": "x"}, {"message_es": "x" * 50_000, "footer_es": "\0"}):
            assert olga.post(f"{LIST}size/", fields).status_code == 200


class TestPage:
    def test_a_draft_shows_what_each_would_read(self, olga: Client) -> None:
        row = with_spanish("x" * 100)
        text = plain(olga.get(f"{LIST}{row.pk}/change/").content.decode())
        assert "In English 2 people: GSM, 1 part" in text
        assert "In Spanish 1 person: GSM, 2 parts" in text
        assert "In other languages Spanish 1 person, GSM, 2 parts" in text

    def test_where_all_read_the_same_nothing_is_said_of_languages(self, olga: Client) -> None:
        row = campaign(footer="Text {codes}. STOP")
        text = plain(olga.get(f"{LIST}{row.pk}/change/").content.decode())
        assert "In other languages" not in text
        assert "In English" not in text
        assert "Encoding GSM" in text

    def test_what_was_sent_is_shown_by_language(self, olga: Client) -> None:
        row = with_spanish("Hay turnos.")
        campaigns.send("july", actor="olga")
        expand()
        CampaignVersion.objects.update(message="Otra cosa.")
        text = plain(olga.get(f"{LIST}{row.pk}/change/").content.decode())
        assert "In other languages Spanish 1 person" in text
        assert "Hay turnos." in text
        assert "Otra cosa." not in text
        # French is kept as well, and nobody has read it.
        assert "French" not in text

    def test_how_long_the_rest_takes_is_counted_from_the_rows_where_sizes_differ(self, olga: Client) -> None:
        row = with_spanish("x" * 1000)
        campaigns.send("july", actor="olga")
        expand()
        # Seven and two parts and one, at one part a second.
        text = plain(olga.get(f"{LIST}{row.pk}/change/").content.decode())
        assert "Done in about 10 seconds at 1 part a second" in text


class TestDialog:
    def test_it_states_every_text_with_its_people(self, olga: Client) -> None:
        told, _ = shown(olga, with_spanish("Hay turnos " + "x" * 100))
        assert "This texts 3 people. 1 to 2 parts each, about 0.04 USD in all" in told
        assert "English 2 people, GSM, 1 part Shifts are open." in told
        assert "Spanish 1 person, GSM, 2 parts Hay turnos" in told

    def test_one_text_is_shown_as_ever(self, olga: Client) -> None:
        shift("A1", at=9)
        told, _ = shown(olga, campaign(footer="Text {codes}. STOP"))
        assert "1 part each" in told
        assert "English" not in told

    @pytest.mark.parametrize("change", ["words", "people"])
    def test_a_yes_to_other_languages_sends_nothing(self, olga: Client, change: str) -> None:
        row = with_spanish()
        _, token = shown(olga, row)
        if change == "words":
            CampaignVersion.objects.update(message="Otra cosa.")
        else:
            Contact.objects.filter(phone_number=ANA).update(language="de")
        answer = say_yes(olga, row, token)
        assert "Something has changed since this was shown" in answer.content.decode()
        assert status(row) == "draft"
        _, token = shown(olga, row)
        assert say_yes(olga, row, token).status_code == 302
        assert status(row) == "sending"
