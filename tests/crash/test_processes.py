"""Everything that a round may kill is recognised: what is not found is never killed."""

import shlex

from config.processes.supervise import processes as procfile
from tests.crash import processes, schedule


def test_each_process_of_the_procfile_is_known_by_its_name() -> None:
    for name, command in procfile().items():
        assert processes.name_of(["/usr/bin/python3", *shlex.split(command)]) == name


def test_each_target_is_one_of_them_or_one_of_their_children() -> None:
    assert set(schedule.PROCESSES) == {*procfile(), "web-worker", "scheduler"}
