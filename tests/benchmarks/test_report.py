"""The document: every figure, what was missed, earlier rows kept, and a plot that is only a picture."""

import sys
from importlib.metadata import version
from pathlib import Path
from xml.etree import ElementTree

from benchmarks import plot, report
from benchmarks.figures import Figure, of_runs
from benchmarks.results import EMPTY, HISTORY, Measured, Results

MACHINE = {"date": "2026-11-21", "processor": "a fast one"}
SHARE = of_runs("bare", "dispatch beside a loop", [0.7, 0.8, 0.9], goal=0.9, notes={"Textback": "320 texts a second"})
WAIT = of_runs("p99", "webhook: p99", [40.0], unit="ms", goal=100.0, at_least=False)


def _results(*figures: tuple[str, str, str, Figure], run: str = "first") -> Results:
    results = Results()
    for engine, state, row, figure in figures:
        results.add(Measured(engine, state, row, figure, run), MACHINE)
    return results


def test_each_figure_stands_beside_its_goal(tmp_path: Path) -> None:
    (tmp_path / "pictures").mkdir()
    results = _results(("SQLite", EMPTY, "dispatch", SHARE), ("PostgreSQL", EMPTY, "webhook", WAIT))
    report.write(results, ("dispatch", "webhook"), tmp_path)
    text = (tmp_path / "performance.md").read_text()
    assert "| dispatch beside a loop | ≥ 0.90 | 0.80 **missed** (0.70–0.90) |  |" in text
    assert "| webhook: p99 | ≤ 100 ms |  | 40 ms (40–40 ms) |" in text
    assert "320 texts a second" in text
    assert "a fast one" in text


def test_what_a_history_costs_is_told() -> None:
    slower = of_runs("bare", "dispatch beside a loop", [0.5], goal=0.9)
    same = of_runs("p99", "webhook: p99", [44.0], unit="ms", goal=100.0, at_least=False)
    results = _results(
        ("SQLite", EMPTY, "dispatch", SHARE),
        ("SQLite", HISTORY, "dispatch", slower),
        ("SQLite", EMPTY, "webhook", WAIT),
        ("SQLite", HISTORY, "webhook", same),
    )
    text = "\n".join(report.document(results, ("dispatch", "webhook")))
    assert "| dispatch beside a loop | 1.60 **missed** (0.50) |  |" in text
    assert "| webhook: p99 | 1.10 (44 ms) |  |" in text


def test_a_partial_run_leaves_the_other_rows(tmp_path: Path) -> None:
    file = tmp_path / "results.json"
    _results(("SQLite", EMPTY, "dispatch", SHARE), ("SQLite", EMPTY, "webhook", WAIT)).write(file)
    results = Results.read(file)
    better = of_runs("bare", "dispatch beside a loop", [0.95], goal=0.9)
    results.add(Measured("SQLite", EMPTY, "dispatch", better, "second"), {"processor": "a slow one"})
    results.write(file)
    read = Results.read(file)
    assert read.of("SQLite", EMPTY, "webhook", "p99") == Measured("SQLite", EMPTY, "webhook", WAIT, "first")
    found = read.of("SQLite", EMPTY, "dispatch", "bare")
    assert found is not None
    assert found.figure == better
    assert read.runs == {"first": MACHINE, "second": {"processor": "a slow one"}}


def test_with_a_history_only_figures_of_one_run_are_compared() -> None:
    results = _results(("SQLite", EMPTY, "dispatch", SHARE))
    results.add(Measured("SQLite", HISTORY, "dispatch", SHARE, "second"), MACHINE)
    assert "| dispatch beside a loop | — (0.80) |  |" in report.document(results, ["dispatch"])


def test_a_machine_without_figures_is_forgotten() -> None:
    results = _results(("SQLite", EMPTY, "dispatch", SHARE))
    results.add(Measured("SQLite", EMPTY, "dispatch", SHARE, "second"), {})
    assert list(results.runs) == ["second"]


def test_the_plot_is_only_a_picture() -> None:
    results = _results(("SQLite", EMPTY, "dispatch", SHARE), ("PostgreSQL", EMPTY, "webhook", WAIT))
    picture = plot.draw(results, ("dispatch", "webhook"), ("SQLite", "PostgreSQL"))
    tree = ElementTree.fromstring(picture)
    assert not [each for each in tree.iter() if each.tag.endswith("script")]
    assert not [each for each in tree.iter() for value in each.attrib.values() if "http" in value]
    assert "@import" not in picture
    assert "url(" not in picture
    assert "prefers-color-scheme: dark" in picture
    assert "dispatch: bare" in "".join(tree.itertext())


def test_drawing_leaves_imports_and_distributions_to_be_found() -> None:
    plot.draw(_results(("SQLite", EMPTY, "dispatch", SHARE)), ("dispatch",), ("SQLite",))
    assert all(hasattr(finder, "find_spec") for finder in sys.meta_path)
    assert version("django")


def test_a_share_of_the_goal_is_more_when_it_is_better() -> None:
    assert plot.share(SHARE) == 0.8 / 0.9
    assert plot.share(WAIT) == 100 / 40
    assert plot.share(of_runs("a", "b", [9.0], goal=1.0)) == 3.0
    assert plot.share(of_runs("a", "b", [9.0])) is None
