"""Doing things in the same instant, each on a database connection of its own."""

import threading
from collections.abc import Callable
from typing import TypeVar

from django.db import connections

Result = TypeVar("Result")


def together(*acts: Callable[[], Result]) -> list[Result]:
    """Do all of these at once; what each returned, in the order in which they ended. The first error is raised."""
    barrier = threading.Barrier(len(acts))
    results: list[Result] = []
    errors: list[BaseException] = []

    def run(act: Callable[[], Result]) -> None:
        try:
            barrier.wait(10)
            results.append(act())
        except BaseException as error:
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return results
