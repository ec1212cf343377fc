"""The audit by comparison: evidence in, violations out. Pure.

What is held is written in the specification of sending, receiving, incidents, shifts and consent, and in
docs/webhooks.md; each rule is a function of the evidence alone, and tests/crash/test_judge.py shows each of them
evidence that breaks it.
"""

from collections.abc import Callable, Iterator

from tests.crash.evidence import Evidence
from tests.crash.judge import calls, consent, doubts, effect, inbound, incidents, pace, shifts, texts, waits, webhooks
from tests.crash.judge.violation import Violation

Rule = Callable[[Evidence], Iterator[Violation]]

RULES: tuple[Rule, ...] = (
    *effect.RULES,
    *texts.RULES,
    *doubts.RULES,
    *inbound.RULES,
    *pace.RULES,
    *incidents.RULES,
    *waits.RULES,
    *shifts.RULES,
    *consent.RULES,
    *calls.RULES,
    *webhooks.RULES,
)


def judge(evidence: Evidence) -> list[Violation]:
    """Every promise that was not kept."""
    return [violation for rule in RULES for violation in rule(evidence)]


__all__ = ["RULES", "Violation", "judge"]
