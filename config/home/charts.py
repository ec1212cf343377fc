"""How the last days went: charts of the figures that messaging.daily has counted. No queries."""

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.http import urlencode

from incidents.admin.words import duration
from messaging import daily
from messaging.admin.charts import Chart, Series, columns
from messaging.models import Status
from messaging.visibility import hidden_from

Days = Mapping[date, Mapping[str, Any]]
User = AbstractBaseUser | AnonymousUser

_SOON = "The first figures come within a minute of the first {what}."
# A text's statuses as one looks at a day: the best ends first.
_KINDS: tuple[tuple[str, str, tuple[Status, ...]], ...] = (
    ("Delivered", "success", (Status.DELIVERED,)),
    ("Sent", "primary", (Status.SENT,)),
    ("Waiting", "plain", (Status.QUEUED, Status.SENDING)),
    ("Not sent", "warning", (Status.SUPPRESSED, Status.EXPIRED, Status.CANCELLED, Status.UNKNOWN)),
    ("Failed", "danger", (Status.FAILED,)),
)


def drawn(user: User, days: Days) -> Iterator[Chart]:
    """The charts that this user may see."""
    hidden = hidden_from(user)
    seen = {day: _seen(figures, hidden) for day, figures in days.items()}
    for permission, draw in _CHARTS:
        if user.has_perm(permission):  # type: ignore[union-attr]
            yield draw(seen)


def _seen(figures: Mapping[str, Any], hidden: Collection[str]) -> Mapping[str, Any]:
    """The figures of a day, of its texts those of the conversations that are seen, as in the list behind them."""
    texts = figures.get("texts", {})
    statuses = {key: counts for key, counts in texts.get("statuses", {}).items() if key not in hidden}
    return {**figures, "texts": {**texts, "statuses": statuses}}


def _texts(days: Days) -> Chart:
    def count(figures: Mapping[str, Any], statuses: tuple[Status, ...]) -> int:
        by_conversation = figures.get("texts", {}).get("statuses", {}).values()
        return sum(one.get(status.value, 0) for one in by_conversation for status in statuses)

    series = [Series(label, tone, [count(one, which) for one in days.values()]) for label, tone, which in _KINDS]
    total, delivered = sum(map(_sum, series)), _sum(series[0])
    page = reverse("admin:messaging_outboundmessage_changelist")
    return Chart(
        "Texts",
        columns(_labels(days), series, urls=_lists(page, "queued_at", days)),
        tuple((one.label, one.tone) for one in series if _sum(one)),
        f"{total:,.0f}",
        f"{_plural(total, 'text')} in {len(days)} days, {_percent(delivered, total)} delivered",
        _SOON.format(what="text"),
        page,
    )


def _acknowledgement(days: Days) -> Chart:
    figures = [one.get("incidents", {}) for one in days.values()]
    medians = [one.get("median_seconds") for one in figures]
    opened, acknowledged = (sum(one.get(name, 0) for one in figures) for name in ("opened", "acknowledged"))
    measured = sorted(one for one in medians if one is not None)
    typical = duration(timedelta(seconds=measured[len(measured) // 2])) if measured else "-"
    page = reverse("admin:incidents_incident_changelist")
    return Chart(
        "Time to acknowledgement",
        columns(
            _labels(days),
            [Series("Median", "primary", medians)],
            shown=lambda seconds: duration(timedelta(seconds=seconds)) if seconds else "no incident acknowledged",
            urls=_lists(page, "opened_at", days),
        ),
        (),
        typical,
        f"on a usual day; {acknowledged:,} of {opened:,} incidents acknowledged",
        _SOON.format(what="acknowledged incident"),
        page,
    )


def _bookings(days: Days) -> Chart:
    kept = [_of(one, "shifts", "booked") - _of(one, "shifts", "dropped") for one in days.values()]
    dropped = [_of(one, "shifts", "dropped") for one in days.values()]
    series = [Series("Kept", "success", kept), Series("Given back", "warning", dropped)]
    page = reverse("admin:shifts_shift_changelist")
    return Chart(
        "Bookings",
        columns(_labels(days), series),
        tuple((one.label, one.tone) for one in series if _sum(one)),
        f"{sum(kept) + sum(dropped):,}",
        f"{_plural(sum(kept) + sum(dropped), 'place')} booked in {len(days)} days, {sum(dropped):,} given back",
        _SOON.format(what="booking"),
        page,
    )


def _opt_outs(days: Days) -> Chart:
    out, joined = ([_of(one, "consent", action) for one in days.values()] for action in ("opt_out", "opt_in"))
    series = [Series("Opted out", "warning", out), Series("Opted in", "success", joined)]
    page = reverse("admin:optout_consentevent_changelist")
    return Chart(
        "Consent",
        columns(_labels(days), series, urls=_lists(page, "occurred_at", days)),
        tuple((one.label, one.tone) for one in series if _sum(one)),
        f"{sum(out):,}",
        f"opted out in {len(days)} days, {sum(joined):,} opted in",
        "Nobody has opted out or in.",
        page,
    )


def _spend(days: Days) -> Chart:
    spent = [
        {currency: Decimal(amount) for currency, amount in one.get("texts", {}).get("spent", {}).items()}
        for one in days.values()
    ]
    totals: dict[str, Decimal] = {}
    for one in spent:
        for currency, amount in one.items():
            totals[currency] = totals.get(currency, Decimal()) + amount
    # One scale has one currency: that of most of the money. The others stand in the figure.
    main = max(totals, key=lambda currency: totals[currency], default="")
    series = [Series(main or "Spend", "primary", [float(one.get(main, 0)) for one in spent])]
    page = reverse("admin:messaging_outboundmessage_changelist")
    return Chart(
        "Spend",
        columns(
            _labels(days),
            series,
            shown=lambda amount: f"{amount:,.2f} {main}",
            urls=_lists(page, "queued_at", days),
        ),
        (),
        " + ".join(f"{amount:,.2f} {currency}" for currency, amount in sorted(totals.items())) or "-",
        f"in {len(days)} days for all texts, as AWS has reported it",
        "AWS tells prices in its delivery events; none has come yet.",
        page,
    )


_CHARTS: tuple[tuple[str, Callable[[Days], Chart]], ...] = (
    ("messaging.view_outboundmessage", _texts),
    ("incidents.view_incident", _acknowledgement),
    ("shifts.view_shift", _bookings),
    ("optout.view_consentevent", _opt_outs),
    ("messaging.view_outboundmessage", _spend),
)


def _labels(days: Days) -> list[tuple[str, str]]:
    return [(date_format(day, "l j F"), date_format(day, "j")) for day in days]


def _lists(page: str, field: str, days: Days) -> list[str]:
    """Where the rows of each day are listed."""
    spans = [daily.span(day) for day in days]
    # As Django's own filter by date writes them.
    return [f"{page}?{urlencode({f'{field}__gte': str(begin), f'{field}__lt': str(end)})}" for begin, end in spans]


def _of(figures: Mapping[str, Any], plug_in: str, name: str) -> int:
    return int(figures.get(plug_in, {}).get(name, 0))


def _sum(series: Series) -> float:
    return sum(value or 0 for value in series.values)


def _plural(count: float, one: str) -> str:
    return one if count == 1 else f"{one}s"


def _percent(part: float, whole: float) -> str:
    return f"{100 * part / whole:.0f} %" if whole else "none"
