"""Load shifts from a CSV file: new codes are added, others brought up to date.

python load_shifts.py shifts.csv        (shift_id,shift_info,starts_at,ends_at,places; times with an offset)
"""

import csv
import sys

from textback import Refused, call, quoted


def main(path):
    """A line for each shift; exit with 1 when one was refused."""
    refused = 0
    with open(path, newline="", encoding="utf-8-sig") as file:
        for row in csv.DictReader(file):
            try:
                print(row["shift_id"], save(row))
            except Refused as problem:
                refused += 1
                print(row["shift_id"], "refused:", problem, file=sys.stderr)
    return 1 if refused else 0


def save(row):
    """Add one, or change it; who has booked it stays."""
    shift = {"shift_info": row["shift_info"], "places": int(row["places"] or 1)}
    shift |= {name: row[name] or None for name in ("starts_at", "ends_at")}
    path = f"shifts/{quoted(row['shift_id'])}/"
    try:
        call("GET", path)
    except Refused as problem:
        if problem.status != 404:
            raise
        call("POST", "shifts/", {"shift_id": row["shift_id"], **shift})
        return "added"
    call("PATCH", path, shift)
    return "up to date"


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
