"""What the preferences page says, in English; optout/locale has it in other languages.

These words are read in a browser, not in a text: they may have any letters, and staff do not put them otherwise.
"""

from messaging.phrases import Phrase

_MAIN = "The preferences page"
_REFUSED = "Instead of the preferences page"

TITLE_OUT = Phrase("optout.page-title-out", "Texts stopped", when=f"{_MAIN}: title for who has opted out.")
TITLE = Phrase("optout.page-title", "Your texts", when=f"{_MAIN}: title for everybody else.")
OUT = Phrase("optout.page-out", "You do not get these texts", when=f"{_MAIN}: heading for who has opted out.")
IN = Phrase("optout.page-in", "You get these texts", when=f"{_MAIN}: heading for who has opted in.")
MAY = Phrase("optout.page-may", "You may get these texts", when=f"{_MAIN}: heading for who has said neither.")
FROM = Phrase("optout.page-from", "From", when=f"{_MAIN}: before our number.")
TO = Phrase("optout.page-to", "To", when=f"{_MAIN}: before their phone.")
PHONE = Phrase("optout.page-phone", "your phone ending in {ending}", when=f"{_MAIN}: the last two digits of a number.")
SINCE = Phrase("optout.page-since", "Since", when=f"{_MAIN}: before a day.")
NOT_TOLD = Phrase("optout.page-not-told", "You have not told us yet what you want.", when=f"{_MAIN}: who said nothing.")
ALL_OUT = Phrase(
    "optout.page-all-out",
    "Texts from all our numbers were stopped on {day}. You can get those from this number again; the others stay "
    "stopped.",
    when=f"{_MAIN}: who has opted out of every number.",
)
OTHERS_OUT = Phrase(
    "optout.page-others-out",
    "Texts from our other numbers have been stopped since {day}.",
    when=f"{_MAIN}: who has opted out of every number, and in again for this one.",
)
OPT_IN = Phrase("optout.page-opt-in", "Get these texts again", when=f"{_MAIN}: a button.")
OPT_OUT = Phrase("optout.page-opt-out", "Stop these texts", when=f"{_MAIN}: a button.")
OPT_OUT_ALL = Phrase("optout.page-opt-out-all", "Stop texts from all our numbers", when=f"{_MAIN}: a button.")

MANY = Phrase("optout.page-many", "Too many requests", when=f"{_REFUSED}: asked too often.")
LATER = Phrase("optout.page-later", "Nothing was changed. Please try again later.", when=f"{_REFUSED}: what to do.")
NOT_NOW = Phrase("optout.page-not-now", "Not now", when=f"{_REFUSED}: title while consent cannot be read.")
TROUBLE = Phrase("optout.page-trouble", "We cannot do this now", when=f"{_REFUSED}: consent cannot be read.")
UNCHANGED = Phrase("optout.page-unchanged", "Nothing was changed", when=f"{_REFUSED}: no button says that.")
UNKNOWN = Phrase("optout.page-unknown", "We did not understand what you chose.", when=f"{_REFUSED}: no such button.")
BACK = Phrase("optout.page-back", "Go back and choose again", when=f"{_REFUSED}: a link back to the page.")
DEAD = Phrase("optout.page-dead", "This link does not work", when=f"{_REFUSED}: the link is not ours.")
DEAD_WHY = Phrase(
    "optout.page-dead-why",
    "It may be incomplete. Please open it again from the message you got.",
    when=f"{_REFUSED}: the link is not ours.",
)
OLD = Phrase("optout.page-old", "This link is too old", when=f"{_REFUSED}: the link has expired.")
OLD_WHY = Phrase(
    "optout.page-old-why", "Links like this one work for a limited time.", when=f"{_REFUSED}: the link has expired."
)
STOP = Phrase(
    "optout.page-stop",
    "To stop texts, answer STOP to the number that texted you.",
    when=f"{_REFUSED}: how to opt out without it.",
    keeps=("STOP",),
)

PHRASES = (
    *(TITLE_OUT, TITLE, OUT, IN, MAY, FROM, TO, PHONE, SINCE, NOT_TOLD, ALL_OUT, OTHERS_OUT, OPT_IN, OPT_OUT),
    *(OPT_OUT_ALL, MANY, LATER, NOT_NOW, TROUBLE, UNCHANGED, UNKNOWN, BACK, DEAD, DEAD_WHY, OLD, OLD_WHY, STOP),
)
# Reason of a refusal → title, heading, what to say, and a link back if there is one.
REFUSALS: dict[str, tuple[Phrase, Phrase, Phrase, Phrase | None]] = {
    "many": (MANY, MANY, LATER, None),
    "trouble": (NOT_NOW, TROUBLE, LATER, None),
    "unknown": (UNCHANGED, UNCHANGED, UNKNOWN, BACK),
    "expired": (DEAD, OLD, OLD_WHY, None),
    "not_genuine": (DEAD, DEAD, DEAD_WHY, None),
}
