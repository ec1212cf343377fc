"""Doing in one go what several threads want done at the same time: docs/decisions/0017-shared-commits.md ."""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


class Together(Generic[Item, Result]):
    """One thread at a time does what it came for, and what others came for while they waited for their turn.

    Nobody waits for company: who comes alone is served at once. Nobody's trouble is another's: what cannot be done in
    one go, each thread does by itself.
    """

    def __init__(self, act: Callable[[Sequence[Item]], Sequence[Result]]) -> None:
        """``act`` does one or several, all of them or none, and returns the result of each."""
        self._act = act
        self._turn = threading.Lock()
        # Threads append without having the turn; only who has it takes from the left.
        self._waiting: deque[_Wish[Item, Result]] = deque()

    def do(self, item: Item) -> Result:
        """Returns the result of this item once it is done; raises what ``act`` raises for it."""
        wish = _Wish[Item, Result](item)
        self._waiting.append(wish)
        with self._turn:
            if not wish.seen_to:
                self._serve([self._waiting.popleft() for _ in range(len(self._waiting))])
        return wish.result[0] if wish.result else self._act([item])[0]

    def _serve(self, wishes: "Sequence[_Wish[Item, Result]]") -> None:
        for wish in wishes:
            wish.seen_to = True
        try:
            results = self._act([wish.item for wish in wishes])
        except Exception:
            if len(wishes) == 1:
                raise
            return
        for wish, result in zip(wishes, results, strict=True):
            wish.result = (result,)


class _Wish(Generic[Item, Result]):
    """What one thread wants. Once it is seen to, either it has a result or its thread is to get one by itself."""

    __slots__ = ("item", "result", "seen_to")

    def __init__(self, item: Item) -> None:
        self.item = item
        self.seen_to = False
        self.result: tuple[Result] | None = None
