"""docs/performance.md, written from the results: the table, what explains it, the plot, the machines."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from benchmarks import plot
from benchmarks.figures import Figure
from benchmarks.results import EMPTY, HISTORY, MOST_WORSE, Measured, Results, worse

_DOCS = Path(__file__).resolve().parent.parent / "docs"
_ENGINES = ("SQLite", "PostgreSQL")
_INTRODUCTION = """# Performance

Written by `make bench ARGS="--history --full --write"`; do not edit it by hand. Each figure is the median of several
runs, with the lowest and the highest in brackets. Speeds are **ratios of two things measured in turns in one run**:
seconds of one machine say little about another, a ratio holds. Times are waits, counted from the moment at which
something was due.

- *dispatch* is the real drainer calling a local carrier through boto3: a stand-in that answers at once, in a process
  of its own, because the simulator's own book-keeping would be what is measured. The bare loop has the threads that
  the drainer uses for one number, and records nothing; once boto3's client is as it comes, once with the settings of
  Textback's, which is quicker. The RQ job has a warm client and records nothing either; once it runs on RQ's own
  worker, which forks for each job, once on Textback's, which does not.
- *alert*, *inbound* and *timers* run the processes of the Procfile, one of each; *webhook* and *inbound* the real
  gunicorn, posted to by a process of its own in an open loop: a request that had to wait because an earlier one was
  slow counts its waiting. Everything shares the cores of one machine, the load generator and the carrier too.
- Both databases write through to the disk, as in production (`synchronous` is FULL, `fsync` is on).
- *a million messages*: 1,000,000 texts that went out, 200,000 that came in and 1,000,000 delivery events are there
  before.

Where a goal is missed, these are the causes known so far:

- *dispatch*: both sides are bound by one Python interpreter, in which boto3 takes 1.2 to 1.5 ms for a call. Claiming a
  text under a lease, asking consent again and writing its outcome down take 0.2 to 0.3 ms of it more; while the
  drainer waits for PostgreSQL, the calls under way come to their end and for a moment nobody has anything to do.
  PostgreSQL's own processor time comes from the same two cores, which the loop has for itself. More texts than one
  interpreter can send leave from several numbers in several senders.
- *webhook*: about half of the time is what an empty page costs as well: gunicorn, Django's handler, the middleware. The
  rest is two parses of JSON, a signature, a row with its commit, a wake-up, and threads that wait for the interpreter.
  The share swings with the empty page, which is bound by the processor alone.
- *pace*: a text is stamped when its call begins; a busy machine may take longer than the 35 ms that are spare until its
  bytes are out.
"""


def line(figure: Figure) -> str:
    """One line for the terminal."""
    notes = "".join(f"\n  {'':12}  {name}: {value}" for name, value in figure.notes.items())
    return f"  {_value(figure):>12}  {figure.what} ({_goal(figure)}; {_spread(figure)}){notes}"


def write(results: Results, rows: Sequence[str], docs: Path = _DOCS) -> None:
    """Write the document and its plot."""
    picture = plot.draw(results, rows, _ENGINES)
    (docs / "pictures" / "performance.svg").write_text(picture)
    (docs / "performance.md").write_text("\n".join(document(results, rows)) + "\n")


def document(results: Results, rows: Sequence[str]) -> Iterator[str]:
    """Its lines."""
    yield _INTRODUCTION
    yield "![How near each figure comes to its goal](pictures/performance.svg)"
    yield ""
    yield from _table(results, rows, EMPTY)
    yield ""
    yield "## With a million messages"
    yield ""
    yield f"How much worse each figure is than in an empty database; at most {MOST_WORSE} is the goal."
    yield "A dash: the two are of different runs, and not compared."
    yield ""
    yield from _history(results, rows)
    yield ""
    yield "## What lies behind"
    yield ""
    yield from _notes(results, rows)
    yield ""
    yield "## Measured on"
    yield ""
    for machine in results.runs.values():
        yield "- " + ", ".join(f"{name} {value}" for name, value in machine.items())


def _table(results: Results, rows: Iterable[str], state: str) -> Iterator[str]:
    yield f"| what | goal | {' | '.join(_ENGINES)} |"
    yield "|---|---|" + "---|" * len(_ENGINES)
    for row, figure in results.names(rows):
        cells = [_cell(results.of(engine, state, row, figure.key)) for engine in _ENGINES]
        yield f"| {figure.what} | {_goal(figure)} | {' | '.join(cells)} |"


def _history(results: Results, rows: Iterable[str]) -> Iterator[str]:
    yield f"| what | {' | '.join(_ENGINES)} |"
    yield "|---|" + "---|" * len(_ENGINES)
    for row, figure in results.names(rows):
        cells = []
        for engine in _ENGINES:
            empty = results.of(engine, EMPTY, row, figure.key)
            filled = results.of(engine, HISTORY, row, figure.key)
            if empty is None or filled is None:
                cells.append("")
                continue
            if empty.run != filled.run:
                # Of two hours of one machine, or of two versions, it would tell nothing.
                cells.append(f"— ({_value(filled.figure)})")
                continue
            ratio = worse(empty.figure, filled.figure)
            mark = "" if ratio <= MOST_WORSE else " **missed**"
            cells.append(f"{ratio:.2f}{mark} ({_value(filled.figure)})")
        if any(cells):
            yield f"| {figure.what} | {' | '.join(cells)} |"


def _notes(results: Results, rows: Iterable[str]) -> Iterator[str]:
    for row, figure in results.names(rows):
        for engine in _ENGINES:
            for state in (EMPTY, HISTORY):
                found = results.of(engine, state, row, figure.key)
                if found is not None and found.figure.notes:
                    where = engine if state == EMPTY else f"{engine}, a million messages"
                    told = "; ".join(f"{name} {value}" for name, value in found.figure.notes.items())
                    yield f"- {figure.what} ({where}): {told}"


def _cell(measured: Measured | None) -> str:
    if measured is None:
        return ""
    figure = measured.figure
    mark = " **missed**" if figure.reached is False else ""
    return f"{_value(figure)}{mark} ({_spread(figure)})"


def _value(figure: Figure) -> str:
    return _number(figure.value, figure.unit)


def _spread(figure: Figure) -> str:
    lowest, highest = figure.spread
    return f"{_number(lowest, '')}–{_number(highest, figure.unit)}"


def _goal(figure: Figure) -> str:
    if figure.goal is None:
        return "no goal"
    return f"{'≥' if figure.at_least else '≤'} {_number(figure.goal, figure.unit)}"


def _number(value: float, unit: str) -> str:
    written = f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}" if abs(value) >= 10 else f"{value:.2f}"
    return f"{written} {unit}".rstrip()
