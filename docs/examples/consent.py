"""How somebody stands with one of our numbers; with a reason, opt them out of it.

python consent.py +14255550182 +14255550100
python consent.py +14255550182 +14255550100 "Asked by e-mail on 1 July"
"""

import sys

from textback import call


def main(phone_number, ours, reason=""):
    """Exit with 0 when they may be texted, with 1 when they have opted out."""
    about = {"phone_number": phone_number, "origination_identity": ours}
    consent = call("GET", "consent/", **about)
    if reason and consent["state"] != "opted_out":
        # Recorded for ever, with the reason and whose token it was. Nobody is texted.
        consent = call("POST", "consent/", {**about, "action": "opt_out", "reason": reason})
    print(phone_number, consent["state"], consent["since"] or "", consent["source"] or "")
    return 1 if consent["state"] == "opted_out" else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
