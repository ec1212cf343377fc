"""The incident that plays by itself: opened by the API, answered from a handset, told line by line."""

import time
from collections.abc import Callable, Iterator
from typing import Any

from config.demo.doors import Trouble, call, text_from
from config.demo.place import ANN, BOB, NAMES, Place

_WAIT_SECONDS = 6
_PATIENCE_SECONDS = 90
_POLICY = "Demo: Ann, then Bob"


def play(place: Place, say: Callable[[str], None]) -> None:
    """Open an incident, let Ann be silent, have Bob answer YES, and tell all of it.

    Raises:
        Trouble: it could not be played to its end.
    """
    incident_id = _open(place)
    say(f"An incident plays by itself now: {incident_id}. Ann will be silent; Bob will answer.")
    _tell(place, incident_id, say)


def _open(place: Place) -> str:
    steps = [{"contact": number, "wait_seconds": _WAIT_SECONDS, "reminders": 1} for _, number in (ANN, BOB)]
    known = {policy["name"] for policy in call(place, "GET", "escalation-policies/")["results"]}
    if _POLICY not in known:
        call(place, "POST", "escalation-policies/", {"name": _POLICY, "steps": steps})
    incident_id = time.strftime("DEMO-%H%M%S")
    call(
        place,
        "POST",
        "incidents/",
        {
            "incident_id": incident_id,
            "description": "Cold store 3 is at +9 C and rising.",
            "url": "https://example.com/runbook/cold-store",
            "escalation_policy": _POLICY,
        },
    )
    return incident_id


def _tell(place: Place, incident_id: str, say: Callable[[str], None]) -> None:
    answered = False
    texted_bob_at: float | None = None
    for incident, entries in _news(place, incident_id):
        for entry in entries:
            say(_line(entry))
            if entry["phone_number"] == BOB[1] and entry["kind"] == "sent" and texted_bob_at is None:
                texted_bob_at = time.monotonic()
        if texted_bob_at is not None and not answered and time.monotonic() - texted_bob_at > 2:
            text_from(place, BOB[1], "Yes, on it")
            answered = True
        if incident["status"] == "acknowledged":
            say(f"{incident_id} is acknowledged by {NAMES.get(incident['acknowledged_by'], 'somebody')}.")
            return
        if incident["status"] != "not_acknowledged":
            say(f"{incident_id} is {incident['status']}. Who has texted STOP is not asked; JOIN brings them back.")
            return


def _news(place: Place, incident_id: str) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """The incident and what is new on its timeline, until patience ends."""
    told = 0
    until = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < until:
        incident = call(place, "GET", f"incidents/{incident_id}/")
        yield incident, incident["timeline"][told:]
        told = len(incident["timeline"])
        time.sleep(0.4)
    raise Trouble(f"{incident_id} did not come to its end within {_PATIENCE_SECONDS} s; see the admin.")


def _line(entry: dict[str, Any]) -> str:
    clock = entry["at"][11:19]
    who = NAMES.get(entry["phone_number"], entry["phone_number"] or entry["actor"] or "")
    text = entry["text"].replace("\n", " / ")
    return f"  {clock}  {entry['kind']:<14} {who:<6} {text}".rstrip()
