"""Both sides make the same rows; the history is what it says."""

from collections import Counter
from importlib import import_module

import pytest

from benchmarks import bulk, expansion, history, inbound, memory
from benchmarks.__main__ import ROWS
from benchmarks.stage import Stage
from messaging.models import Contact, DeliveryEvent, InboundMessage, OutboundMessage
from shifts.models import Employee


@pytest.mark.parametrize("row", ROWS)
def test_each_row_is_a_module_that_yields_figures(row: str) -> None:
    assert callable(import_module(f"benchmarks.{row}").figures)


@pytest.mark.django_db
def test_expanding_makes_the_rows_that_one_statement_makes() -> None:
    segment = expansion.fill(40)
    ours, by_hand = (expansion.counts(each(segment)) for each in (expansion.expand, expansion.by_hand))
    expansion.compare([ours, by_hand], 40)
    assert ours == {"queued": 38, "suppressed": 2}


@pytest.mark.parametrize(
    "found", [({"queued": 38, "suppressed": 2}, {"queued": 40, "suppressed": 0}), ({"queued": 1}, {"queued": 1})]
)
def test_other_rows_are_seen(found: tuple[dict[str, int], dict[str, int]]) -> None:
    with pytest.raises(AssertionError, match="Not the same rows"):
        expansion.compare(found, 40)


@pytest.mark.django_db
def test_an_expansion_can_be_cleared_away() -> None:
    expansion.expand(expansion.fill(40))
    expansion.clear()
    expansion.fill(20)
    assert (Contact.objects.count(), Employee.objects.count(), OutboundMessage.objects.count()) == (20, 20, 0)


def test_memory_is_not_measured_of_fewer_recipients(monkeypatch: pytest.MonkeyPatch) -> None:
    class Done:
        stdout = b'{"traced": 1.0, "resident": 2.0, "texts": 3}'

    monkeypatch.setattr("benchmarks.memory.subprocess.run", lambda *arguments, **options: Done())
    assert memory.of_a_process("Everybody", 3)["traced"] == 1.0
    with pytest.raises(AssertionError, match="3 texts came of 4"):
        memory.of_a_process("Everybody", 4)


@pytest.mark.django_db
def test_half_of_the_senders_are_employees(stage: Stage) -> None:
    inbound.employ(10, "1509")
    employees = set(Employee.objects.values_list("contact__phone_number", flat=True))
    # REQUEST comes from every second one, beginning with the second.
    assert employees == set(inbound.senders(10, "1509")[1::2])


@pytest.mark.django_db
def test_the_history_has_all_it_says() -> None:
    history.fill(texts=1000, inbound=200, events=1500)
    statuses = Counter(OutboundMessage.objects.values_list("status", flat=True))
    assert statuses == {"delivered": 890, "sent": 40, "failed": 30, "suppressed": 20, "unknown": 10, "cancelled": 10}
    assert InboundMessage.objects.filter(routed_at__isnull=False, outcome="shifts").count() == 200
    assert DeliveryEvent.objects.filter(applied_at__isnull=False, message__isnull=False).count() == 1500
    times = OutboundMessage.objects.order_by("queued_at").values_list("queued_at", flat=True)
    assert (times[999] - times[0]).days > 80
    assert not OutboundMessage.objects.filter(status__in=["queued", "sending"]).exists()


@pytest.mark.django_db
def test_a_column_that_is_not_there_is_told() -> None:
    with pytest.raises(ValueError, match="no nickname"):
        bulk.insert(Contact(), 3, phone_number="s.n", nickname="s.n")
