"""The rules for countries: where texts are sent, and from which numbers."""

from collections import Counter

import pytest

from messaging import numbers
from messaging.countries import CountryRules
from messaging.models import CountryRule, OriginationIdentity, OutboundMessage, Status
from messaging.simulator import Simulator
from tests.house import House
from tests.messaging.factories import ANN, OUR_NUMBER, queued, standing

pytestmark = pytest.mark.django_db
PARIS, LONDON = "+33612345678", "+447700900123"


def rule(country: str, *identities: str, allowed: bool = True) -> CountryRule:
    made = CountryRule.objects.create(iso_country_code=country, allowed=allowed)
    made.numbers.set(OriginationIdentity.objects.filter(identity__in=identities))
    return made


def french(n: int) -> str:
    return f"+336{n:08}"


class TestFrom:
    @pytest.fixture(autouse=True)
    def _numbers(self, db: None) -> None:
        numbers.create("+14255550100", is_default=True)
        for identity in ("+33756000001", "+33756000002", "+447860019066"):
            numbers.create(identity)

    def test_a_rule_names_another_than_the_countrys_own(self) -> None:
        assert numbers.choose(LONDON) == "+447860019066"
        rule("GB", "+33756000001")
        assert numbers.choose(LONDON) == "+33756000001"
        assert numbers.choose_for_all([LONDON, ANN]) == {LONDON: "+33756000001", ANN: "+14255550100"}

    def test_people_are_shared_out_by_rate_and_each_stays_with_one(self) -> None:
        rule("FR", "+33756000001", "+33756000002")
        OriginationIdentity.objects.filter(identity="+33756000001").update(mps=30)
        people = [french(n) for n in range(2000)]
        chosen = numbers.choose_for_all(people)
        counts = Counter(chosen.values())
        assert 1400 < counts["+33756000001"] < 1600, "three times as much as the other"
        assert sum(counts.values()) == 2000
        assert numbers.choose_for_all(people) == chosen
        assert {numbers.choose(people[0]) for _ in range(3)} == {chosen[people[0]]}

    def test_a_number_that_comes_moves_only_those_it_gains(self) -> None:
        people = [french(n) for n in range(500)]
        before = {one: numbers.shared_out(one, {"a": 10, "b": 10}) for one in people}
        after = {one: numbers.shared_out(one, {"a": 10, "b": 10, "c": 10}) for one in people}
        assert {after[one] for one in people if after[one] != before[one]} == {"c"}

    def test_what_is_known_of_a_person_comes_before_the_rule(self) -> None:
        rule("FR", "+33756000001")
        standing(Status.SENT, PARIS, origination_identity="+33756000002")
        assert numbers.choose(PARIS) == "+33756000002"
        assert numbers.choose(PARIS, wanted="+14255550100") == "+14255550100"

    def test_a_rule_whose_numbers_cannot_send_leaves_it_to_the_others(self) -> None:
        rule("GB", "+33756000001")
        OriginationIdentity.objects.filter(identity="+33756000001").update(active=False)
        assert numbers.choose(LONDON) == "+447860019066"

    def test_a_sender_id_is_never_asked_to_be_answered(self) -> None:
        numbers.create("ACME")
        rule("GB", "ACME")
        assert numbers.choose(LONDON) == "ACME"
        assert numbers.choose(LONDON, expects_reply=True) == "+447860019066"


class TestWhere:
    def test_nobody_is_texted_where_texts_are_switched_off(self) -> None:
        rule("FR", allowed=False)
        refused = CountryRules().refusals([(PARIS, OUR_NUMBER), (LONDON, OUR_NUMBER), (ANN, OUR_NUMBER)])
        assert refused == {
            (PARIS, OUR_NUMBER): "Texts to FR are switched off. Staff decide so at Countries in the admin."
        }

    def test_without_such_a_rule_nobody_is_asked_for_his_country(self, monkeypatch: pytest.MonkeyPatch) -> None:
        rule("FR")
        monkeypatch.setattr("messaging.countries.country_by_beginning", lambda *_: 1 // 0)
        assert CountryRules().refusals([(PARIS, OUR_NUMBER)]) == {}

    def test_what_confirms_an_opt_out_is_a_text_as_well(self, number: OriginationIdentity) -> None:
        rule("FR", allowed=False)
        text = queued(PARIS, passes_guards=True)
        assert (text.status, text.error_code) == (Status.SUPPRESSED, "GUARD")
        assert queued(LONDON, passes_guards=True).status == Status.QUEUED

    @pytest.mark.django_db(transaction=True)
    @pytest.mark.parametrize("passes_guards", [False, True])
    def test_what_waits_is_stopped_at_the_last_moment(
        self, house: House, simulator: Simulator, passes_guards: bool
    ) -> None:
        queued(PARIS, passes_guards=passes_guards)
        rule("FR", allowed=False)
        house.settle()
        assert simulator.sent == []
        text = OutboundMessage.objects.get()
        assert (text.status, text.error_code) == ("suppressed", "GUARD")
