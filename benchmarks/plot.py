"""The plot of docs/performance.md: for each figure with a goal, how much better than its goal it is.

A static SVG: no script, no font or style from elsewhere, readable on a light and on a dark page.
"""

import re
import sys
from collections.abc import Sequence
from typing import Any

from benchmarks.figures import Figure
from benchmarks.results import EMPTY, Results

# Better than this is not worth a longer bar.
_MOST = 3.0
_COLOURS = ("#c2571a", "#2f7fc1")
_DARK = (
    "<style>.title,.axis text,.legend text,text{fill:#57606a !important;stroke:none}"
    ".axis .line,.axis .guides{stroke:#afb8c1 !important}"
    "@media (prefers-color-scheme: dark){.title,.axis text,.legend text,text{fill:#b4bcc5 !important}"
    ".axis .line,.axis .guides{stroke:#5a626b !important}}</style>"
)


def draw(results: Results, rows: Sequence[str], engines: Sequence[str]) -> str:
    """The SVG."""
    named = [(row, figure) for row, figure in results.names(rows) if figure.goal]
    # A horizontal chart begins at the bottom.
    named.reverse()
    pygal = _pygal()
    chart = pygal.HorizontalBar(
        title="Share of its goal that each figure reaches (1 is the goal, 3 is three times as good or better)",
        style=pygal.style.Style(
            background="transparent",
            plot_background="transparent",
            foreground="#57606a",
            foreground_strong="#57606a",
            foreground_subtle="#8c959f",
            colors=_COLOURS,
            opacity=".85",
            font_family="sans-serif",
            title_font_size=13,
            label_font_size=11,
            legend_font_size=12,
        ),
        width=900,
        height=90 + 34 * max(1, len(named)),
        range=(0, _MOST),
        y_labels=[0, 0.5, 1, 1.5, 2, 2.5, 3],
        legend_at_bottom=True,
        legend_at_bottom_columns=len(engines),
        show_y_guides=True,
        js=(),
        pretty_print=True,
        disable_xml_declaration=True,
        truncate_label=80,
        no_data_text="nothing measured yet",
    )
    chart.x_labels = [f"{row}: {figure.key}" for row, figure in named]
    for engine in reversed(engines):
        found = [results.of(engine, EMPTY, row, figure.key) for row, figure in named]
        chart.add(engine, [None if each is None else share(each.figure) for each in found])
    return static(str(chart.render(is_unicode=True)))


def share(figure: Figure) -> float | None:
    """How much better than its goal a figure is, up to three times; None when it has no goal or was not measured."""
    if not figure.goal:
        return None
    if not figure.at_least:
        return _MOST if figure.value <= 0 else min(_MOST, figure.goal / figure.value)
    return min(_MOST, figure.value / figure.goal)


def static(svg: str) -> str:
    """The SVG without its scripts, with colours for a dark page as well."""
    without = re.sub(r"<script\b.*?(?:</script>|/>)\s*", "", svg, flags=re.DOTALL)
    # The first element may hold the size only by its viewBox: then a page shows it at its own width.
    return re.sub(r"(</svg>\s*)$", f"{_DARK}\\1", without)


def _pygal() -> Any:
    import pygal  # type: ignore[import-untyped]

    # It leaves a finder of Python 2's kind there, for plug-ins of its own; every later import would warn of it. What
    # importlib_metadata puts there has to stay: it has taken the standard library's place in finding distributions.
    sys.meta_path[:] = [finder for finder in sys.meta_path if hasattr(finder, "find_spec")]
    return pygal
