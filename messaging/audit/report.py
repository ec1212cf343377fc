"""What an audit came to, for machines and for people."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from textwrap import wrap
from typing import Any

from messaging.audit.findings import Finding, Severity
from messaging.audit.running import Result

# Exit statuses by the convention of monitoring plugins (monitoring-plugins.org/doc/guidelines.html).
EXIT = {"ok": 0, "warning": 1, "critical": 2}
EXIT_INCOMPLETE = 3

_WIDTH = 100
_HEADINGS = {Severity.CRITICAL.value: "CRITICAL", Severity.WARNING.value: "WARNING"}


def exit_status(result: Result) -> int:
    """0 ok, 1 warning, 2 critical; 3 when a check could not be made, whatever the others found."""
    return EXIT_INCOMPLETE if result.errors else EXIT[result.status]


def as_json(result: Result) -> str:
    """One JSON object."""
    values: dict[str, Any] = {
        "status": result.status,
        "at": result.at.isoformat(),
        "checked": result.checked,
        "looked_at": result.sizes,
        "findings": [asdict(finding) for finding in result.findings],
        "errors": result.errors,
    }
    return json.dumps(values, indent=2)


def as_text(result: Result) -> Iterator[str]:
    """Lines for people: what is critical first, each with examples and what to do; at last what was looked at."""
    heading = ""
    for finding in result.findings:
        if finding.severity != heading:
            heading = finding.severity
            yield f"{_HEADINGS[heading]}"
        yield from _lines(finding)
    for name, problem in result.errors.items():
        yield f"COULD NOT BE CHECKED: {name}: {problem}"
    verdict = "" if result.findings or result.errors else "Nothing found. "
    amounts = ", ".join(f"{number:,} {name}" for name, number in result.sizes.items())
    yield f"{verdict}{len(result.checked)} checks; looked at {amounts}."


def _lines(finding: Finding) -> Iterator[str]:
    more = ", …" if finding.count > len(finding.examples) else ""
    yield f"  {finding.count:,} × {finding.check}: {', '.join(finding.examples)}{more}"
    for sentence in (finding.what, f"→ {finding.do}"):
        yield from wrap(sentence, _WIDTH, initial_indent="      ", subsequent_indent="      ")
