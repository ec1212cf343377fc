"""What a file says, and what is wrong with it, by line and column: tables of files as people save them."""

import pytest

from messaging.admin.files import as_csv
from shifts.roster import decoding, reading
from shifts.roster.report import MOST_ERRORS

ANN, BOB = "+14255550182", "+14255550183"
EVA = "+36201234567"
HEADER = "name,phone_number,approved,language\n"


def _people(content: bytes | str) -> list[tuple[str, str, bool | None, str]]:
    content = content.encode() if isinstance(content, str) else content
    found = reading.read(content)
    assert found.report.errors == []
    return [(one.phone_number, one.name, one.approved, one.language) for one in found.people.values()]


def _errors(content: bytes | str) -> list[tuple[int, str]]:
    content = content.encode() if isinstance(content, str) else content
    return [(problem.line, problem.column) for problem in reading.read(content).report.errors]


def _message(content: bytes | str) -> str:
    content = content.encode() if isinstance(content, str) else content
    [problem] = reading.read(content).report.errors
    return problem.message


# what → a file that says: Éva, with that number, approved, hu.
ONE = f"name,phone_number,approved,language\nÉva,{EVA},yes,hu\n"
SAVED_AS = {
    "utf-8": ONE.encode(),
    "utf-8 with its mark": ONE.encode("utf-8-sig"),
    "utf-16, little": b"\xff\xfe" + ONE.encode("utf-16-le"),
    "utf-16, big": b"\xfe\xff" + ONE.encode("utf-16-be"),
    "Western Europe": ONE.encode("cp1252"),
    "semicolons": ONE.replace(",", ";").encode(),
    "tabs": ONE.replace(",", "\t").encode(),
    "utf-16 with tabs, Excel's Unicode text": b"\xff\xfe" + ONE.replace(",", "\t").encode("utf-16-le"),
    "Windows": ONE.replace("\n", "\r\n").encode(),
    "old Macs": ONE.replace("\n", "\r").encode(),
    "no end of line": ONE.strip().encode(),
    "Excel's line above": b"sep=;\r\n" + ONE.replace(",", ";").encode(),
    "everything quoted": "\n".join(",".join(f'"{cell}"' for cell in line.split(",")) for line in ONE.split()).encode(),
    "spaces around": ONE.replace(",", " , ").encode(),
    "blank lines": ("\n" + ONE.replace("\n", "\n,,,\n\n")).encode(),
    "capitals": ONE.replace("name,phone_number", "Name,Phone Number").encode(),
    "another order": f"language,approved,phone_number,name\nhu,Y,{EVA},Éva\n".encode(),
    "a column without name, empty": f"name,phone_number,approved,language,\nÉva,{EVA},1,hu,\n".encode(),
    "a number as people write it": ONE.replace(EVA, "0036 (20) 123-4567").encode(),
    "a name on two lines": ONE.replace("Éva", '"\n Éva\n"').encode(),
}


@pytest.mark.parametrize("how", SAVED_AS)
def test_a_file_is_read_however_it_was_saved(how: str) -> None:
    assert _people(SAVED_AS[how]) == [(EVA, "Éva", True, "hu")]


@pytest.mark.parametrize(
    ("cell", "approved"),
    [
        *((word, True) for word in ("yes", "YES", "y", "true", "True", "1")),
        *((word, False) for word in ("no", "N", "false", "FALSE", "0")),
        ("", None),
    ],
)
def test_yes_and_no(cell: str, approved: bool | None) -> None:
    assert _people(f"phone_number,approved\n{ANN},{cell}\n") == [(ANN, "", approved, "")]


def test_only_the_phone_number_must_be_there() -> None:
    assert _people(f"phone_number\n{ANN}\n{BOB}\n") == [(ANN, "", None, ""), (BOB, "", None, "")]


def test_cells_at_the_end_of_a_line_may_be_left_out() -> None:
    assert _people(f"{HEADER}Ann,{ANN}\n") == [(ANN, "Ann", None, "")]


def test_of_several_lines_of_a_number_the_last_word_counts() -> None:
    found = reading.read(f"{HEADER}Ann,{ANN},yes,en\nAnna,{ANN},no,\nBob,{BOB},,\n".encode())
    assert [(one.name, one.approved, one.language, one.times) for one in found.people.values()] == [
        ("Anna", False, "en", 2),
        ("Bob", None, "", 1),
    ]
    assert (found.report.rows, found.report.duplicates) == (3, 1)


def test_what_our_own_file_puts_before_a_formula_is_taken_away() -> None:
    assert _people(f"{HEADER}'=1+1,{ANN},,\n'Abd,{BOB},,\n") == [(ANN, "=1+1", None, ""), (BOB, "'Abd", None, "")]


@pytest.mark.parametrize(
    "name",
    [
        *(f"{sign}Ann" for sign in "=+-@＝＋－＠"),
        *"=+-@＝＋－＠",
        "+1425",
        "-5",
        "'+1425",
        "'-5",
        "＋1425",
        "'Ann",
        "''Ann",
        "'",
    ],
)
def test_a_name_comes_back_from_our_own_file_as_it_was(name: str) -> None:
    """Spreadsheets run what begins so as a formula, and our files keep them from it by a '."""
    rows = [("name", "phone_number"), (name, ANN)]
    assert _people(b"".join(as_csv("a.csv", rows))) == [(ANN, name, None, "")]


# a file → (line, column) of everything that is wrong with it
WRONG: list[tuple[str, list[tuple[int, str]]]] = [
    (f"{HEADER}Ann,4255550182,yes,en\n", [(2, "phone_number")]),
    (f"{HEADER}Ann,,yes,en\n", [(2, "phone_number")]),
    (f"{HEADER}Ann,+1425555018299999,yes,en\n", [(2, "phone_number")]),
    (f"{HEADER}Ann,not a number,yes,en\n", [(2, "phone_number")]),
    (f"{HEADER}Ann,1.42556E+10,yes,en\n", [(2, "phone_number")]),
    (f"{HEADER}Ann,{ANN},maybe,en\n", [(2, "approved")]),
    (f"{HEADER}Ann,{ANN},yes,english\n", [(2, "language")]),
    (f"{HEADER}{'A' * 151},{ANN},yes,en\n", [(2, "name")]),
    (f"{HEADER}A\x07nn,{ANN},yes,en\n", [(2, "name")]),
    (f"{HEADER}Ann,123,maybe,english\n", [(2, "phone_number"), (2, "approved"), (2, "language")]),
    (f"{HEADER}Ann,{ANN},yes,en,more\n", [(2, "")]),
    (f"{HEADER}Ann,{ANN},yes,en\n\n\nBob,1,yes,en\n", [(5, "phone_number")]),
    # A name over three lines: what comes after is where the file has it.
    (f'{HEADER}"Ann\r\nof\nthe ward",{ANN},yes,en\nBob,1,yes,en\n', [(5, "phone_number")]),
    (f'{HEADER}"Ann\nof the ward",1,yes,en\n', [(2, "phone_number")]),
    (f"sep=;\n{HEADER.replace(',', ';')}Ann;1;;\n", [(3, "phone_number")]),
    (f"Name,Telephone\nAnn,{ANN}\n", [(1, "phone_number")]),
    (f"Name,Phone Number,Aproved\nAnn,{ANN},no\n", [(1, "Aproved")]),
    (f"phone_number,Address\n{ANN},x\n", [(1, "Address")]),
    (f"phone_number,name,Name\n{ANN},Ann,Anna\n", [(1, "Name")]),
    (f"phone_number,\n{ANN},Ann\n", [(2, "")]),
    (f"\n\nName,Telephone\nAnn,{ANN}\n", [(3, "phone_number")]),
    (HEADER, [(1, "")]),
    ("", [(1, "")]),
    (" \n\n", [(1, "")]),
    (f'{HEADER}Bob,1,,\n"Ann,{ANN},yes,en\n', [(2, "phone_number"), (3, "")]),
    (f'{HEADER}"Ann" B,{ANN},yes,en\n', [(2, "")]),
]


@pytest.mark.parametrize(("content", "where"), WRONG)
def test_what_is_wrong_is_named_by_line_and_column(content: str, where: list[tuple[int, str]]) -> None:
    assert _errors(content) == where


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (f"{HEADER}Ann,4255550182,,\n", "4255550182"),
        (f"{HEADER}Ann,1.42556E+10,,\n", "spreadsheet"),
        (f"{HEADER}Ann,{ANN},maybe,\n", "maybe"),
        (f"Aproved,phone_number\n,{ANN}\n", "approved, language, name, phone_number"),
        (f'{HEADER}"Ann,{ANN}\n', "never closed"),
        (b"PK\x03\x04 and so on", "spreadsheet"),
        (b"\x1f\x8b\x08", "compressed"),
        (ONE.encode() + b"J\xf6rg,+14255550182,,\n", "UTF-8"),
        (b"\x81\x8d\n", "encoding"),
        (b"name,phone_number\nAnn\0,+14255550182\n", "not a text file"),
        (b"\xff\xfe\x00\xd8\x00", "damaged"),
        (ONE.encode("utf-16-le"), "not a text file"),
        (b"x" * (decoding.LARGEST + 1), "20 MB"),
        (",".join(f"c{number}" for number in range(1_000_000)).encode(), "1000000 columns"),
        (f"{HEADER}{'A' * 10_000_000},{ANN},,\n", "more than 131072 characters"),
    ],
    ids=lambda value: str(value)[:30] if len(str(value)) < 1000 else "large",
)
def test_what_is_wrong_is_told_in_words_that_help(content: bytes | str, word: str) -> None:
    assert word in _message(content)


def test_a_broken_byte_is_named_by_its_line() -> None:
    assert _errors(ONE.encode() + b"J\xf6rg,+14255550182,,\n") == [(3, "")]
    assert _errors(b"name,phone_number\nAnn\0,+14255550182\n") == [(2, "")]


def test_a_file_of_errors_is_counted_and_not_listed_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    report = reading.read(("phone_number\n" + "1\n" * (MOST_ERRORS + 5)).encode()).report
    assert (len(report.errors), report.errors_total) == (MOST_ERRORS, MOST_ERRORS + 5)
    monkeypatch.setattr(reading, "MOST_ROWS", 2)
    assert _errors(f"phone_number\n{ANN}\n{BOB}\n{EVA}\n") == [(4, "")]


def test_progress_is_told_every_some_lines_and_at_the_end() -> None:
    told: list[tuple[int, int]] = []
    content = "phone_number\n" + "".join(f"+1425555{number:04}\n" for number in range(1200))
    reading.read(content.encode(), lambda done, total: told.append((done, total)))
    assert told == [(500, 1201), (1000, 1201), (1200, 1200)]


PINPOINT = "ChannelType,Address,Location.Country,Demographic.Locale,OptOut,User.UserAttributes.FirstName,{},Metrics.x\n"
LAST = PINPOINT.format("User.UserAttributes.LastName")


@pytest.mark.parametrize(
    ("content", "people"),
    [
        (f"{LAST}SMS,{ANN},US,en_US,NONE,Ann,Archer,3\n", [(ANN, "Ann Archer", None, "en")]),
        (f"{LAST}sms,14255550182,US,pt-BR,,Ann,,3\n", [(ANN, "Ann", None, "pt")]),
        (f"{LAST}SMS,1 (425) 555-0182,,,,,Archer,3\n", [(ANN, "Archer", None, "")]),
        # As it is dialled within the country that is said.
        (f"{LAST}SMS,4255550182,US,,,,,\n", [(ANN, "", None, "")]),
        (f"{LAST}SMS,06201234567,HU,klingon,,,,\n", [(EVA, "", None, "")]),
        (f"{LAST},{ANN},,,,,,\n", [(ANN, "", None, "")]),
        (f"Address,Attributes.Name,Id\n{ANN},Ann Archer,1\n", [(ANN, "Ann Archer", None, "")]),
        (f'Address,attributes.firstname\n{ANN},"[""Ann"",""Anna""]"\n', [(ANN, "Ann", None, "")]),
        (f"Address,attributes.firstname\n{ANN},[null]\n", [(ANN, "", None, "")]),
        (f"ADDRESS;User.UserAttributes.Name\n{ANN};Ann\n", [(ANN, "Ann", None, "")]),
    ],
)
def test_pinpoints_format(content: str, people: list[tuple[str, str, bool | None, str]]) -> None:
    assert _people(content) == people


@pytest.mark.parametrize(
    ("content", "where"),
    [
        (f"{LAST}SMS,ann@example.com,US,,,,,\n", [(2, "Address")]),
        (f"{LAST}SMS,4255550182,,,,,,\n", [(2, "Address")]),
        (f"{LAST}SMS,,US,,,,,\n", [(2, "Address")]),
        (f'Address,Attributes.Name\n{ANN},"[""A\\ud800""]"\n', [(2, "Attributes.Name")]),
        (f"{LAST}SMS,{ANN},US,,,,{'A' * 151},\n", [(2, "User.UserAttributes.LastName")]),
    ],
)
def test_what_is_wrong_with_pinpoints(content: str, where: list[tuple[int, str]]) -> None:
    assert _errors(content) == where


def test_a_number_of_pinpoints_that_may_be_two_is_refused() -> None:
    """Budapest with its country code, or Texas without."""
    assert "+3615551234 or +13615551234" in _message("Address,Location.Country\n3615551234,US\n")
    assert _people("Address,Location.Country\n3615551234,HU\n") == [("+3615551234", "", None, "")]


@pytest.mark.parametrize(
    ("digits", "phone_number"),
    [
        ("07400123456", "+447400123456"),
        # Guernsey's, which shares the country code; and one that nobody has, of the regulator's for fiction.
        ("07911123456", "+447911123456"),
        ("07700900123", "+447700900123"),
    ],
)
def test_a_number_as_it_is_dialled_within_the_country(digits: str, phone_number: str) -> None:
    assert _people(f"Address,Location.Country\n{digits},GB\n") == [(phone_number, "", None, "")]


def test_an_endpoint_that_pinpoint_texted_no_more_is_skipped() -> None:
    content = "ChannelType,Address,EndpointStatus\nSMS,+14255550182,INACTIVE\nSMS,+14255550183,ACTIVE\n"
    assert _people(content) == [("+14255550183", "", None, "")]
    assert _message("Address,EndpointStatus\n+14255550182,inactive\n").startswith("No line is for SMS")


def test_other_channels_are_skipped_and_opt_outs_counted() -> None:
    content = (
        f"{LAST}EMAIL,ann@example.com,US,,NONE,Ann,,\nSMS,{ANN},US,,ALL,Ann,,\nSMS,{ANN},US,,NONE,,,\n"
        f"SMS,{BOB},US,,NONE,Bob,,\nGCM,token,,,ALL,,,\n"
    )
    found = reading.read(content.encode())
    report = found.report
    assert (report.rows, report.skipped, report.opted_out, report.duplicates) == (3, 2, 1, 1)
    assert [one.opted_out for one in found.people.values()] == [True, False]


@pytest.mark.parametrize(
    ("content", "where"),
    [
        (f"{LAST}EMAIL,ann@example.com,US,,NONE,Ann,,\nGCM,token,,,ALL,,,\n", [(1, "ChannelType")]),
        ("\nAddress,CHANNELTYPE\nann@example.com,EMAIL\n", [(2, "CHANNELTYPE")]),
        (f"{LAST}EMAIL,ann@example.com,US,,NONE,Ann,,,\nEMAIL,a@b,US,,NONE,Ann,,,more\n", [(3, "")]),
    ],
)
def test_a_file_for_other_channels_only_is_an_error(content: str, where: list[tuple[int, str]]) -> None:
    assert _errors(content) == where
    if where[0][1]:
        assert _message(content).startswith("No line is for SMS")
