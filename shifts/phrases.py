"""The phrases about shifts, in English; shifts/locale has them in other languages.

Places: {code} the code of a shift, {codes} several, {count} how many more there are.
"""

from messaging.phrases import Phrase

# Part of another text: what is said with it must still be one, and a page of shifts have room for a shift.
_PART = 80

NOT_AUTHORISED = Phrase(
    "shifts.not-authorised",
    "NOT-AUTHORISED please contact the administrator",
    when="To somebody who asks for shifts and is no approved employee, once a day.",
)
NOT_A_CODE = Phrase(
    "shifts.not-a-code",
    "This is not a valid shift code, please reply by typing REQUEST to view the available shifts",
    when="To an employee whose text has no code of a shift in it.",
    keeps=("REQUEST",),
)
NO_SHIFTS = Phrase(
    "shifts.no-shifts", "There are no shifts at this time", when="To REQUEST, when no shift can be booked."
)
THE_END = Phrase(
    "shifts.the-end",
    "These were all the shifts. REQUEST lists them again.",
    when="To MORE, when there are no more.",
    keeps=("REQUEST",),
)
NOTHING_HELD = Phrase(
    "shifts.nothing-held",
    "You hold no shifts. REQUEST lists those you can book.",
    when="To MINE and DROP from somebody who has no shift.",
    keeps=("REQUEST",),
)
REPLY_WITH_CODES = Phrase(
    "shifts.reply-with-codes",
    "Reply with the codes you want.",
    when="Below a list of shifts that can be booked.",
    longest=_PART,
)
MORE_LISTS = Phrase(
    "shifts.more-lists",
    "MORE lists the rest.",
    when="Below such a list, when it is not all.",
    keeps=("MORE",),
    longest=_PART,
)
HOW_TO_BOOK = Phrase(
    "shifts.how-to-book",
    "To book, reply with the codes only, e.g. {code}. To give one back: DROP {code}.",
    when="To a code within words that we do not understand.",
    keeps=("DROP",),
)
SUMMARY = Phrase("shifts.summary", "Request summary -", when="Begins the answer to codes.", longest=_PART)
BOOKED = Phrase("shifts.booked", "Shift booked:", when="Before the codes that are theirs now.", longest=_PART)
ALREADY_YOURS = Phrase("shifts.already-yours", "Already yours:", when="Before codes they had.", longest=_PART)
NOT_AVAILABLE = Phrase(
    "shifts.not-available", "Shift not available:", when="Before codes that others have.", longest=_PART
)
OVERLAPS = Phrase(
    "shifts.overlaps",
    "Overlaps with {code}:",
    when="Before codes of shifts at the time of one they have.",
    longest=_PART,
)
OVERLAPS_OTHERS = Phrase(
    "shifts.overlaps-others",
    "Overlaps with others:",
    when="The same, when there are too many to name.",
    longest=_PART,
)
UNKNOWN = Phrase("shifts.unknown", "Shift doesn't exist:", when="Before codes that are none.", longest=_PART)
DROP_SUMMARY = Phrase("shifts.drop-summary", "Drop summary -", when="Begins the answer to DROP.", longest=_PART)
DROPPED = Phrase("shifts.dropped", "Given back:", when="Before codes that are theirs no longer.", longest=_PART)
NOT_YOURS = Phrase("shifts.not-yours", "Not yours:", when="Before codes they did not have.", longest=_PART)
BEGUN = Phrase(
    "shifts.begun",
    "Has begun, please tell your staff:",
    when="Before codes of shifts that have begun.",
    longest=_PART,
)
HELD = Phrase("shifts.held", "Your shifts:", when="Begins the answer to MINE.", longest=_PART)
HOW_TO_DROP = Phrase(
    "shifts.how-to-drop",
    "To give one back, reply DROP and its code.",
    when="Ends the answer to MINE.",
    keeps=("DROP",),
    longest=_PART,
)
WHICH_TO_DROP = Phrase(
    "shifts.which-to-drop",
    "To give a shift back, reply for example DROP {code}. Your shifts:",
    when="To DROP without a code; their shifts follow.",
    keeps=("DROP",),
    longest=160,
)
WILL_CALL = Phrase(
    "shifts.will-call",
    "Your request is noted, staff will call you.",
    when="To AGENT, when your staff have to call.",
)
CALLING = Phrase("shifts.calling", "We are calling you now.", when="To AGENT, when Amazon Connect calls.")
FOOTER_CODES = Phrase(
    "shifts.footer-codes",
    "Reply with the shift codes, e.g. {codes}.",
    when="Below a campaign that offers shifts, unless staff wrote how to book themselves.",
    longest=160,
)
FOOTER = Phrase(
    "shifts.footer",
    "Reply with the codes of the shifts you want.",
    when="Below a campaign that names no shifts. Likewise.",
    longest=160,
)
FOOTER_END = Phrase(
    "shifts.footer-end",
    "REQUEST lists open shifts. STOP to opt out.",
    when="The end of every campaign without words of its own below it.",
    keeps=("REQUEST", "STOP"),
    longest=160,
)
CODES_AND_MORE = Phrase(
    "shifts.codes-and-more", "{codes} and {count} more", when="The end of a list of codes too long to say.", longest=40
)
AND_MORE = Phrase(
    "shifts.and-more", "and {count} more", when="The end of a list of shifts too long to say.", longest=40
)

PHRASES = (
    *(SUMMARY, BOOKED, ALREADY_YOURS, NOT_AVAILABLE, OVERLAPS, OVERLAPS_OTHERS, UNKNOWN, NOT_A_CODE, HOW_TO_BOOK),
    *(REPLY_WITH_CODES, MORE_LISTS, NO_SHIFTS, THE_END),
    *(HELD, HOW_TO_DROP, NOTHING_HELD, WHICH_TO_DROP, DROP_SUMMARY, DROPPED, NOT_YOURS, BEGUN),
    *(WILL_CALL, CALLING, NOT_AUTHORISED),
    *(FOOTER_CODES, FOOTER, FOOTER_END),
    *(CODES_AND_MORE, AND_MORE),
)
