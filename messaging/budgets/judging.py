"""How far a budget is used up. Pure."""

from dataclasses import dataclass
from decimal import Decimal

from messaging.models import Budget

Level = Budget.Level


@dataclass(frozen=True, slots=True)
class Spent:
    """What texts cost, in one currency.

    Attributes:
        charged: what AWS said it charged.
        open: what our own table says of texts that AWS has not priced yet.
        charged_by_table: what the table would have said of those that AWS has priced: how good the table is.
        parts: message parts of all of them.
        without_price: parts among them of which neither AWS nor the table says a price.
    """

    charged: Decimal = Decimal(0)
    open: Decimal = Decimal(0)
    charged_by_table: Decimal = Decimal(0)
    parts: int = 0
    without_price: int = 0

    @property
    def all(self) -> Decimal:
        """What counts against a budget."""
        return self.charged + self.open

    @property
    def deviation_percent(self) -> int | None:
        """By how much AWS charges more (or less) than the table says; None where nothing can be compared."""
        if not self.charged_by_table:
            return None
        return round((self.charged / self.charged_by_table - 1) * 100)

    def __add__(self, other: "Spent") -> "Spent":
        return Spent(
            self.charged + other.charged,
            self.open + other.open,
            self.charged_by_table + other.charged_by_table,
            self.parts + other.parts,
            self.without_price + other.without_price,
        )


def level(spent: Decimal, amount: Decimal, warn_percent: int) -> Level:
    """Within, nearly used up, or used up: a budget of nothing is used up from the first."""
    if spent >= amount:
        return Level.REACHED
    return Level.WARNED if spent * 100 >= amount * warn_percent else Level.WITHIN
