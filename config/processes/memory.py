"""Python's garbage collector, told what a long-lived process knows.

What is loaded at the start (Django, botocore's models: some hundred thousand objects) lives as long as the process, and
nearly all that a request or a job makes is freed by reference counts. Looked through at Python's defaults, all of it
again and again, it takes a sixth of the time of what does the work.
"""

import gc

# Objects made and not freed before the youngest are looked through; Python's default is 700.
_YOUNG = 20_000


def settle() -> None:
    """Take what is loaded out of the collector's sight, and let it look less often. Call it once all is imported."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, 20, 20)
