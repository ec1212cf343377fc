"""What people are texted of an alert: one line, short enough for a few parts. Pure."""

import re
from collections.abc import Iterable, Mapping

from messaging.text import GSM, UCS2, measure

# With a link and our own words beside it, a text then has four parts at most, in either encoding.
_LONGEST = {GSM: 240, UCS2: 110}
_LONGEST_LINK = {GSM: 160, UCS2: 80}
_CUT = "..."
# More is never kept, however it is measured.
_MOST_READ = 600
_LINK = re.compile(r"https?://[^\s<>\"]+", re.IGNORECASE)
# What says nothing that the name or the text does not say.
_DULL = {"alertname", "grafana_folder", "severity", "job", "__alert_rule_uid__", "monitor", "prometheus"}
_MOST_LABELS = 3


def short(text: str) -> str:
    """One line of at most two parts' length, cut at a word where it is too long. Never empty."""
    line = " ".join(text.replace("\x00", "").split())[:_MOST_READ] or "An alert without words"
    if _fits(line):
        return line
    while not _fits(line + _CUT):
        line = line[:-1]
    whole = line.rpartition(" ")[0]
    return (whole if len(whole) > len(line) // 2 else line).rstrip(" ,;:-") + _CUT


def link(url: str, description: str) -> str:
    """The link as a text may have it: followed by people, and short; else nothing. It stays in the record."""
    room = _LONGEST_LINK[measure(f"{description}{url[:300]}").encoding]
    return url if len(url) <= room and _LINK.fullmatch(url) else ""


def first_link(candidates: Iterable[object], longest: int = 2000) -> str:
    """The first of these that is a link; "" when none is."""
    texts = (one.strip() for one in candidates if isinstance(one, str))
    return next((one for one in texts if len(one) <= longest and _LINK.fullmatch(one)), "")


def of_alert(labels: Mapping[str, str], annotations: Mapping[str, str], others: int = 0) -> str:
    """What an alert with labels and annotations is about. ``others``: so many more fire in its group."""
    name = labels.get("alertname", "")
    said = next((annotations[key] for key in ("summary", "description", "message") if annotations.get(key)), "")
    if not said:
        told = [f"{key}={value}" for key, value in labels.items() if key not in _DULL and value]
        said = ", ".join(told[:_MOST_LABELS])
    more = f" (and {others} more)" if others > 0 else ""
    text = said if name.casefold() in said.casefold() else f"{name}: {said}" if said else name
    # The count must survive the cut.
    return f"{short(text)}{more}"


def labels_told(labels: Mapping[str, str]) -> str:
    """Labels for the timeline."""
    return ", ".join(f"{name}={value}" for name, value in sorted(labels.items()))[:1500]


def _fits(line: str) -> bool:
    size = measure(line)
    return size.length <= _LONGEST[size.encoding]
