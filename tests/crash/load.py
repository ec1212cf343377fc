"""What the place is busy with while it is harmed: campaigns, incidents, and people who answer."""

import heapq
import itertools
import re
import threading
import time
import traceback
from collections import Counter
from typing import Any

from tests.crash.doors import Api, Carrier, Refused
from tests.crash.journal import Tail
from tests.crash.people import OUR_NUMBER, SEGMENT, STRANGER, Cast, Opening, Said, answer
from tests.crash.place import DoesNotStart, Place

# Everything may be killed while it starts, and take a minute to start on a machine full of restarts.
_INSIST_SECONDS = 150.0
_LOOK_SECONDS = 0.05
_PRESS_AGAIN_SECONDS = 0.3
# The words in which an incident asks; what only informs has others.
_ASKS = re.compile(r"Incident (\S+): |Incident (\S+) was escalated to you: |Reminder: incident (\S+) waits ")
_CAMPAIGN = "Shifts are open"


def prepare(api: Api, carrier: Carrier, cast: Cast) -> None:
    """Make what has to be there before anything goes wrong."""
    for person in cast.people:
        if person.off_until is not None or not person.reachable:
            state = "off" if person.reachable else "unreachable"
            until = time.monotonic() + _INSIST_SECONDS
            while not (carrier.add_phone(person.number, person.name) and carrier.switch(person.number, state)):
                if time.monotonic() > until:
                    raise DoesNotStart(f"the simulator does not make {person.name}'s phone {state}")
                time.sleep(_PRESS_AGAIN_SECONDS)

    def make(method: str, path: str, data: object) -> Any:
        return api.insist(method, path, data, time.monotonic() + _INSIST_SECONDS, lambda: False)

    make("PATCH", f"origination-identities/{OUR_NUMBER}/", {"mps": cast.mps})
    rows = [
        f"{person.name},{person.number},{'yes' if person.kind == 'employee' else 'no'}"
        for person in cast.people
        if person.kind != STRANGER
    ]
    make("POST", f"segments/{SEGMENT.replace(' ', '%20')}/import/", "\n".join(("name,phone_number,approved", *rows)))
    for offer in cast.offers:
        make("POST", "shifts/", {"shift_id": offer.code, "shift_info": "Ward", "places": offer.places})
    for opening in cast.openings:
        steps = [
            {"contact": number, "wait_seconds": wait, "reminders": 1}
            for number, wait in zip(opening.contacts, opening.waits, strict=True)
        ]
        make("POST", "escalation-policies/", {"name": opening.incident_id, "steps": steps})


class Load:
    """Staff and systems in one thread, everybody's phones in another."""

    def __init__(self, place: Place, cast: Cast, seed: int) -> None:
        self._api, self._cast, self._seed = place.api, cast, seed
        self._phones = Phones(place.carrier, Tail(place.state), cast, seed)
        self._gone = threading.Event()
        self._staff = threading.Thread(target=self._work, name="staff", daemon=True)
        self._problems: list[str] = []
        self.finished = False

    def start(self) -> None:
        """Begin."""
        self._staff.start()
        self._phones.start()

    @property
    def is_over(self) -> bool:
        """Whether everything planned has happened; people may still be answered."""
        return self.finished and self._phones.idle

    def stop(self) -> None:
        """Do nothing more."""
        if not self.is_over:
            self._problems.append("the load was ended before all of it had happened")
        self._gone.set()
        self._phones.stop()
        self._staff.join(30)

    @property
    def problems(self) -> tuple[str, ...]:
        """What never took effect, and why."""
        return (*self._problems, *self._phones.problems)

    def _work(self) -> None:
        try:
            self._ask_for_everything()
        except Exception:
            self._problems.append(f"staff do nothing any more: {traceback.format_exc()}")

    def _ask_for_everything(self) -> None:
        began = time.monotonic()
        plan: list[tuple[float, str, dict[str, Any]]] = [
            (opening.at, "incidents/", _incident(opening)) for opening in self._cast.openings
        ]
        for at, campaign_id in self._cast.campaigns:
            codes = [offer.code for offer in self._cast.offers]
            content = {"campaign_id": campaign_id, "campaign_message": f"{_CAMPAIGN} ({campaign_id}).", "shifts": codes}
            plan.append((at, "campaigns/", content | {"segment": SEGMENT}))
        for at, path, data in sorted(plan, key=lambda one: one[0]):
            if self._gone.wait(max(0.0, began + at - time.monotonic())):
                return
            try:
                self._api.insist("POST", path, data, time.monotonic() + _INSIST_SECONDS, self._gone.is_set)
            except (Refused, TimeoutError) as problem:
                self._problems.append(str(problem))
        self.finished = True


class Phones:
    """Everybody's phones: what arrives is read in the simulator's journal, what is said goes through its handsets."""

    def __init__(self, carrier: Carrier, tail: Tail, cast: Cast, seed: int) -> None:
        self._carrier, self._tail, self._cast, self._seed = carrier, tail, cast, seed
        self._order = itertools.count()
        self._due: list[tuple[float, int, str, str]] = []
        self._asked: Counter[tuple[str, str]] = Counter()
        self._reached: set[str] = set()
        self._spoken: Counter[tuple[str, str]] = Counter()
        self._received: Counter[tuple[str, str]] = Counter()
        self.problems: list[str] = []
        self._off = {person.number: person.off_until for person in cast.people if person.off_until is not None}
        self._unreachable = {person.number for person in cast.people if not person.reachable}
        self._began = time.monotonic()
        self._gone = threading.Event()
        self._thread = threading.Thread(target=self._work, name="phones", daemon=True)

    def start(self) -> None:
        """Switch them on."""
        self._thread.start()

    def stop(self) -> None:
        """Switch them off."""
        self._gone.set()
        self._thread.join(30)
        if self._thread.is_alive():
            self.problems.append("the phones do not stop")

    @property
    def idle(self) -> bool:
        """Whether nobody is about to text, and every phone is on."""
        return not self._due and not self._off

    def _work(self) -> None:
        try:
            self._live()
        except Exception:
            # A thread that ends in silence is a load that nobody misses.
            self.problems.append(f"nobody's phone works any more: {traceback.format_exc()}")

    def _live(self) -> None:
        for person in self._cast.people:
            if person.kind == STRANGER:
                self._will_say(person.number, person.script)
        while not self._gone.wait(_LOOK_SECONDS):
            for kind, record in self._tail.news():
                if kind == "sent":
                    self._arrived(record["destination"], record["body"])
                elif kind == "received":
                    self._received[record["from_number"], record["body"]] += 1
            self._switch_on(time.monotonic() - self._began)
            self._speak()

    def _speak(self) -> None:
        while self._due and self._due[0][0] <= time.monotonic() and not self._gone.is_set():
            _, _, number, body = self._due[0]
            said = (number, body)
            taken = self._received[said] > self._spoken[said] or self._carrier.text(number, OUR_NUMBER, body)
            if not taken:
                # Whoever would take it has died. If it is in the journal, it was taken all the same; if not, whoever
                # holds the phone presses the button again.
                self._gone.wait(_PRESS_AGAIN_SECONDS)
                return
            self._spoken[said] += 1
            heapq.heappop(self._due)

    def _switch_on(self, now: float) -> None:
        for number in [number for number, until in self._off.items() if until <= now]:
            if self._carrier.switch(number, "on"):
                del self._off[number]

    def _arrived(self, number: str, body: str) -> None:
        if number in self._off or number in self._unreachable:
            # It waits at the carrier; who reads it that late answers it no more, and some never read it.
            return
        if match := _ASKS.match(body):
            incident_id = next(group for group in match.groups() if group)
            self._asked[incident_id, number] += 1
            said = answer(self._seed, incident_id, number, self._asked[incident_id, number])
            if said is not None:
                self._will_say(number, (said,))
        elif body.startswith(_CAMPAIGN) and number not in self._reached:
            self._reached.add(number)
            person = self._cast.person(number)
            if person is not None:
                self._will_say(number, person.script)

    def _will_say(self, number: str, script: tuple[Said, ...]) -> None:
        at = time.monotonic()
        for said in script:
            at += said.after
            heapq.heappush(self._due, (at, next(self._order), number, said.body))


def _incident(opening: Opening) -> dict[str, Any]:
    return {
        "incident_id": opening.incident_id,
        "description": f"Cold store of {opening.incident_id} is warm.",
        "escalation_policy": opening.incident_id,
    }
