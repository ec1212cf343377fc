"""The send guards, asked together."""

from collections.abc import Sequence

from messaging import registry

Pair = tuple[str, str]


def refusals(pairs: Sequence[Pair]) -> dict[Pair, str]:
    """Why some (destination phone number, origination identity) must not be sent; the first guard's reason counts.

    Raises:
        Exception: whatever a guard raises. "Cannot tell" means that nothing is sent.
    """
    found: dict[Pair, str] = {}
    for guard in registry.send_guards():
        for pair, reason in guard.refusals(pairs).items():
            found.setdefault(pair, reason)
    return found
