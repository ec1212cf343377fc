"""Charts of figures by day (or by anything else in order): columns of HTML, each a link to the rows behind it.

No script draws them: they print, they work without JavaScript, and a screen reader reads them as a table.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a column: one kind of what is counted.

    Attributes:
        tone: its colour: success, primary, warning, danger or plain.
        share: its height, in percent of the highest column.
    """

    label: str
    tone: str
    value: float
    shown: str
    share: float


@dataclass(frozen=True, slots=True)
class Column:
    """One column, the lowest part first; ``url`` is where its rows are, if anywhere."""

    label: str
    short: str
    parts: tuple[Part, ...]
    total: float
    shown: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Series:
    """One kind of what is counted: a value for each column; None where nothing was measured."""

    label: str
    tone: str
    values: Sequence[float | None]


@dataclass(frozen=True, slots=True)
class Chart:
    """What templates/messaging/admin/chart.html draws.

    Attributes:
        figure: the one number that sums it up, in words.
        note: what it is a figure of.
        empty: what to say, and what to do, while there is nothing to draw.
    """

    title: str
    columns: tuple[Column, ...]
    legend: tuple[tuple[str, str], ...]
    figure: str
    note: str
    empty: str
    url: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not any(column.total for column in self.columns)


def columns(
    labels: Sequence[tuple[str, str]],
    series: Sequence[Series],
    *,
    shown: Callable[[float], str] = lambda value: f"{value:,.0f}",
    urls: Sequence[str] = (),
) -> tuple[Column, ...]:
    """Columns of stacked parts.

    Args:
        labels: of each column the whole name and a short one to stand below it.
        series: what is stacked, the lowest first.
        shown: a value in words.
        urls: where the rows of each column are.
    """
    totals = [sum(one.values[number] or 0 for one in series) for number in range(len(labels))]
    highest = max(totals, default=0) or 1
    return tuple(
        Column(
            label=label,
            short=short,
            parts=tuple(
                Part(one.label, one.tone, value, shown(value), round(100 * value / highest, 2))
                for one in series
                if (value := one.values[number])
            ),
            total=totals[number],
            shown=shown(totals[number]),
            url=urls[number] if urls else "",
        )
        for number, (label, short) in enumerate(labels)
    )
