"""What employees type, and what they mean."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shifts import understanding
from shifts.understanding import Command, Meaning, candidates, is_reserved, mentioned, understand
from shifts.vocabulary import CODE_PATTERN

CODES = ("XYZ123", "XYZ124", "309", "NIGHT", "AB-7", "W_12-A")
BOTH = Meaning(Command.BOOK, ("XYZ123", "XYZ124"))

ONE_CODE = [
    "XYZ123",
    "xyz123",
    " Xyz123 ",
    "XYZ123.",
    "XYZ123!!",
    "XYZ123,",
    ",XYZ123,,",
    "#XYZ123",
    "(XYZ123)",
    '"XYZ123"',
    "“XYZ123”",
    "'xyz123'",
    "*XYZ123*",
    "- XYZ123",
    "XYZ123 \N{THUMBS UP SIGN}",
    "\N{WHITE HEAVY CHECK MARK}XYZ123",
    "XYZ123\n",
    "XYZ123\nSent from my iPhone",
    "XYZ123\n--\nBen Baker",
    "\N{NO-BREAK SPACE}XYZ123",
    "XYZ\N{ZERO WIDTH SPACE}123",
    "ＸＹＺ１２３",
    "XYZ123 XYZ123, xyz123",
    "XYZ 123",
    "xyz  123",
    "XYZ - 123",
    "XYZ-123",
    "XYZ_123",
    "XYZ\N{NON-BREAKING HYPHEN}123",
    "XYZ–123",
    "\N{NUMERO SIGN}XYZ123",
    "XYZ123 please",
    "please XYZ123",
    "Hi, XYZ123 thank you very much",
    "Good morning! XYZ123",
    "yes XYZ123",
    "Yes, XYZ123!",
    "yes:XYZ123",
    "XYZ123 yes please",
    "XYZ123 YES",
    "yes to XYZ123",
    "ok xyz123 thanks",
    "OK for XYZ123",
    "shift XYZ123",
    "Shift code: XYZ123",
    "hi, I want shift XYZ123",
    "I can take XYZ123 please",
    "I can do XYZ123",
    "I can cover XYZ123",
    "I can work XYZ123",
    "yes I can XYZ123",
    "XYZ123 I can do it",
    "I'll take XYZ123",
    "I’ll take XYZ123",
    "I´ll take XYZ123",
    "I will work XYZ123",
    "Will do XYZ123",
    "can I please have XYZ123?",
    "May I take the shift XYZ123",
    "I'd like XYZ123",
    "I would like to book XYZ123, thanks",
    "I'd love to pick up XYZ123",
    "I want to sign up for XYZ123",
    "Happy to cover XYZ123",
    "I am available for XYZ123",
    "book me for XYZ123",
    "Book me in for XYZ123 pls",
    "Please put me down for XYZ123",
    "Sign me up for XYZ123!",
    "can you book me XYZ123",
    "Could you please give me XYZ123?",
    "book XYZ123",
    "book: XYZ123",
    "take XYZ123",
    "I request XYZ123",
    "request XYZ123",
    "REQEST XYZ123",
    "requesting XYZ123",
    "request for XYZ123",
    "only XYZ123",
    "XYZ123 for me",
]
TWO_CODES = [
    "XYZ123,XYZ124",
    "XYZ123, XYZ124,",
    "XYZ123,,XYZ124,,,",
    "XYZ123 XYZ124",
    "XYZ123 and XYZ124",
    "XYZ123 & XYZ124",
    "XYZ123+XYZ124",
    "XYZ123/XYZ124",
    "XYZ123; XYZ124",
    "XYZ123. XYZ124.",
    "XYZ123.XYZ124",
    "XYZ123|XYZ124",
    "XYZ123\nXYZ124",
    "XYZ123\r\nXYZ124\r\n",
    "- XYZ123\n- XYZ124",
    "XYZ123\N{THUMBS UP SIGN}XYZ124",
    "XYZ 123 XYZ 124",
    "xyz-123 xyz 124",
    "XYZ123, XYZ124, XYZ123",
    "XYZ123, and also XYZ124 please",
    "Can I have xyz123 and xyz124?",
    "I can take XYZ123 and I can take XYZ124",
    "both XYZ123 and XYZ124",
    "yes XYZ123 yes XYZ124",
    "shifts XYZ123 and XYZ124 for me please, thank you",
    "XYZ123 plus XYZ124 as well",
]
BOOKED = [
    ("309", Meaning(Command.BOOK, ("309",))),
    ("Night", Meaning(Command.BOOK, ("NIGHT",))),
    ("NIGHT please", Meaning(Command.BOOK, ("NIGHT",))),
    ("shift 309", Meaning(Command.BOOK, ("309",))),
    ("309,night", Meaning(Command.BOOK, ("309", "NIGHT"))),
    ("XYZ124 XYZ123", Meaning(Command.BOOK, ("XYZ124", "XYZ123"))),
    ("ab-7", Meaning(Command.BOOK, ("AB-7",))),
    ("AB7", Meaning(Command.BOOK, ("AB-7",))),
    ("ab 7", Meaning(Command.BOOK, ("AB-7",))),
    ("ab_7", Meaning(Command.BOOK, ("AB-7",))),
    ("w_12-a", Meaning(Command.BOOK, ("W_12-A",))),
]
UNKNOWN = [
    ("FOO99", Meaning(Command.BOOK, unknown=("FOO99",))),
    ("foo99, 999", Meaning(Command.BOOK, unknown=("FOO99", "999"))),
    ("foo99 FOO99", Meaning(Command.BOOK, unknown=("FOO99",))),
    ("XYZ123 FOO99", Meaning(Command.BOOK, ("XYZ123",), ("FOO99",))),
    ("FOO99 and XYZ123 and BAR-1", Meaning(Command.BOOK, ("XYZ123",), ("FOO99", "BAR-1"))),
    ("I can take FOO99 please", Meaning(Command.BOOK, unknown=("FOO99",))),
    ("request1", Meaning(Command.BOOK, unknown=("REQUEST1",))),
    ("XYZ1234", Meaning(Command.BOOK, unknown=("XYZ1234",))),
    ("XYZ123-XYZ124", Meaning(Command.BOOK, unknown=("XYZ123-XYZ124",))),
    ("XYZ123 124", Meaning(Command.BOOK, ("XYZ123",), ("124",))),
    ("XYZ123, FOO", Meaning(Command.BOOK, ("XYZ123",), ("FOO",))),
    ("FOO, XYZ123", Meaning(Command.BOOK, ("XYZ123",), ("FOO",))),
    ("XYZ123\nFOO\nBAR", Meaning(Command.BOOK, ("XYZ123",), ("FOO", "BAR"))),
    ("XYZ123, FOO please", Meaning(Command.BOOK, ("XYZ123",), ("FOO",))),
    ("drop FOO99", Meaning(Command.DROP, unknown=("FOO99",))),
    ("drop XYZ123, FOO", Meaning(Command.DROP, ("XYZ123",), ("FOO",))),
    ("XYZ123, foo", Meaning(Command.BOOK, ("XYZ123",), ("FOO",))),
    ("YES XYZ123, FOO", Meaning(Command.BOOK, ("XYZ123",), ("FOO",))),
]
# Without a digit, a word that nobody knows is a code only in capitals or between commas.
IN_CAPITALS = [
    ("XYZ123 and BADCODE", ("XYZ123",), ("BADCODE",)),
    ("xyz123 and BADCODE", ("XYZ123",), ("BADCODE",)),
    ("BADCODE and XYZ123", ("XYZ123",), ("BADCODE",)),
    ("XYZ123 AND BADCODE", ("XYZ123",), ("BADCODE",)),
    ("XYZ123 BADCODE", ("XYZ123",), ("BADCODE",)),
    ("BADCODE XYZ123", ("XYZ123",), ("BADCODE",)),
    ("BADCODE xyz123", ("XYZ123",), ("BADCODE",)),
    ("XYZ123 BADCODE XYZ124", ("XYZ123", "XYZ124"), ("BADCODE",)),
    ("XYZ123 & BADCODE", ("XYZ123",), ("BADCODE",)),
    ("XYZ123+BADCODE", ("XYZ123",), ("BADCODE",)),
    ("XYZ123/BADCODE", ("XYZ123",), ("BADCODE",)),
    ("XYZ123; BADCODE", ("XYZ123",), ("BADCODE",)),
    ("XYZ123\nBADCODE", ("XYZ123",), ("BADCODE",)),
    ("XYZ123, BADCODE and OTHERBAD", ("XYZ123",), ("BADCODE", "OTHERBAD")),
    ("XYZ123 BADCODE, foo", ("XYZ123",), ("BADCODE", "FOO")),
    ("XYZ123 BADCODE.", ("XYZ123",), ("BADCODE",)),
    ("XYZ123 BADCODE BADCODE9", ("XYZ123",), ("BADCODE", "BADCODE9")),
    ("XYZ123 BAD-CODE", ("XYZ123",), ("BAD-CODE",)),
    ("XYZ123 and NIGHTS please", ("XYZ123",), ("NIGHTS",)),
    ("HELLO, XYZ123 BADCODE THANK YOU", ("XYZ123",), ("BADCODE",)),
    ("yes XYZ123 BADCODE", ("XYZ123",), ("BADCODE",)),
    ("shifts XYZ123 and BADCODE", ("XYZ123",), ("BADCODE",)),
    ("NIGHT BADCODE", ("NIGHT",), ("BADCODE",)),
    ("309, BADCODE", ("309",), ("BADCODE",)),
    ("BADCODE", (), ("BADCODE",)),
    ("BADCODE!", (), ("BADCODE",)),
    ("BADCODE please", (), ("BADCODE",)),
    ("FOO", (), ("FOO",)),
    ("BADCODE, OTHERBAD", (), ("BADCODE", "OTHERBAD")),
    ("BADCODE and OTHERBAD", (), ("BADCODE", "OTHERBAD")),
    ("BADCODE OTHERBAD", (), ("BADCODE", "OTHERBAD")),
    ("BADCODE\nFOO99", (), ("BADCODE", "FOO99")),
]
DROPPED_IN_CAPITALS = [
    ("DROP BADCODE", (), ("BADCODE",)),
    ("drop BADCODE", (), ("BADCODE",)),
    ("DROP XYZ123 BADCODE", ("XYZ123",), ("BADCODE",)),
    ("drop XYZ123 and BADCODE", ("XYZ123",), ("BADCODE",)),
    ("XYZ123 BADCODE DROP", ("XYZ123",), ("BADCODE",)),
]
# Who shouts, and what is not in capitals.
NOT_IN_A_LIST = [
    *(
        "badcode",
        "Badcode",
        "xyz123 badcode",
        "XYZ123 Badcode",
        "badcode XYZ123",
        "XYZ123 and foo",
        "XYZ123 foo XYZ124",
    ),
    *("badcode, otherbad", "foo and bar", "drop foo", "BAdCODE", "XYZ123 BADCODe"),
    *("I CANT DO XYZ123", "I CAN'T DO XYZ123", "XYZ123 IS TOO FAR", "XYZ123 TOO FAR", "SORRY XYZ123", "NOT XYZ123"),
    *("XYZ123 NEEDS COVERING", "BEN TOOK XYZ123", "BEN SMITH XYZ123", "XYZ123 BADCODE OTHERBAD", "XYZ123, FOO BAR"),
    *("XYZ123 WORKS", "XYZ123 TAKEN", "XYZ123 LATER", "XYZ123 SOON", "XYZ123 ASAP", "XYZ123 EARLY", "XYZ123 BACK"),
    *("UNBOOK XYZ123", "DELETE XYZ123", "RELEASE XYZ123", "RETURN XYZ123", "SWAP XYZ123", "TRADE XYZ123"),
    *("FORGET XYZ123", "UNDO XYZ123", "GIVE XYZ123", "CANCEL XYZ123", "CANCLE XYZ123", "CANCELL XYZ123"),
    *("DRPO XYZ123", "DROPP XYZ123", "DRIP XYZ123", "STPO XYZ123", "EXCPET XYZ123", "XYZ123 DROP BADCODE"),
    *("unbook XYZ123", "UNBOOK xyz123", "Swap XYZ123", "xyz123 NO", "XYZ123 NOPE", "XYZ123 BUT", "XYZ123 OR BADCODE"),
    *("XYZ123 MONDAY", "XYZ123 MON", "XYZ123 ON FRIDAY", "XYZ123 FRI", "XYZ123 JULY", "XYZ123 DEC", "XYZ123 TOMORROW"),
    *("XYZ123 GOOD", "XYZ123 MORNING", "XYZ123 EVERYONE", "TEAM XYZ123", "XYZ123 THEM", "HE XYZ123", "XYZ123 SHE"),
    *("BEN'S XYZ123", "XYZ123 SHE'LL", "XYZ123 - BADCODE", "XYZ123: BADCODE", "XYZ123. BADCODE", "XYZ123 (BADCODE)"),
    *(
        "XYZ123 BADCODE?",
        "XYZ123 REALLY?",
        "BADCODE?",
        "WARD 309",
        "309 STREET",
        "BED 309 please",
        "XYZ 999",
        "ROOM 12",
    ),
    *("YES XYZ123 BADCODE", "SHIFTS XYZ123 AND BADCODE", "XYZ123 BADCODE OK", "I WANT XYZ123 AND BADCODE"),
    *("I can take XYZ123 and BADCODE", "Can I have XYZ123 and BADCODE", "XYZ123 AB", "AB XYZ123", "XYZ123 DR BADCODE"),
    *("HELLO", "HI", "HEY", "GOOD MORNING", "MORNING", "EVENING", "THANKS BEN", "HI TEAM", "HAPPY BIRTHDAY", "WELCOME"),
    *("MONDAY", "FRIDAYS OFF", "YES BADCODE", "NO BADCODE", "NOPE", "YEAH", "HELP ME", "URGENT", "SICK", "ON MY WAY"),
    *("REQUEST BADCODE", "MORE BADCODE", "AGENT BADCODE", "MINE BADCODE", "DROP DEAD", "DROP IT", "DROP THEM", "STPO"),
    *("OPT OUT", "STOPP", "UNSUBSCRIB", "CANCELL", "WHO IS THIS", "LEAVE ME", "SHIFT BADCODE", "BADCODE FOR ME"),
    *("DROP BADCODE FOR XYZ123", "DROP XYZ123 NOW", "DROP XYZ123 NEXT WEEK", "DON'T DROP BADCODE", "A" * 31),
]
REQUEST = [
    *(
        "REQUEST",
        "request.",
        "Request!",
        '"REQUEST"',
        "“Request”",
        "(request)",
        " request \n",
        "ＲＥＱＵＥＳＴ",
        "réquest",
    ),
    *(
        "Request please",
        "please REQUEST",
        "hi, request",
        "REQUEST thanks",
        "REQUEST\nSent from my iPhone",
        "yes request",
    ),
    *("REQUESTS", "request shifts", "request the available shifts", "I'd like to request a shift", "REQUEST list"),
    *("REQEUST", "REQUST", "Reqest", "requesr", "rrequest", "equest", "request \N{THUMBS UP SIGN}", "request request"),
]
MORE = ["MORE", "more", "More!", "more please", "more.", "More shifts please", "send me more", "more, thank you"]
MINE = ["MINE", "mine", "mine please", "my shifts", "My shifts?", "show me my shifts", "my shift", "my codes pls"]
AGENT = [
    *(
        "AGENT",
        "agent",
        "agent!",
        "Agent.",
        "'AGENT'",
        "AGENT please",
        "please agent",
        "agent thank you",
        "Agent, thanks",
    ),
    *("call agent", "speak to an agent please", "talk with an agent", "agent call me please", "yes agent"),
]
DROP = [
    ("DROP XYZ123", ("XYZ123",)),
    ("drop xyz123, xyz124", ("XYZ123", "XYZ124")),
    ("drop shift XYZ123 please", ("XYZ123",)),
    ("drop shifts XYZ123 and XYZ124", ("XYZ123", "XYZ124")),
    ("drop: XYZ123", ("XYZ123",)),
    ("drop:XYZ123", ("XYZ123",)),
    ("please drop XYZ123", ("XYZ123",)),
    ("Sorry, drop XYZ123", ("XYZ123",)),
    ("XYZ123 drop", ("XYZ123",)),
    ("XYZ123 drop please", ("XYZ123",)),
    ("can you drop XYZ123?", ("XYZ123",)),
    ("can I drop my shift XYZ123", ("XYZ123",)),
    ("I need to drop XYZ123 sorry", ("XYZ123",)),
    ("drop me from XYZ123", ("XYZ123",)),
    ("drop XYZ 123", ("XYZ123",)),
    ("DROP", ()),
    ("drop please", ()),
    ("drop my shift", ()),
]
REFUSED = [
    "I can't do XYZ123",
    "I can’t do XYZ123",
    "I can´t do XYZ123",
    "I cannot do XYZ123",
    "I can not do XYZ123",
    "don't book XYZ123",
    "not XYZ123",
    "no XYZ123",
    "No, XYZ123",
    "XYZ123 no",
    "XYZ123 nope",
    "n XYZ123",
    "XYZ123 \N{THUMBS DOWN SIGN}",
    "\N{CROSS MARK} XYZ123",
    "XYZ123 but not XYZ124",
    "XYZ123 except XYZ124",
    "XYZ123 instead of XYZ124",
    "XYZ123, never",
    "XYZ123, cancel",
    "XYZ123, unfortunately",
    "XYZ123, covered",
    "sorry XYZ123",
    "XYZ123 is too far",
    "cancel XYZ123",
    "stop XYZ123",
    "XYZ123 end",
    "don't drop XYZ123",
]
IN_DOUBT = [
    "XYZ123 or XYZ124",
    "XYZ123 and/or XYZ124",
    "maybe XYZ123",
    "XYZ123, maybe",
    "XYZ123 if I can",
    "only if XYZ123",
    "when XYZ123",
    "is XYZ123 still available?",
    "XYZ123 available?",
    "what time is XYZ123",
    "do I have XYZ123?",
    "I have XYZ123",
    "I could do XYZ123",
    "I need cover for XYZ123",
    "can you cover XYZ123",
    "you take XYZ123",
    "thank you, you take XYZ123",
    "can I give XYZ123",
    "can have XYZ123",
    "take me off XYZ123",
    "XYZ123 before XYZ124",
    "XYZ123 to XYZ124",
    "XYZ123 for XYZ124",
    "XYZ123 - XYZ124",
    "XYZ123 — XYZ124",
    "309 - 311",
    "425 309 1234",
    "(425) 309-1234",
    "+14255550101",
    "XYZ123 > XYZ124",
    "XYZ123 $20",
    "thanks for XYZ123",
    "XYZ123's",
    "drop XYZ123 and book XYZ124",
    "drop XYZ123 for XYZ124",
    "XYZ123 drop XYZ124",
    "drop XYZ123 to XYZ124",
    "request XYZ123 and drop XYZ124",
    "XYZ123 more",
    "mine XYZ123",
    "XYZ123 agent",
    "I can take XYZ123, FOO",
    "to “XYZ123”",
    "\N{THUMBS UP SIGN} to “AGENT”",
    "Reacted to “REQUEST”",
    "Liked “XYZ123”",
]
NOTHING = [
    *("", "   ", "?", "...", "\N{THUMBS UP SIGN}", "hello", "foo", "foo, bar", "yes", "no", "YES please", "ok thanks"),
    *(
        "5pm",
        "9:30",
        "9.30",
        "24/12",
        "24.12.2026",
        "2 hours",
        "2h",
        "12hrs",
        "1st",
        "9h30",
        "XYZ123 5pm",
        "XYZ123 9:30",
    ),
    *("2 shifts", "book me 2 shifts", "XYZ123 2 hours", "$20", "1 > 2", "I want a shift", "book me", "thank you"),
    *("quest", "requested", "bequest", "requ", "re-quest", "no request", "my request", "request a call"),
    *(
        "more money",
        "no more",
        "mor",
        "moree",
        "more agent",
        "request more agent",
        "mines",
        "my",
        "my money",
        "not mine",
    ),
    *(
        "agentic",
        "agents",
        "agent smith",
        "the agent said",
        "agnet",
        "agent 007",
        "no agent",
        "thanks agent",
        "hi agent",
    ),
    *("an", "call", "call me", "agent?no", "agent or more", "drop it", "drop foo", "drop me a line", "dropped", "drp"),
    *("drop drop", "STOP", "CANCEL", "END", "QUIT", "HELP", "list", "shifts", "code"),
]


def ids(rows: list[str]) -> list[str]:
    return [ascii(row) for row in rows]


@pytest.mark.parametrize("body", ONE_CODE, ids=ids(ONE_CODE))
def test_these_book_one(body: str) -> None:
    assert understand(body, CODES) == Meaning(Command.BOOK, ("XYZ123",))


@pytest.mark.parametrize("body", TWO_CODES, ids=ids(TWO_CODES))
def test_these_book_two(body: str) -> None:
    assert understand(body, CODES) == BOTH


@pytest.mark.parametrize(("body", "meaning"), BOOKED + UNKNOWN, ids=ids([row[0] for row in BOOKED + UNKNOWN]))
def test_other_codes_and_unknown_ones(body: str, meaning: Meaning) -> None:
    assert understand(body, CODES) == meaning


@pytest.mark.parametrize(("body", "codes", "unknown"), IN_CAPITALS, ids=ids([row[0] for row in IN_CAPITALS]))
def test_codes_that_nobody_knows_are_told_by_their_capitals(
    body: str, codes: tuple[str, ...], unknown: tuple[str, ...]
) -> None:
    assert understand(body, CODES) == Meaning(Command.BOOK, codes, unknown)


@pytest.mark.parametrize(
    ("body", "codes", "unknown"), DROPPED_IN_CAPITALS, ids=ids([row[0] for row in DROPPED_IN_CAPITALS])
)
def test_they_are_given_back_as_little(body: str, codes: tuple[str, ...], unknown: tuple[str, ...]) -> None:
    assert understand(body, CODES) == Meaning(Command.DROP, codes, unknown)


@pytest.mark.parametrize("body", NOT_IN_A_LIST, ids=ids(NOT_IN_A_LIST))
def test_who_shouts_is_not_understood(body: str) -> None:
    assert understand(body, CODES) == Meaning()


@pytest.mark.parametrize(("body", "codes"), DROP, ids=ids([row[0] for row in DROP]))
def test_these_give_back(body: str, codes: tuple[str, ...]) -> None:
    assert understand(body, CODES) == Meaning(Command.DROP, codes)


PLAIN = [
    (body, command)
    for command, bodies in (
        (Command.REQUEST, REQUEST),
        (Command.MORE, MORE),
        (Command.MINE, MINE),
        (Command.AGENT, AGENT),
    )
    for body in bodies
]


@pytest.mark.parametrize(("body", "command"), PLAIN, ids=ids([row[0] for row in PLAIN]))
def test_commands_without_codes(body: str, command: Command) -> None:
    assert understand(body, CODES) == Meaning(command)


@pytest.mark.parametrize("body", REFUSED + IN_DOUBT + NOTHING, ids=ids(REFUSED + IN_DOUBT + NOTHING))
def test_these_are_not_understood(body: str) -> None:
    assert understand(body, CODES) == Meaning()


@pytest.mark.parametrize(
    ("body", "known", "meaning"),
    [
        ("request", ("REQUEST",), Meaning(Command.REQUEST)),
        ("more", ("MORE",), Meaning(Command.MORE)),
        ("agent", ("AGENT",), Meaning(Command.AGENT)),
        ("no", ("NO",), Meaning()),
        ("yes", ("YES",), Meaning()),
        ("A1 or B2", ("A1", "OR", "B2"), Meaning()),
        ("requst", ("REQUST",), Meaning(Command.BOOK, ("REQUST",))),
        ("shift", ("SHIFT",), Meaning(Command.BOOK, ("SHIFT",))),
        ("late", ("LATE",), Meaning(Command.BOOK, ("LATE",))),
        ("5pm", ("5PM",), Meaning(Command.BOOK, ("5PM",))),
        ("please", ("PLE-ASE",), Meaning()),
        ("shift 12", ("SHIFT12",), Meaning(Command.BOOK, ("SHIFT12",))),
        ("shift 12", ("SHIFT12", "12"), Meaning(Command.BOOK, ("12",))),
        ("a 12", ("A12",), Meaning(Command.BOOK, ("A12",))),
        ("night shift", ("NIGHTSHIFT",), Meaning(Command.BOOK, ("NIGHTSHIFT",))),
        ("take 12", ("TAKE12",), Meaning(Command.BOOK, unknown=("12",))),
        ("A1 2", ("A12",), Meaning(Command.BOOK, unknown=("A1", "2"))),
        ("1 C 2", ("1C", "C2"), Meaning()),
        ("2 shifts", ("2",), Meaning()),
        ("XYZ 123", ("XYZ", "123", "XYZ123"), Meaning(Command.BOOK, ("XYZ", "123"))),
        ("XYZ, 123", ("XYZ123",), Meaning(Command.BOOK, unknown=("XYZ", "123"))),
        ("xyz, 123", ("XYZ123",), Meaning()),
        ("SOON", ("SOON",), Meaning(Command.BOOK, ("SOON",))),
        ("BADCODE BEN", ("BEN",), Meaning(Command.BOOK, ("BEN",), ("BADCODE",))),
        ("XY-Z1", ("X-YZ1", "XYZ-1"), Meaning(Command.BOOK, unknown=("XY-Z1",))),
        ("XYZ-1", ("X-YZ1", "XYZ-1"), Meaning(Command.BOOK, ("XYZ-1",))),
        ("12 34 xyz1", ("Xyz1",), Meaning(Command.BOOK, ("Xyz1",), ("12", "34"))),
    ],
)
def test_what_wins(body: str, known: tuple[str, ...], meaning: Meaning) -> None:
    assert understand(body, known) == meaning


@pytest.mark.parametrize(
    ("body", "looked_up"),
    [
        ("xyz123", {"XYZ123", "XYZ-123", "XYZ_123"}),
        ("XYZ 123", {"XYZ", "123", "XYZ123"}),
        ("xyz-123, b2", {"XYZ-123", "XYZ123", "B2"}),
        ("ab 7", {"AB7", "AB-7"}),
        ("shift 12", {"12", "SHIFT12"}),
    ],
)
def test_what_is_looked_up(body: str, looked_up: set[str]) -> None:
    assert looked_up <= set(candidates(body))


def test_what_is_typed_is_looked_up_before_other_spellings() -> None:
    assert candidates("A1 XYZ 123")[:5] == ("A1", "XYZ", "123", "A1XYZ", "XYZ123")


def test_nothing_is_looked_up_that_is_never_a_code() -> None:
    assert candidates("XYZ123 for €9") == ()
    assert candidates("yes no more request") == ()
    assert not set(candidates("A1 2, B3 don't")) & {"A12", "2B3", "B3DONT", "DONT"}


def test_at_most_a_hundred_are_looked_up_and_none_is_unknown_that_was_not() -> None:
    hundred = [f"A{number}" for number in range(100)]
    assert candidates(" ".join(hundred)) == tuple(hundred)
    assert understand(" ".join(hundred), hundred) == Meaning(Command.BOOK, tuple(hundred))
    assert len(candidates(" ".join([*hundred, "B1"]))) == 100
    assert understand(" ".join([*hundred, "B1"]), hundred) == Meaning()


RESERVED = [
    *(
        "REQUEST",
        "request",
        "REQUST",
        "REQUESTS",
        "MORE",
        "AGENT",
        "MINE",
        "DROP",
        "Drop",
        "YES",
        "Y",
        "NO",
        "nope",
        "sí",
    ),
    *(
        "please",
        "THANKS",
        "and",
        "AND",
        "shift",
        "Shifts",
        "codes",
        "take",
        "BOOK",
        "my",
        "hi",
        "OK",
        "or",
        "not",
        "STOP",
    ),
    *("CANCEL", "call", "pick"),
]


@pytest.mark.parametrize("code", RESERVED)
def test_no_shift_may_be_called_like_what_means_something_else(code: str) -> None:
    assert is_reserved(code)
    assert not is_reserved(f"{code}-9")


@pytest.mark.parametrize("code", ["XYZ123", "309", "NIGHT", "Morning", "LATE", "B", "5PM", "quest", "agents", "XYZ"])
def test_a_shift_may_be_called_like_this(code: str) -> None:
    assert not is_reserved(code)
    assert understand(code, [code]) == Meaning(Command.BOOK, (code,))


# More words than the tables have, in any order.
WORDS = [
    *(
        "XYZ123",
        "xyz124",
        "XYZ",
        "123",
        "309",
        "foo",
        "foo99",
        "request",
        "more",
        "agent",
        "mine",
        "drop",
        "and",
        "or",
        "not",
    ),
    *(
        "yes",
        "no",
        "please",
        "thank you",
        "i can",
        "take",
        "book me for",
        "my",
        "shift",
        "a",
        "5pm",
        "9:30",
        "-",
        ",",
        "\n",
    ),
]
SENTENCES = st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join)
CODE = st.from_regex(CODE_PATTERN, fullmatch=True)
FREE_CODES = st.lists(st.from_regex(r"[A-Z]{2}[0-9]{3}", fullmatch=True), min_size=1, max_size=6, unique=True)
SEPARATORS = st.sampled_from([" ", ",", ", ", " and ", " & ", "+", "/", "; ", ". ", "\n", ",,", " , ", "\n\n", " + "])


@given(st.text() | SENTENCES, st.lists(CODE | st.text(max_size=3), max_size=5))
@example("\ud800", ["\ud800"])
@example("İ ſ ß", ["ss"])
def test_no_text_breaks_it(body: str, known: list[str]) -> None:
    meaning = understand(body, known)
    assert set(meaning.codes) <= set(known)
    assert meaning.command or meaning == Meaning()
    assert meaning.command in (Command.BOOK, Command.DROP) or not (meaning.codes or meaning.unknown)
    assert meaning.command is not Command.BOOK or meaning.codes or meaning.unknown
    for named in (meaning.codes, meaning.unknown, candidates(body)):
        assert len(set(named)) == len(named)
    assert all(
        code == code.upper() and re.fullmatch(CODE_PATTERN, code) for code in (*candidates(body), *meaning.unknown)
    )


# Capitals tell something of a word that nobody knows, and of no other.
KNOWN_SENTENCES = st.lists(st.sampled_from([word for word in WORDS if word not in {"XYZ", "foo"}])).map(" ".join)


@given(SENTENCES)
def test_capitals_only_make_a_code_of_what_was_none(body: str) -> None:
    assert understand(body.lower(), CODES) in (understand(body.upper(), CODES), Meaning())
    assert understand(body.lower(), CODES) == understand(body.title(), CODES)


@given(KNOWN_SENTENCES)
def test_case_changes_nothing(body: str) -> None:
    meant = understand(body, CODES)
    assert (
        understand(body.upper(), CODES) == understand(body.lower(), CODES) == understand(body.title(), CODES) == meant
    )
    stored_otherwise = understand(body, [code.lower() for code in CODES])
    assert tuple(code.upper() for code in stored_otherwise.codes) == meant.codes
    assert stored_otherwise.command == meant.command


@given(SENTENCES)
def test_what_is_understood_was_looked_up(body: str) -> None:
    looked_up = set(candidates(body))
    meaning = understand(body, CODES)
    assert set(meaning.codes) | set(meaning.unknown) <= looked_up
    assert understand(body, [code for code in CODES if code in looked_up]) == meaning


@given(FREE_CODES, st.data())
def test_separators_change_nothing(codes: list[str], data: st.DataObject) -> None:
    body = codes[0]
    for code in codes[1:]:
        body += data.draw(SEPARATORS) + code
    assert understand(body, codes) == Meaning(Command.BOOK, tuple(codes))
    assert understand(f"drop {body}", codes) == Meaning(Command.DROP, tuple(codes))
    assert understand(body, []) == Meaning(Command.BOOK, unknown=tuple(codes))


AROUND = st.text(alphabet=" \t\n.,;:!?\"'()*~“”…\N{NO-BREAK SPACE}\N{ZERO WIDTH SPACE}\N{GRINNING FACE}", max_size=6)


@given(st.sampled_from(["request", "more", "agent", "mine", "drop", "xyz123", "i can take xyz123"]), AROUND, AROUND)
def test_what_stands_around_changes_nothing(words: str, before: str, after: str) -> None:
    meant = understand(words, CODES)
    assert understand(f"{before}{words}{after}", CODES) == meant
    assert meant.command


@given(SENTENCES, st.sampled_from(["not", "don't", "or", "if", "maybe", "no", "except", "what"]), st.data())
def test_a_word_of_doubt_anywhere_leaves_nothing(body: str, doubt: str, data: st.DataObject) -> None:
    words = body.split(" ")
    at = data.draw(st.integers(0, len(words)))
    assert understand(" ".join([*words[:at], doubt, *words[at:]]), CODES) == Meaning()


@pytest.mark.parametrize(
    "body",
    [
        "XYZ123 " * 20_000,
        "XYZ123" * 20_000,
        "a" + "-" * 100_000,
        "i can take " * 10_000,
        "\u0300\u0316" * 50_000,
        "ﷺ" * 100_000,
    ],
    ids=["codes", "one word", "hyphens", "phrases", "accents", "ligatures"],
)
def test_what_is_too_long_is_not_read(body: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(understanding, "plain", lambda text: pytest.fail(f"read {len(text)} characters"))
    assert understand(body, CODES) == Meaning()
    assert candidates(body) == ()


def test_spaces_around_make_no_text_too_long() -> None:
    assert understand(f"{' ' * 100_000}XYZ123{' ' * 100_000}", CODES) == Meaning(Command.BOOK, ("XYZ123",))


@pytest.mark.parametrize(
    "word", ["i can take ", "take ", "thank you very much ", "yes to ", "can you book me for ", "a-", "# "]
)
@pytest.mark.parametrize("end", ["XYZ123", "XYZ123 x"])
def test_phrases_repeated_have_one_reading(word: str, end: str) -> None:
    """More readings than one would double the time with each repetition, and never end."""
    body = word * ((1990 - len(end)) // len(word)) + end
    assert understand(body, CODES).codes in ((), ("XYZ123",))


@pytest.mark.parametrize(
    ("body", "codes"),
    [
        ("can I take XYZ123 on Friday instead", ["XYZ123"]),
        ("is xyz-124 still open at 9:30?", ["XYZ-124", "XYZ124"]),
        ("not XYZ123, but XYZ124 \N{THUMBS DOWN SIGN}", ["XYZ123", "XYZ124"]),
        ("what about XYZ 123", ["XYZ123"]),
        ("is 309 taken", ["309"]),
        ("can I take NIGHT on Friday instead?", ["NIGHT"]),
    ],
)
def test_what_a_text_speaks_of(body: str, codes: list[str]) -> None:
    assert set(codes) <= set(mentioned(body))


@pytest.mark.parametrize(
    "body",
    [
        "good night everybody",
        "GOOD NIGHT EVERYBODY",
        "Liked “XYZ123: Night”",
        'Laughed at "XYZ123: Night',
        "see you in 12",
        "",
        "XYZ123 " * 300,
    ],
    ids=ascii,
)
def test_what_a_text_does_not_speak_of(body: str) -> None:
    assert not {"NIGHT", "XYZ123", "12"} & set(mentioned(body))


@given(st.text() | SENTENCES)
def test_no_text_breaks_what_it_speaks_of(body: str) -> None:
    assert len(mentioned(body)) <= 100
    assert all(re.fullmatch(CODE_PATTERN, code) for code in mentioned(body))
