"""The opt-outs that a list tells, recorded before its people are imported.

Each is true whatever becomes of the import: they stay when it fails, and may be told again when it is tried again.
"""

from itertools import islice

from messaging.outbound import guards
from shifts.roster.reading import Progress, Roster

# Recorded within a second or so; then progress is told.
AT_ONCE = 1_000
_REASON = "OptOut is ALL in an imported list of Amazon Pinpoint."


def record(roster: Roster, *, actor: str, progress: Progress | None = None) -> None:
    """Tell the send guards who has opted out. Must be called outside any transaction.

    Args:
        roster: people of a file without errors.
        actor: who imports it: a username.
        progress: called with the number of lines, twice, now and then. What it raises ends the recording.

    Raises:
        messaging.outbound.guards.CannotBeTold: nobody of the roster must be imported.
    """
    lines = roster.report.rows + roster.report.skipped
    waiting = iter(roster.opt_outs().items())
    while batch := dict(islice(waiting, AT_ONCE)):
        guards.opted_out_elsewhere(batch, actor=actor, reason=_REASON)
        if progress:
            progress(lines, lines)
