"""The charts of a report: outcomes, how soon somebody took an incident, and who. Each column leads to its incidents."""

from collections.abc import Mapping
from datetime import date, timedelta

from django.utils.formats import date_format

from incidents.admin import words
from incidents.admin.days import list_of
from incidents.reports.days import Group
from incidents.reports.figures import DECIDED, Outcome, median, shares
from incidents.reports.spans import Span
from messaging.admin.charts import Chart, Series, columns

_NAMES = {
    Outcome.FIRST: ("By the first contact", "success"),
    Outcome.ESCALATED: ("After escalation", "primary"),
    Outcome.LATE: ("Late", "warning"),
    Outcome.NEVER: ("Never", "danger"),
    Outcome.CANCELLED: ("Cancelled", "plain"),
    Outcome.OPEN: ("Open", "open"),
}
# As many words as have room below a chart on a phone.
_MOST_LABELS = 7
_EMPTY = "No incident was opened in these days. Choose others above."
_NOT_TAKEN = "No incident of these days was acknowledged."


def drawn(found: Mapping[date, Group], span: Span, page: str) -> list[Chart]:
    """The charts of the columns of a span. ``page`` is the list of incidents."""
    labels = _labels(span)
    urls = [list_of(page, *span.of_column(column)) for column in found]
    return [
        _outcomes(found, labels, urls),
        _shares(found, labels, urls),
        _times("Median time to acknowledgement", {day: one.median for day, one in found.items()}, labels, urls),
        _times(
            "Slowest acknowledgement", {day: max(one.took, default=None) for day, one in found.items()}, labels, urls
        ),
    ]


def _outcomes(found: Mapping[date, Group], labels: list[tuple[str, str]], urls: list[str]) -> Chart:
    totals = _totals(found)
    series = [
        Series(*_NAMES[outcome], [one.outcomes.get(outcome, 0) for one in found.values()])
        for outcome in Outcome
        if totals[outcome]
    ]
    opened = sum(totals.values())
    return Chart(
        "Incidents by outcome",
        columns(labels, series, urls=urls),
        tuple((one.label, one.tone) for one in series),
        f"{opened:,}",
        f"opened, {totals[Outcome.NEVER]:,} never acknowledged, {totals[Outcome.OPEN]:,} open",
        _EMPTY,
    )


def _shares(found: Mapping[date, Group], labels: list[tuple[str, str]], urls: list[str]) -> Chart:
    by_column, whole = [shares(one.outcomes) for one in found.values()], shares(_totals(found))
    seen = [outcome for outcome in DECIDED if whole[outcome]]
    series = [Series(*_NAMES[outcome], [one[outcome] for one in by_column]) for outcome in seen]
    return Chart(
        "Who acknowledged",
        columns(labels, series, shown=lambda value: f"{value:.0f} %", urls=urls),
        tuple((f"{_NAMES[outcome][0]} {_percent(whole[outcome])}", _NAMES[outcome][1]) for outcome in seen),
        _percent(whole[Outcome.FIRST]),
        "of those decided were taken by the first contact",
        _EMPTY,
    )


def _times(title: str, seconds: Mapping[date, float | None], labels: list[tuple[str, str]], urls: list[str]) -> Chart:
    measured = [one for one in seconds.values() if one is not None]
    usual, most = median(measured), max(measured, default=None)
    return Chart(
        title,
        columns(
            labels,
            [Series(title, "primary", list(seconds.values()))],
            shown=lambda value: words.duration(timedelta(seconds=value)) if value else "none acknowledged",
            urls=urls,
        ),
        (),
        words.took(most if title.startswith("Slowest") else usual),
        "the slowest of all" if title.startswith("Slowest") else "on a usual day",
        _NOT_TAKEN,
    )


def _totals(found: Mapping[date, Group]) -> dict[Outcome, int]:
    return {outcome: sum(one.outcomes.get(outcome, 0) for one in found.values()) for outcome in Outcome}


def _labels(span: Span) -> list[tuple[str, str]]:
    """Whole names, and short ones below so many columns as have room for one."""
    begins = span.columns()
    every = max(1, -(-len(begins) // _MOST_LABELS))
    named = []
    for number, begin in enumerate(begins):
        first, last = span.of_column(begin)
        whole = date_format(first, "l j F Y")
        if first != last:
            whole = f"{date_format(first, 'j F')} to {date_format(last, 'j F Y')}"
        near = number % every == 0 and number + every // 2 < len(begins)
        named.append((whole, date_format(first, "j M" if every > 1 else "j") if near else ""))
    return named


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.0f} %"
