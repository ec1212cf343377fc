"""The load takes effect, or says that it did not."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from messaging.simulator.storage import FILE
from tests.crash.journal import Tail
from tests.crash.load import Phones
from tests.crash.people import STRANGER, Cast, Person, Said

ANN = Person("+14255569500", "Ann", STRANGER, (Said(0.0, "STOP"), Said(0.0, "START")))


class Carrier:
    """Answers as it is told; what it takes is in its journal."""

    def __init__(self, journal: Path, answers: list[tuple[bool, bool]]) -> None:
        self._journal, self._answers = journal, answers
        self.taken: list[str] = []

    def text(self, sender: str, to: str, body: str) -> bool:
        takes, says = self._answers.pop(0) if self._answers else (True, True)
        if takes:
            self.taken.append(body)
            record = {"from_number": sender, "body": body}
            with self._journal.open("a") as file:
                file.write(json.dumps(["received", time.time(), record]) + "\n")
        return says


def spoken(tmp_path: Path, answers: list[tuple[bool, bool]], until: Callable[[Phones], Any]) -> tuple[Carrier, Phones]:
    carrier = Carrier(tmp_path / FILE, answers)
    phones = Phones(carrier, Tail(tmp_path), Cast((ANN,), (), (), (), 10), 7)  # type: ignore[arg-type]
    phones.start()
    give_up = time.monotonic() + 5
    while not until(phones) and time.monotonic() < give_up:
        time.sleep(0.01)
    phones.stop()
    return carrier, phones


def test_a_text_that_nobody_took_is_sent_again(tmp_path: Path) -> None:
    carrier, phones = spoken(tmp_path, [(False, False)], lambda phones: len(phones._spoken) == 2)
    assert carrier.taken == ["STOP", "START"]
    assert phones.problems == []


def test_a_text_that_was_taken_without_an_answer_is_not_sent_twice(tmp_path: Path) -> None:
    carrier, _ = spoken(tmp_path, [(True, False)], lambda phones: len(phones._spoken) == 2)
    assert carrier.taken == ["STOP", "START"]


def test_phones_that_stop_working_are_a_problem(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text('["sent", 1.0, {}]\n')
    _, phones = spoken(tmp_path, [], lambda phones: phones.problems)
    assert "KeyError" in phones.problems[0]
