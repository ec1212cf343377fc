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


class Meter:
    """How many bytes of all files have been read, as they lie on the disk: packed ones count packed."""

    def __init__(self, total: int) -> None:
        self._total, self._before = total, 0
        self._now: IO[bytes] | None = None

    def share(self) -> float:
        """From 0 to 1."""
        done = self._before + (self._now.tell() if self._now and not self._now.closed else 0)
        return min(1.0, done / self._total) if self._total else 1.0

    def begin(self, raw: IO[bytes]) -> None:
        """A file is read from now on."""
        self._now = raw

    def end(self, path: Path) -> None:
        """It has been read, as far as it can be."""
        self._before, self._now = self._before + path.stat().st_size, None


def opened(path: Path, meter: Meter | None = None) -> IO[str]:
    """A file as text. Bytes that are no UTF-8 become lone surrogates, so that a row that has some can be told.

    What is packed is unpacked while it is read, whatever the file is called.
    """
    raw = path.open("rb")
    if meter:
        meter.begin(raw)
    is_packed = raw.read(2) == _GZIP
    raw.seek(0)
    stream = cast("IO[bytes]", _Packed(raw)) if is_packed else raw
    return io.TextIOWrapper(stream, encoding="utf-8-sig", errors="surrogateescape", newline="")


class _Packed(gzip.GzipFile):
    """One that closes what it reads from."""

    def __init__(self, raw: IO[bytes]) -> None:
        super().__init__(fileobj=raw, mode="rb")
        self._below = raw

    def close(self) -> None:
        """Both."""
        super().close()
        self._below.close()


def _is_beside(file: Path, directory: Path) -> bool:
    parts = file.relative_to(directory).parts
    return any(part.startswith(_BESIDE_BEGINS) for part in parts) or file.name.endswith(_BESIDE_ENDS)
