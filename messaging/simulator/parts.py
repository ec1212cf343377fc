"""How a text is cut into parts, as the carrier bills it.

Kept apart from the sender's own counting on purpose: a stand-in that shared the code it stands against would
agree with its mistakes.
"""

from __future__ import annotations

GSM_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_EXTENSION = frozenset("^{}\\[]~|€\f")
PRICE_PER_PART = 0.00883


def encoding(body: str) -> str:
    return "GSM" if all(c in GSM_BASIC or c in GSM_EXTENSION for c in body) else "Unicode"


def length(body: str) -> int:
    """Septets for GSM, UTF-16 units otherwise."""
    if encoding(body) == "GSM":
        return sum(2 if c in GSM_EXTENSION else 1 for c in body)
    return len(body.encode("utf-16-be")) // 2


def count(body: str) -> int:
    single, multiple = (160, 153) if encoding(body) == "GSM" else (70, 67)
    units = length(body)
    return 1 if units <= single else -(-units // multiple)


def deliverable(body: str) -> bool:
    """The API takes 1600 characters, the network at most 1530 GSM or 630 others."""
    return length(body) <= (1530 if encoding(body) == "GSM" else 630)


def price(body: str) -> float:
    return round(count(body) * PRICE_PER_PART, 5)
