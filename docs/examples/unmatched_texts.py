"""Texts that nothing in Textback understood, for a help desk: each is printed once, run after run.

python unmatched_texts.py printed.json
"""

import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from textback import pages

# Run it more often than that. A text that waits to be routed is in the list a moment later than its neighbours, so what
# was printed is known by its id, and not by where the last run ended.
WINDOW = timedelta(days=1)


def main(remembered):
    """A line of JSON for each new one, oldest first; the file remembers what was printed."""
    file = Path(remembered)
    printed = set(json.loads(file.read_text())) if file.exists() else set()
    after = (datetime.now(UTC) - WINDOW).isoformat()
    texts = list(pages("inbound/", outcome="unmatched", after=after, page_size=200))
    for text in reversed(texts):
        if text["id"] not in printed:
            print(json.dumps({name: text[name] for name in ("received_at", "origination_phone_number", "body")}))
    file.write_text(json.dumps([text["id"] for text in texts]))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
