"""Import a CSV file of people into a segment: whole, or not at all.

python import_segment.py "Night nurses" nurses.csv         (name,phone_number,approved,language)
"""

import sys
from pathlib import Path

from textback import Refused, call, quoted


def main(segment, path):
    """Look first, then import; exit with 1 when the file has errors."""
    content = Path(path).read_bytes()
    address = f"segments/{quoted(segment)}/import/"
    try:
        plan = call("POST", address, content, content_type="text/csv", dry_run="true")
    except Refused as problem:
        for error in problem.problems.get("errors", [problem.problems]):
            print(error, file=sys.stderr)
        return 1
    print("would create {created}, update {updated}, leave {unchanged} as they are".format(**plan))
    done = call("POST", address, content, content_type="text/csv")
    print("created {created}, updated {updated}, left {unchanged} as they were".format(**done))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
