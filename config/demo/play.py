"""The incident that plays by itself: opened by the API, answered from a handset, told line by line.

Everything goes through the same doors that people and other systems use: the API, and a handset's text through SNS.
"""

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

from config.demo.place import ANN, BOB, OUR_NUMBER, Place

Say = Callable[[str], None]

_WAIT_SECONDS = 6
_PATIENCE_SECONDS = 90
_POLICY = "Demo: Ann, then Bob"
_NAMES = {number: name for name, number in (ANN, BOB)}


class Trouble(Exception):
    """What went wrong, in words for whoever watches."""


def play(place: Place, say: Say) -> None:
    """Open an incident, let Ann be silent, have Bob answer YES, and tell all of it."""
    try:
        incident_id = _open(place)
        say(f"An incident plays by itself now: {incident_id}. Ann will be silent; Bob will answer.")
        _tell(place, incident_id, say)
    except Trouble as trouble:
        say(f"The incident could not be played: {trouble}")
        return
    say("")
    say(f"Now you: open an incident at http://localhost:{place.port}/admin/incidents/incident/add/")
    say(f"and answer it from a handset at {place.simulator_url}/simulator/ with YES, NO, STOP or JOIN.")
    say("Ctrl-C ends the demo.")


def _open(place: Place) -> str:
    steps = [{"contact": number, "wait_seconds": _WAIT_SECONDS, "reminders": 1} for _, number in (ANN, BOB)]
    known = {policy["name"] for policy in _call(place, "GET", "escalation-policies/")["results"]}
    if _POLICY not in known:
        _call(place, "POST", "escalation-policies/", {"name": _POLICY, "steps": steps})
    incident_id = time.strftime("DEMO-%H%M%S")
    _call(
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


def _tell(place: Place, incident_id: str, say: Say) -> None:
    answered = False
    texted_bob_at: float | None = None
    for incident, entries in _news(place, incident_id):
        for entry in entries:
            say(_line(entry))
            if entry["phone_number"] == BOB[1] and entry["kind"] == "sent" and texted_bob_at is None:
                texted_bob_at = time.monotonic()
        if texted_bob_at is not None and not answered and time.monotonic() - texted_bob_at > 2:
            _answer_yes(place)
            answered = True
        if incident["status"] == "acknowledged":
            say(f"{incident_id} is acknowledged by {_NAMES.get(incident['acknowledged_by'], 'somebody')}.")
            return
        if incident["status"] != "not_acknowledged":
            say(f"{incident_id} is {incident['status']}. Who has texted STOP is not asked; JOIN brings them back.")
            return


def _news(place: Place, incident_id: str) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """The incident and what is new on its timeline, until patience ends."""
    told = 0
    until = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < until:
        incident = _call(place, "GET", f"incidents/{incident_id}/")
        yield incident, incident["timeline"][told:]
        told = len(incident["timeline"])
        time.sleep(0.4)
    raise Trouble(f"{incident_id} did not come to its end within {_PATIENCE_SECONDS} s; see the admin.")


def _line(entry: dict[str, Any]) -> str:
    clock = entry["at"][11:19]
    who = _NAMES.get(entry["phone_number"], entry["phone_number"] or entry["actor"] or "")
    text = entry["text"].replace("\n", " / ")
    return f"  {clock}  {entry['kind']:<14} {who:<6} {text}".rstrip()


def _answer_yes(place: Place) -> None:
    _request(
        f"{place.simulator_url}/simulator/api/texts", "POST", {"from": BOB[1], "to": OUR_NUMBER, "body": "Yes, on it"}
    )


def _call(place: Place, method: str, path: str, data: object = None) -> Any:
    token = place.token_file.read_text().strip()
    return _request(f"http://127.0.0.1:{place.port}/api/v1/{path}", method, data, {"Authorization": f"Token {token}"})


def _request(url: str, method: str, data: object = None, headers: dict[str, str] | None = None) -> Any:
    body = None if data is None else json.dumps(data).encode()
    # Both addresses are of the demo itself, on this machine.
    request = urllib.request.Request(  # noqa: S310
        url, body, {"Content-Type": "application/json", **(headers or {})}, method=method
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as response:  # noqa: S310
            return json.load(response)
    except urllib.error.HTTPError as refusal:
        raise Trouble(f"{method} {url} answered {refusal.code}: {refusal.read(500)!r}") from refusal
    except (OSError, ValueError) as problem:
        raise Trouble(f"{method} {url}: {problem}") from problem
