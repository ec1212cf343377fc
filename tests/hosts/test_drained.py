"""Who drained which number is told as the leases and the calls say."""

from tests.hosts.drained import Spell, spells, told
from tests.hosts.host import EVERYTHING, Cut
from tests.hosts.leases import Lease
from tests.hosts.test_judge import NUMBER, called

OTHER = "+14255550199"
LEASES = (
    Lease(100.0, NUMBER, "", "sender-1", None),
    Lease(103.0, NUMBER, "sender-1", "", 105.0),
    Lease(104.0, NUMBER, "", "sender-1", None),
    Lease(104.5, OTHER, "", "sender-2", None),
    Lease(111.5, NUMBER, "sender-1", "sender-2", 111.0),
    Lease(115.0, NUMBER, "sender-2", "", 116.0),
)
CALLED = (
    *(called("sender-1", 1, 101.0), called("sender-1", 2, 105.0), called("sender-2", 3, 112.0)),
    # By somebody who has another number, and by somebody who has none.
    *(called("sender-2", 4, 105.0), called("sender-3", 5, 105.0)),
)


def test_rests_are_within_a_spell_and_calls_are_those_of_its_host() -> None:
    assert spells(LEASES, CALLED) == [
        Spell(NUMBER, "sender-1", 100.0, 111.5, calls=2, times=2),
        Spell(NUMBER, "sender-2", 111.5, 115.0, calls=1, after=("sender-1", 0.5)),
        Spell(OTHER, "sender-2", 104.5, float("inf")),
    ]


def test_it_is_told_in_order_with_the_cuts_between() -> None:
    cut = Cut("sender-1", EVERYTHING, 106.0, 106.0, 126.0)
    assert told(LEASES[:3] + LEASES[4:], CALLED, (cut,)).splitlines() == [
        f"  {NUMBER}, 5 calls, 2 spells:",
        "    0.0 s    11.5 s sender-1: 2 calls, with 1 rests",
        "    6.0 s          sender-1 cut off from database, redis, carrier",
        "   11.5 s    15.0 s sender-2: 1 calls, 0.50 s after the lease of sender-1 had run out",
        "   26.0 s          sender-1 back",
    ]


def test_nobody_is_told_too() -> None:
    assert told((), (), ()) == "Nobody drained any number."
