"""Memory while a campaign is expanded: it must not grow with the campaign.

What Python holds at most is traced in a process of its own for each size: `python -m benchmarks.memory SEGMENT`.
What the process takes of the machine is told as well; on SQLite that includes pages of the database file.
"""

import json
import os
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator

from benchmarks.figures import Figure, of_runs
from benchmarks.stage import Stage

_SIZES = (10_000, 100_000)
_LARGEST = 1_000_000
_MIB = 2**20


def figures(stage: Stage) -> Iterator[Figure]:
    """The most that the largest campaign needs, beside the most that the smallest does."""
    from django.db import connection

    from benchmarks import expansion

    sizes = [stage.some(each, 200) for each in (*_SIZES, *([_LARGEST] if stage.full else []))]
    traced: dict[int, list[float]] = {}
    resident: dict[int, float] = {}
    for size in sizes:
        expansion.clear()
        segment = expansion.fill(size)
        connection.close()
        found = [of_a_process(segment.name, size) for _ in range(min(stage.runs, 3))]
        traced[size] = [each["traced"] for each in found]
        resident[size] = max(each["resident"] for each in found)
    smallest, largest = sizes[0], sizes[-1]
    yield of_runs(
        "flat",
        f"memory while {largest:,} recipients are expanded, beside {smallest:,}",
        [large / small for small, large in zip(traced[smallest], traced[largest], strict=True)],
        goal=1.2,
        at_least=False,
        notes={
            f"{size:,} recipients": f"{max(traced[size]):.1f} MiB of Python's, {resident[size]:.0f} MiB of the process"
            for size in sizes
        },
    )


def of_a_process(segment: str, size: int) -> dict[str, float]:
    """MiB at most, of a process that expands a campaign to a segment; it says how many texts there were."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.memory", segment], env=os.environ, stdout=subprocess.PIPE, check=True
    )
    found: dict[str, float] = json.loads(done.stdout)
    if found["texts"] != size:
        raise AssertionError(f"{found['texts']:.0f} texts came of {size} recipients.")
    return found


def main(segment: str) -> int:
    """Expand a campaign; print the most memory it took."""
    import django

    django.setup()
    from benchmarks import expansion
    from shifts.models import Segment

    found = Segment.objects.get(name=segment)
    tracemalloc.start()
    # What is only ever loaded once (SQL, modules) is not what grows.
    began = tracemalloc.get_traced_memory()[0]
    subject = expansion.expand(found)
    most = tracemalloc.get_traced_memory()[1] - began
    tracemalloc.stop()
    texts = sum(expansion.counts(subject).values())
    print(json.dumps({"traced": most / _MIB, "resident": _resident(), "texts": texts}))
    return 0


def _resident() -> float:
    with open("/proc/self/status") as status:
        line = next(each for each in status if each.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
