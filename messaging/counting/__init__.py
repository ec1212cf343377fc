"""What happens, counted across all processes of all hosts: docs/decisions/0028-seeing.md .

A process adds up in memory, and a thread hands what was added to Redis about once a second, each batch once. /metrics
reads the sums. Nobody who counts waits for Redis, and nothing but figures depends on them.
"""

from messaging.counting.buffer import flush, forget
from messaging.counting.kinds import Counted, Counter, Gauge, Histogram
from messaging.counting.sums import read

__all__ = ["Counted", "Counter", "Gauge", "Histogram", "flush", "forget", "read"]
