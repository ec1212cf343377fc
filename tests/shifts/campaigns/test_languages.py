"""A campaign to people of several languages: each reads their own, nothing bends it, and it is foretold exactly."""

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from messaging.models import Contact, OriginationIdentity, OutboundMessage, PartPrice
from messaging.outbound import guards
from messaging.phrases import catalogue, own, writing
from shifts import campaigns
from shifts.campaigns import Version, audience, create, edit, fingerprint, preview, suggest
from shifts.campaigns.cautions import Situation, cautions
from shifts.campaigns.texts import texts_of, versions_of
from shifts.models import Campaign, CampaignVersion, Segment, Shift
from tests.messaging.factories import OUR_NUMBER
from tests.shifts.campaigns.conftest import ask, crowd, expand, fresh, peak, person, rows, says_stop
from tests.shifts.campaigns.test_cautions import NOON
from tests.shifts.conftest import texted
from tests.shifts.factories import campaign, employee, segment, shift

pytestmark = pytest.mark.django_db

SPANISH, GERMAN = Version("es", "Hay turnos."), Version("de", "Schichten sind frei.")


def speak(*codes: str) -> None:
    """The first of the crowd have these languages."""
    for place, code in enumerate(codes):
        Contact.objects.filter(phone_number=person(2_000_000 + place)).update(language=code)


def drafted(versions: Sequence[Version] = (), **fields: Any) -> Campaign:
    """A draft with versions, whatever the rules say of them."""
    row = campaign(**fields)
    for one in versions:
        CampaignVersion.objects.create(campaign=row, language=one.language, message=one.message, footer=one.footer)
    return row


def put(language: str, words: str) -> None:
    """How a campaign ends, in staff's own words from now on."""
    said = catalogue.find("shifts.footer-end")
    assert said
    writing.write(said, language, words, by="olga")
    own.forget()


def read_by(place: int, campaign_id: str = "july") -> str:
    """What somebody of the crowd was texted."""
    return rows(campaign_id).get(destination_phone_number=person(2_000_000 + place)).body


class TestSending:
    def test_everybody_reads_their_own(self, nurses: Segment) -> None:
        speak("es-MX", "de", "pl", "")
        create(ask(translations=(SPANISH,)), actor="hr")
        expand()
        assert read_by(0).startswith("Hay turnos.\nResponda")
        assert read_by(1).startswith("Shifts are open.\nAntworten Sie")
        assert read_by(2) == read_by(3) == Campaign.objects.get().text
        assert read_by(3).startswith("Shifts are open.\nReply")
        assert Campaign.objects.get().people_by_language == {"": 1, "de": 1, "en": 1, "es": 1}

    def test_encoding_and_parts_are_those_of_each_text(self, nurses: Segment) -> None:
        speak("es", "de")
        create(ask(translations=(Version("es", "¿Trabajará mañana?"), Version("de", "x" * 150))), actor="hr")
        expand()
        found = set(rows().values_list("encoding", "parts"))
        assert found == {("UCS-2", 2), ("GSM", 2), ("GSM", 1)}

    def test_who_must_not_be_texted_has_a_row_in_their_language_as_well(self, nurses: Segment) -> None:
        employee("+14255550111", approved=False, segments=[nurses], language="es")
        speak("de")
        says_stop(person(2_000_000))
        create(ask(translations=(SPANISH, GERMAN)), actor="hr")
        expand()
        refused = {row.error_code: row.body for row in rows(status="suppressed")}
        assert refused["NOT_APPROVED"].startswith("Hay turnos.")
        assert refused["GUARD"].startswith("Schichten")

    def test_keys_are_those_of_any_campaign_and_nobody_gets_two(self, nurses: Segment) -> None:
        speak("es", "de")
        row, _ = create(ask(translations=(SPANISH,)), actor="hr")
        expand()
        assert set(rows().values_list("idempotency_key", flat=True)) == {
            f"campaign:july:{person(2_000_000 + place)}" for place in range(4)
        }
        # All again, in other languages meanwhile: the keys know the people, not what they read.
        speak("de", "es")
        Campaign.objects.filter(pk=row.pk).update(cursor=0, expanded_at=None)
        expand()
        assert rows().count() == 4
        assert read_by(0).startswith("Hay turnos.")

    def test_guards_are_asked_once_for_all_languages(self, nurses: Segment, monkeypatch: pytest.MonkeyPatch) -> None:
        speak("es", "de", "fr")
        asked: list[int] = []
        real = guards.refusals

        def counted(pairs: Sequence[guards.Pair]) -> dict[guards.Pair, str]:
            asked.append(len(pairs))
            return real(pairs)

        monkeypatch.setattr(guards, "refusals", counted)
        create(ask(translations=(SPANISH,)), actor="hr")
        expand()
        assert asked == [4]

    def test_a_statement_for_each_text_and_one_where_all_read_the_same(self, nurses: Segment) -> None:
        def inserts(campaign_id: str, **fields: Any) -> int:
            create(ask(campaign_id, **fields), actor="hr")
            with CaptureQueriesContext(connection) as found:
                expand(campaign_id)
            return sum(one["sql"].startswith('INSERT INTO "messaging_outboundmessage"') for one in found)

        assert inserts("none") == 1
        speak("es", "es", "de")
        assert inserts("three") == 3
        # In staff's own words on how to book there is but one text.
        assert inserts("same", footer="Text {codes}. STOP") == 1

    def test_chunk_by_chunk(self, number: OriginationIdentity, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(audience, "CHUNK", 2)
        crowd(7)
        speak("es", "de", "es", "es")
        create(ask(translations=(SPANISH,)), actor="hr")
        expand()
        row = Campaign.objects.get()
        assert row.people_by_language == {"": 3, "de": 1, "es": 3}
        assert rows().filter(body=row.texts_by_language["es"]).count() == 3
        assert rows().count() == 7

    def test_a_follow_up_reads_the_language_of_its_people(self, nurses: Segment) -> None:
        first = campaign("first", status="sent")
        for place in range(4):
            texted(first, person(2_000_000 + place))
        speak("es", "de")
        create(ask(segment="", follows="first", translations=(SPANISH,)), actor="hr")
        expand()
        assert read_by(0).startswith("Hay turnos.")
        assert "Antworten Sie" in read_by(1)
        assert read_by(2) == read_by(3) == Campaign.objects.get(campaign_id="july").text


class TestFrozen:
    def test_nothing_bends_what_has_begun(self, nurses: Segment) -> None:
        speak("es", "de")
        row = shift("A1", at=24, places=1)
        made, _ = create(ask(shifts=("A1",), translations=(SPANISH,)), actor="hr")
        before = texts_of(fresh(made))
        # Versions, staff's words, and the shift: all are others by the time the rows are made.
        CampaignVersion.objects.update(message="Otra cosa.")
        put("de", "REQUEST zeigt alles. STOP endet.")
        Shift.objects.filter(pk=row.pk).update(booked=1)
        expand()
        assert texts_of(fresh(made)) == before
        assert read_by(0) == before.of("es")
        assert read_by(0).startswith("Hay turnos.\n")
        assert "A1" in read_by(0)
        assert read_by(1) == before.of("de")
        assert "zeigt alles" not in read_by(1)

    def test_what_an_older_version_began_is_read_by_all(self, nurses: Segment) -> None:
        speak("es")
        made, _ = create(ask(), actor="hr")
        Campaign.objects.filter(pk=made.pk).update(texts_by_language={})
        expand()
        assert set(rows().values_list("body", flat=True)) == {made.text}

    def test_a_campaign_whose_time_has_come_is_judged_again(self, nurses: Segment) -> None:
        row = drafted([Version("es", "x" * 1600)])
        with pytest.raises(ValidationError, match="In Spanish"):
            campaigns.send("july", actor="hr")
        assert fresh(row).status == "draft"


class TestWriting:
    def test_versions_are_kept_and_edited(self, nurses: Segment) -> None:
        made, _ = create(ask(draft=True, translations=(GERMAN, SPANISH)), actor="hr")
        assert versions_of(made) == (GERMAN, SPANISH)
        edit("july", ask(draft=True, translations=(Version("es", "Otra cosa.", "STOP"),)), actor="hr")
        assert versions_of(fresh(made)) == (Version("es", "Otra cosa.", "STOP"),)

    def test_what_is_wrong_is_told_with_its_language(self, nurses: Segment) -> None:
        with pytest.raises(ValidationError) as refusal:
            create(ask(translations=(SPANISH, Version("de", "x" * 1600))), actor="hr")
        assert list(refusal.value.error_dict) == ["translations"]
        assert [one.code for one in refusal.value.error_dict["translations"]] == ["de"]
        assert not Campaign.objects.exists()

    @pytest.mark.parametrize(
        "other",
        [(), (SPANISH, GERMAN), (Version("es", "Hay turnos!"),), (Version("es", "Hay turnos.", "STOP"),), (GERMAN,)],
    )
    def test_another_translation_is_another_campaign(self, nurses: Segment, other: tuple[Version, ...]) -> None:
        create(ask(translations=(SPANISH,)), actor="hr")
        assert create(ask(translations=(Version(" ES ", "Hay turnos. "),)), actor="hr")[1] is False
        with pytest.raises(campaigns.DifferentContent):
            create(ask(translations=other), actor="hr")

    def test_the_order_is_none(self) -> None:
        one, other = (ask(translations=both).tidy() for both in ((SPANISH, GERMAN), (GERMAN, SPANISH)))
        assert one.digest() == other.digest()

    def test_without_translations_the_digest_is_what_it_was(self) -> None:
        """As written down by the version before: a system that repeats itself gets its campaign."""
        assert ask().tidy().digest() == "7ee440a0f1a953d4af08939eca6664f7d12d8c9a656bc173e86000ae1a34d455"
        assert ask(follows="june").tidy().digest() == "068af5c27c7aaabf750f022b512ac4773b5adfb347afd1f2e81c950b455d1cf7"

    def test_who_says_yes_says_it_to_every_language(self, nurses: Segment) -> None:
        row = drafted([SPANISH])
        shown = fingerprint(row)
        assert fingerprint(fresh(row)) == shown
        CampaignVersion.objects.update(message="Otra cosa.")
        with pytest.raises(campaigns.Changed):
            campaigns.send("july", actor="hr", as_shown=shown)
        put("fr", "REQUEST, STOP.")
        assert len({shown, fingerprint(fresh(row))}) == 2

    def test_what_follows_begins_with_all_words(self, nurses: Segment) -> None:
        row = drafted([SPANISH, GERMAN], status="sent")
        assert suggest(row).translations == (GERMAN, SPANISH)

    @pytest.mark.parametrize("wrong", [{"language": "pl"}, {"language": ""}, {"message": ""}, {"language": "es"}])
    def test_the_database_holds_what_a_version_is(self, nurses: Segment, wrong: dict[str, str]) -> None:
        row = drafted([SPANISH])
        with pytest.raises(IntegrityError), transaction.atomic():
            CampaignVersion.objects.create(campaign=row, **{"language": "de", "message": "Hallo"} | wrong)


class TestForetold:
    def test_each_language_with_its_text_and_its_people(self, nurses: Segment) -> None:
        speak("es", "es-MX", "pl")
        told = preview(drafted([Version("es", "x" * 150)]))
        assert [(one.language, one.name, one.parts, one.recipients) for one in told.languages] == [
            ("en", "English", 1, 2),
            ("es", "Spanish", 2, 2),
        ]
        assert told.languages[0].text == told.text
        assert told.languages[1].text.startswith("xxx")
        assert (told.fewest_parts, told.parts, told.total_parts, told.differ) == (1, 2, 6, True)

    def test_whoever_has_no_language_stands_apart_where_they_read_something_else(self, nurses: Segment) -> None:
        speak("en")
        told = preview(drafted([Version("en", "Hello.")]))
        assert [(one.language, one.name, one.recipients) for one in told.languages] == [
            ("", "No language", 3),
            ("en", "English", 1),
        ]

    def test_nobody_is_nobody(self, number: OriginationIdentity) -> None:
        told = preview(drafted([SPANISH], segment=segment()))
        assert (told.languages, told.parts, told.total_parts, told.differ) == ((), 1, 0, False)

    def test_cost_and_seconds_are_counted_over_the_languages(self, nurses: Segment) -> None:
        """One part to two people and three parts to two: 2 × 1 + 2 × 3."""
        PartPrice.objects.update(price=Decimal("0.01"))
        OriginationIdentity.objects.update(mps=3)
        speak("es", "es")
        told = preview(drafted([Version("es", "x" * 300)]))
        assert (told.total_parts, told.estimated_cost, told.estimated_seconds) == (8, Decimal("0.08"), 3)

    def test_of_two_numbers_each_sends_its_own_languages(self, number: OriginationIdentity) -> None:
        OriginationIdentity.objects.create(identity="+447860019066", kind="long_code", mps=1, iso_country_code="GB")
        OriginationIdentity.objects.filter(identity=OUR_NUMBER).update(mps=2)
        crowd(4)
        employee("+447700900123", segments=[segment()], language="es")
        told = preview(drafted([Version("es", "x" * 500)]))
        # Four parts at one a second, beside four at two.
        assert told.numbers == {OUR_NUMBER: 4, "+447860019066": 1}
        assert told.estimated_seconds == 4

    @pytest.mark.parametrize(
        ("version", "says"),
        [
            (Version("es", "Hay.", "Mande un código"), "In Spanish: Fewer characters fit into a part (UCS-2)"),
            (Version("es", "x" * 150), "In Spanish it is 2 parts, and 1 part in the campaign's own words."),
            (Version("es", "Hay.", "Llame."), "The text in Spanish does not say that STOP opts out"),
            (Version("es", "x" * 1600), "In Spanish: The text has"),
        ],
    )
    def test_what_should_be_known_of_a_language_is_told_when_somebody_has_it(
        self, nurses: Segment, version: Version, says: str
    ) -> None:
        row = drafted([version])
        assert not any("Spanish" in one for one in (*preview(row).problems, *preview(row).warnings))
        speak("es")
        told = preview(row)
        assert any(says in one for one in (*told.problems, *told.warnings)), told

    def test_a_language_that_names_no_shift(self, nurses: Segment) -> None:
        speak("es")
        row = drafted([Version("es", "Hay.", "STOP")], shifts=[shift("A1", at=24)])
        assert preview(row).problems == (
            "The text in Spanish names no shift: those of the campaign are taken or have begun, or do not fit in.",
        )

    @pytest.mark.parametrize(
        ("own", "other", "says"),
        [
            ("Hi", "Hola", ()),
            ("Hi", "x" * 161, ("In Spanish it is 2 parts, and 1 part in the campaign's own words.",)),
            ("x" * 161, "Hola", ()),
            ("Hi", "sí", ("In Spanish: Fewer characters fit into a part (UCS-2) because of: í",)),
            # What the own text suffers from as well is told once.
            ("Hi…", "sí…", ("Fewer characters fit into a part (UCS-2) because of: …",)),
        ],
    )
    def test_cautions(self, own: str, other: str, says: tuple[str, ...]) -> None:
        assert cautions(Situation(own, NOON, others={"Spanish": other})) == says

    def test_the_queries_do_not_grow_with_people_or_languages(self, number: OriginationIdentity) -> None:
        def queries(row: Campaign) -> int:
            with CaptureQueriesContext(connection) as found:
                preview(row)
            return len(found)

        few = drafted(campaign_id="few", segment=crowd(150, name="few"))
        many = drafted([SPANISH, GERMAN], campaign_id="many", segment=crowd(300, begin=0, name="many"))
        preview(few)
        alone = queries(few)
        Contact.objects.filter(phone_number__endswith="1").update(language="es")
        Contact.objects.filter(phone_number__endswith="2").update(language="de")
        assert queries(many) == alone


# One of a roster: language, approved, opted out, country.
LINES = st.lists(
    st.tuples(
        st.sampled_from(["", "en", "es", "es-MX", "de", "fr", "pl"]),
        st.booleans(),
        st.booleans(),
        st.sampled_from(["+1425", "+44770"]),
    ),
    max_size=9,
)
WRITTEN = st.lists(
    st.builds(
        Version,
        st.sampled_from(["en", "es", "de"]),
        st.sampled_from(["Hi", "x" * 200, "ж" * 100]),
        st.sampled_from(["", "STOP"]),
    ),
    max_size=3,
    unique_by=lambda one: one.language,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=LINES, versions=WRITTEN, footer=st.sampled_from(["", "Text {codes}. STOP"]), chunk=st.integers(1, 4))
def test_what_is_foretold_is_what_is_sent(
    number: OriginationIdentity,
    monkeypatch: pytest.MonkeyPatch,
    lines: list[tuple[str, bool, bool, str]],
    versions: list[Version],
    footer: str,
    chunk: int,
) -> None:
    monkeypatch.setattr(audience, "CHUNK", chunk)
    with transaction.atomic():
        OriginationIdentity.objects.create(identity="+447860019066", kind="long_code", mps=1, iso_country_code="GB")
        OriginationIdentity.objects.filter(identity=OUR_NUMBER).update(mps=2)
        PartPrice.objects.all().delete()
        PartPrice.objects.create(iso_country_code="US", price="0.01", currency="USD")
        PartPrice.objects.create(iso_country_code="GB", price="0.05", currency="USD")
        group = segment()
        for place, (language, approved, opted_out, country) in enumerate(lines):
            employee(f"{country}{place:06}0", approved=approved, segments=[group], language=language)
            if opted_out:
                says_stop(f"{country}{place:06}0")
        told = preview(drafted(versions, footer=footer, segment=group))
        create(ask("sent", footer=footer, translations=tuple(versions)), actor="hr")
        expand("sent")
        sent = rows("sent", status="queued")
        made = Counter(sent.values_list("body", "encoding", "parts"))
        foretold = Counter[tuple[str, str, int]]()
        for one in told.languages:
            foretold[one.text, one.encoding, one.parts] += one.recipients
        assert foretold == made
        assert told.total_parts == sum(parts * people for (_, _, parts), people in made.items())
        prices = [Decimal("0.05" if to.startswith("+44") else "0.01") * parts for to, parts in _parts(sent)]
        assert told.estimated_cost == sum(prices)
        by_number = Counter[str]()
        for identity, parts in sent.values_list("origination_identity", "parts"):
            by_number[identity] += parts
        mps = {OUR_NUMBER: 2, "+447860019066": 1}
        longest = [-(-parts // mps[identity]) for identity, parts in by_number.items()]
        assert told.estimated_seconds == max(longest, default=None)
        transaction.set_rollback(True)


def _parts(sent: QuerySet[OutboundMessage]) -> list[tuple[str, int]]:
    return list(sent.values_list("destination_phone_number", "parts"))


@pytest.mark.django_db(transaction=True)
# Each chunk is committed: a transaction around them all would keep what is to be done after its commit.
@pytest.mark.django_db(transaction=True)
def test_memory_does_not_grow_with_the_segment(number: OriginationIdentity, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audience, "CHUNK", 1_000)
    for count, begin in ((1_000, 0), (2_000, 1_000_000), (8_000, 2_000_000)):
        crowd(count, begin=begin, name=f"{count}")
    for digit, code in (("1", "es"), ("2", "de"), ("3", "fr")):
        Contact.objects.filter(phone_number__endswith=digit).update(language=code)
    peak(1_000, translations=(SPANISH,))
    assert peak(8_000, translations=(SPANISH,)) < 1.3 * peak(2_000, translations=(SPANISH,))
