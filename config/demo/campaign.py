"""The campaign that plays by itself: five people are texted, two race for one shift, and the rest of the words."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

from config.demo.doors import Trouble, call, text_from
from config.demo.place import CARLA, DAN, EVE, NAMES, SEGMENT, Place

_PATIENCE_SECONDS = 30
_LONGEST_LINE = 110


def play(place: Place, say: Callable[[str], None]) -> None:
    """Send a campaign to five handsets. Two race for one shift, the winner gives it back, Eve is called.

    Raises:
        Trouble: it could not be played to its end.
    """
    stage = _Stage(place, say)
    day = free_day(place, datetime.now(UTC))
    night, early = _offer(place, day)
    say(f"HR offers {night} (one place) and {early} to everybody of {SEGMENT}.")
    _send(place, stage, [night, early], f"Two shifts are open on {day:%a %d %b}.")
    say(f"Carla and Dan text {night} in the same instant.")
    stage.together({CARLA[1]: night, DAN[1]: f"{night} please"})
    winner, loser = _who_has(place, night)
    first, second = NAMES[winner], NAMES[loser]
    say(f"{first} has it. {second} asks what is left; {first} gives it back, and {second} is quick; Eve wants a call.")
    stage.say(loser, "REQUEST")
    stage.say(winner, f"DROP {night}")
    stage.say(loser, night.lower())
    stage.say(EVE[1], "agent, please")
    say("Who holds what: admin, Shifts. Who was texted: admin, Campaigns.")


def free_day(place: Place, now: datetime) -> datetime:
    """The first day after today on which no shift begins: who holds one of an earlier demo is refused another then."""
    day = now.replace(hour=0, minute=0, second=0, microsecond=0)
    while True:
        day += timedelta(days=1)
        period = f"after={day:%Y-%m-%dT%H:%M:%SZ}&before={day + timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}"
        if not call(place, "GET", f"shifts/?{period}")["results"]:
            return day


def _offer(place: Place, day: datetime) -> tuple[str, str]:
    """Two shifts of a day, with codes that no earlier demo has used."""
    number = time.strftime("%H%M%S")
    offers = ((f"NIGHT{number}", "Ward 3", 20), (f"EARLY{number}", "Ward 5", 6))
    for code, info, hour in offers:
        begins = day + timedelta(hours=hour)
        times = {"starts_at": begins.isoformat(), "ends_at": (begins + timedelta(hours=8)).isoformat()}
        call(place, "POST", "shifts/", {"shift_id": code, "shift_info": info, "places": 1, **times})
    return offers[0][0], offers[1][0]


def _send(place: Place, stage: "_Stage", codes: list[str], message: str) -> None:
    campaign_id = time.strftime("DEMO-SHIFTS-%H%M%S")
    content = {"campaign_id": campaign_id, "campaign_message": message, "segment": SEGMENT, "shifts": codes}
    call(place, "POST", "campaigns/", content)
    stage.until(lambda: call(place, "GET", f"campaigns/{campaign_id}/")["status"] == "sent", "the campaign to be sent")


def _who_has(place: Place, code: str) -> tuple[str, str]:
    holders = [one["phone_number"] for one in call(place, "GET", f"shifts/{code}/")["employees"]]
    if len(holders) != 1:
        raise Trouble(f"{code} is held by {len(holders)} people. Whoever has texted STOP is not answered; JOIN helps.")
    racers = {CARLA[1], DAN[1]}
    return holders[0], (racers - set(holders)).pop()


class _Stage:
    """Texts both ways, told as they come."""

    def __init__(self, place: Place, say: Callable[[str], None]) -> None:
        self._place, self._say = place, say
        self._began = datetime.now(UTC).isoformat().replace("+00:00", "Z")
        self._told: set[str] = set()

    def say(self, phone_number: str, body: str) -> None:
        """Text from a handset, and wait for the answer."""
        self.together({phone_number: body})

    def together(self, texts: dict[str, str]) -> None:
        """Text from several handsets at once, and wait for all the answers."""
        before = {number: self._answers(number) for number in texts}
        with ThreadPoolExecutor(len(texts)) as pool:
            list(pool.map(lambda text: text_from(self._place, *text), texts.items()))
        self.until(lambda: all(self._answers(number) > before[number] for number in texts), "an answer")

    def until(self, done: Callable[[], bool], what: str) -> None:
        """Tell what is new until something is so."""
        gives_up_at = time.monotonic() + _PATIENCE_SECONDS
        while not done():
            if time.monotonic() > gives_up_at:
                raise Trouble(
                    f"Waited {_PATIENCE_SECONDS} s for {what}. Whoever has opted out gets none; JOIN helps. "
                    "The admin says more, and `rm -r var/demo` begins anew."
                )
            self._tell()
            time.sleep(0.3)
        self._tell()

    def _answers(self, phone_number: str) -> int:
        return len([text for text in self._sent() if text["destination_phone_number"] == phone_number])

    def _sent(self) -> list[dict[str, Any]]:
        texts: list[dict[str, Any]] = call(
            self._place, "GET", f"messages/?conversation=shifts&after={self._began}&status=sent&status=delivered"
        )["results"]
        return texts

    def _tell(self) -> None:
        lines = [
            (text["sent_at"], f"out{text['id']}", "to", text["destination_phone_number"], text["body"])
            for text in self._sent()
        ]
        lines += [
            (text["received_at"], f"in{text['id']}", "from", text["origination_phone_number"], text["body"])
            for text in call(self._place, "GET", f"inbound/?after={self._began}")["results"]
        ]
        for at, key, way, number, body in sorted(lines):
            if key not in self._told:
                self._told.add(key)
                words = " / ".join(body.splitlines())
                shown = words if len(words) <= _LONGEST_LINE else f"{words[:_LONGEST_LINE]}..."
                self._say(f"  {at[11:19]}  {way:<4} {NAMES.get(number, number):<6} {shown}")
