"""Open an incident, and wait until somebody has it, or nobody does.

python open_incident.py DB-17 "Replica is 900 s behind" +14255550182 +14255550183
"""

import sys
import time

from textback import call, quoted

POLL_SECONDS = 2


def main(incident_id, description, first_contact, second_contact=""):
    """Exit with 0 when it is acknowledged, else with 1."""
    # The same request again, after a time-out for example, opens no second incident: it returns the first.
    incident = call(
        "POST",
        "incidents/",
        {
            "incident_id": incident_id,
            "description": description,
            "first_contact": first_contact,
            "second_contact": second_contact,
        },
    )
    told = 0
    while True:
        for line in incident["timeline"][told:]:
            print(line["at"], line["kind"], line["phone_number"], line["text"].replace("\n", " "))
        told = len(incident["timeline"])
        if incident["status"] != "not_acknowledged":
            break
        time.sleep(POLL_SECONDS)
        incident = call("GET", f"incidents/{quoted(incident_id)}/")
    print(incident_id, "is", incident["status"], incident["acknowledged_by"])
    return 0 if incident["status"] == "acknowledged" else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
