"""What became of incidents, as CSV, however many there are: read page by page.

python read_outcomes.py 2026-07-01T00:00:00Z > july.csv
"""

import csv
import sys
from datetime import datetime

from textback import pages


def main(after):
    """A line for each incident that was opened at this time or later."""
    table = csv.writer(sys.stdout)
    table.writerow(["incident_id", "status", "acknowledged_by", "seconds_to_acknowledgement", "escalations"])
    for incident in pages("incidents/", after=after, page_size=200):
        seconds = ""
        if incident["acknowledged_at"]:
            opened, taken = (datetime.fromisoformat(incident[name]) for name in ("opened_at", "acknowledged_at"))
            seconds = round((taken - opened).total_seconds())
        escalations = sum(line["kind"] == "escalated" for line in incident["timeline"])
        table.writerow([incident["incident_id"], incident["status"], incident["acknowledged_by"], seconds, escalations])
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
