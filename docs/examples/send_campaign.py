"""Make a campaign as a draft, look at what it would do, send it, and follow it until every text has left.

python send_campaign.py july "Shifts are open." "Night nurses" N1,N2 --send
"""

import sys
import time

from textback import call, quoted

POLL_SECONDS = 2


def main(campaign_id, message, segment, shifts="", *options):
    """Without --send it ends after the preview. Exit with 1 when it was cancelled on the way."""
    content = {"campaign_id": campaign_id, "campaign_message": message, "segment": segment, "draft": True}
    # The same content again returns the same draft; other content under this id is refused with 409.
    call("POST", "campaigns/", content | {"shifts": [code for code in shifts.split(",") if code]})

    path = f"campaigns/{quoted(campaign_id)}/"
    plan = call("GET", f"{path}preview/")
    print(plan["text"])
    print(
        "{recipients} people, {parts} part(s) in {encoding}, {estimated_cost} {estimated_cost_currency}, "
        "{estimated_seconds} s; not texted: {suppressed}".format(**plan)
    )
    for sentence in plan["problems"] + plan["warnings"]:
        print("-", sentence)
    if "--send" not in options:
        return 0

    campaign = call("POST", f"{path}send/")
    while campaign["status"] in ("scheduled", "sending", "paused"):
        print("{sent} of {recipients} sent, {delivered} delivered, {failed} failed".format(**campaign["counts"]))
        time.sleep(POLL_SECONDS)
        campaign = call("GET", path)
    print(campaign["status"], campaign["counts"])
    return 0 if campaign["status"] == "sent" else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
