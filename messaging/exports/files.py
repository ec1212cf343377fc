"""The files of an export: one, or all of a directory; packed with gzip or not."""

import gzip
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, cast

_GZIP = b"\x1f\x8b"
# What lies beside the data: DynamoDB's manifests and marks, check sums, and what file systems hide.
_BESIDE_BEGINS = (".", "_", "manifest-")
_BESIDE_ENDS = (".checksum", ".md5")


def find(paths: Sequence[Path]) -> Iterator[Path]:
    """The files that are meant, in one order whenever it is asked; those in directories without what lies beside data.

    Raises:
        FileNotFoundError: there is no such file or directory.
    """
    for path in paths:
        if path.is_dir():
            yield from sorted(one for one in path.rglob("*") if one.is_file() and not _is_beside(one, path))
        elif path.exists():
            yield path
        else:
            raise FileNotFoundError(2, "No such file or directory", str(path))


def opened(path: Path) -> IO[str]:
    """A file as text. Bytes that are no UTF-8 become lone surrogates, so that a row that has some can be told.

    What is packed is unpacked while it is read, whatever the file is called.
    """
    with path.open("rb") as raw:
        is_packed = raw.read(2) == _GZIP
    stream = cast("IO[bytes]", gzip.GzipFile(path)) if is_packed else path.open("rb")
    return io.TextIOWrapper(stream, encoding="utf-8-sig", errors="surrogateescape", newline="")


def _is_beside(file: Path, directory: Path) -> bool:
    parts = file.relative_to(directory).parts
    return any(part.startswith(_BESIDE_BEGINS) for part in parts) or file.name.endswith(_BESIDE_ENDS)
