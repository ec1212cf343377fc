"""The text of a file that somebody saved with whatever they have. Pure."""

import codecs

from shifts.roster.report import Unreadable

LARGEST = 20 * 1024 * 1024

_SAVE_AS = "Save it as “CSV UTF-8” and send that file."
_NOT_TEXT = {
    b"PK\x03\x04": "This is a spreadsheet or an archive, not a CSV file.",
    b"\xd0\xcf\x11\xe0": "This is an old Excel workbook, not a CSV file.",
    b"\x1f\x8b": "This file is compressed. Unpack it first.",
    b"%PDF": "This is a PDF, not a CSV file.",
}
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


def decode(content: bytes) -> str:
    """The text of a CSV file: UTF-8, UTF-16 with its mark, or what Excel in Western Europe calls CSV (cp1252).

    Raises:
        Unreadable: it is empty, too large or no text, or its encoding cannot be told.
    """
    if len(content) > LARGEST:
        raise Unreadable(
            f"The file has {len(content) / 1_048_576:.1f} MB; at most {LARGEST // 1_048_576} MB are taken. "
            "Split it, with the header in each part."
        )
    for beginning, what in _NOT_TEXT.items():
        if content.startswith(beginning):
            raise Unreadable(f"{what} {_SAVE_AS}")
    text = _text(content)
    if not text.strip():
        raise Unreadable("The file is empty.")
    if "\0" in text:
        raise Unreadable(f"This is not a text file. {_SAVE_AS}", line=_line(text, text.index("\0")))
    return text


def _text(content: bytes) -> str:
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            try:
                return content[len(mark) :].decode(encoding)
            except UnicodeDecodeError as problem:
                raise Unreadable(
                    f"The file is damaged: it begins as {encoding.upper()} and is not. {_SAVE_AS}"
                ) from problem
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as problem:
        line = content.count(b"\n", 0, problem.start) + 1
    # One broken byte among letters that are UTF-8: read as cp1252 all the others would become nonsense in silence.
    if not content.decode("utf-8", errors="ignore").isascii():
        raise Unreadable(f"This line is neither UTF-8 nor in the encoding of the others. {_SAVE_AS}", line=line)
    try:
        return content.decode("cp1252")
    except UnicodeDecodeError as problem:
        raise Unreadable(f"The encoding of this file cannot be told. {_SAVE_AS}", line=line) from problem


def _line(text: str, index: int) -> int:
    return text.count("\n", 0, index) + 1
