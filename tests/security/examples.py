"""How long is looked for what breaks: briefly in the suite, long when FUZZ says how many times as long.

FUZZ=50 python -m pytest tests/security
"""

import os
from typing import Any

from hypothesis import HealthCheck, Phase, settings

TIMES = int(os.environ.get("FUZZ", "1"))


def examples(count: int, **options: Any) -> settings:
    """So many examples, the same ones in every run; with FUZZ more, and others each time."""
    return settings(
        max_examples=count * TIMES,
        derandomize=TIMES == 1,
        database=None,
        deadline=None,
        # Making an example smaller takes far longer than finding it.
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
        **options,
    )
