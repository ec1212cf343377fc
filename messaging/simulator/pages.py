"""The handsets' page: three static files, nothing from elsewhere."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from messaging.simulator.messages import Answer, error

FOLDER = Path(__file__).parent / "static"
TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'"


def answer(path: str) -> Answer:
    """``path`` is what follows /simulator/."""
    name = path or "index.html"
    if name not in _names():
        return error(404, "There is nothing here; the handsets are at /simulator/")
    file = FOLDER / name
    headers = {
        "Cache-Control": "no-cache",
        "Content-Security-Policy": POLICY,
        "X-Content-Type-Options": "nosniff",
    }
    return Answer(200, file.read_bytes(), f"{TYPES[file.suffix]}; charset=utf-8", headers)


@cache
def _names() -> frozenset[str]:
    """The names that may be asked for: a listing cannot be climbed out of."""
    return frozenset(file.name for file in FOLDER.iterdir() if file.suffix in TYPES)
