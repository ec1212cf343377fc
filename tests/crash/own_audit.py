"""What the product's own audit says of a place at rest: findings, checks that failed, and a status that fits. Pure."""

import json

from tests.crash.judge import Violation

# At-most-once texts in doubt stay so, and staff are told of them.
_EXPECTED = {"messaging.unknown_at_most_once"}
_STATUS = {"warning": 1, "critical": 2}
_INCOMPLETE = 3


def heard(status: int, output: str, errors: str) -> list[Violation]:
    """What its exit status and its JSON give away."""
    try:
        said = json.loads(output)
        findings, failed, checked = said["findings"], said["errors"], said["checked"]
    except (ValueError, KeyError):
        return [Violation("own audit", f"exit status {status}: {output[-500:]}{errors[-1500:]}")]
    violations = [
        Violation("own audit", f"{one['severity']} {one['check']}: {one['count']} ({one['examples']}) {one['what']}")
        for one in findings
        if one["check"] not in _EXPECTED
    ]
    violations += [Violation("own audit", f"{name} could not be checked: {why}") for name, why in failed.items()]
    if not checked:
        violations.append(Violation("own audit", "nothing was checked"))
    worst = max((_STATUS.get(one["severity"], _INCOMPLETE) for one in findings), default=0)
    if status != (fits := _INCOMPLETE if failed else worst):
        violations.append(Violation("own audit", f"its exit status is {status}, not {fits}"))
    return violations
