"""Queues: each has a process, and nothing of ours waits for the systems of others."""

from django.conf import settings

from config.processes.supervise import processes
from messaging import registry

NAMES = list(settings.RQ_QUEUES)


def served() -> dict[str, list[str]]:
    """Process → the queues that it works on, by its command in the Procfile."""
    found = {}
    for name, command in processes().items():
        words = command.split()
        if "rqworker" in words:
            found[name] = words[words.index("--with-scheduler") + 1 :]
    return found


def test_every_queue_is_one_that_there_is_and_has_a_process() -> None:
    assert sorted({queue for queues in served().values() for queue in queues}) == sorted(NAMES)
    assert {one.queue for one in registry.work_lists().values()} <= set(NAMES)


def test_calls_to_other_people_s_systems_share_neither_queue_nor_process_with_anything() -> None:
    """A receiver takes 15 s for an answer if it likes; a campaign must not begin later for that."""
    assert [one.name for one in registry.work_lists().values() if one.queue == "webhooks"] == ["webhooks"]
    assert [name for name, queues in served().items() if "webhooks" in queues] == ["webhooks"]
    assert served()["webhooks"] == ["webhooks"]
