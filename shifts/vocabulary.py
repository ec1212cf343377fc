"""The words around shift codes: how people ask for a shift, what puts that in doubt, what a code is not. Pure.

A text books only if it is made of codes, courtesy and the phrases below, and of nothing else. The words alone would not
do: "I need cover for XYZ123" and "I can cover XYZ123" share them.
"""

import re
from collections.abc import Iterator

from messaging.wording import COURTESY as COMMON_COURTESY

# What a shift's code may look like.
CODE_PATTERN = r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,28}[A-Za-z0-9])?"
TOKEN = re.compile(r"[^\W_]+(?:[-_]+[^\W_]+)*")
APOSTROPHE = re.compile(r"(?<=[^\W\d_])['`](?=[^\W\d_])")
CONTRACTED = re.compile(r"[^\W_]+(?:['`][^\W_]+)+")
# What is quoted was said by somebody else: some telephones quote our text when it is liked.
QUOTATION = re.compile(r"[\"“”„«»]")
# What no everyday word has: "XYZ123", "309".
TELLING = re.compile(r"[a-z]\S*\d|\d\S*[a-z]|\d{3}", re.IGNORECASE)
# Before compatibility forms are taken away, which would make two words of some of them.
LOOKALIKES = str.maketrans(
    {
        "\N{ACUTE ACCENT}": "'",
        "\N{LEFT SINGLE QUOTATION MARK}": "'",
        "\N{MODIFIER LETTER APOSTROPHE}": "'",
        "\N{NUMERO SIGN}": " ",
        **dict.fromkeys("\N{HYPHEN}\N{NON-BREAKING HYPHEN}\N{FIGURE DASH}\N{EN DASH}\N{MINUS SIGN}", "-"),
    }
)


def _one_typo_from(word: str) -> Iterator[str]:
    """A letter left out, changed or added, or two neighbours swapped."""
    for at in range(len(word) + 1):
        head, tail = word[:at], word[at:]
        yield head + tail[1:]
        yield head + tail[1:2] + tail[:1] + tail[2:]
        for letter in "abcdefghijklmnopqrstuvwxyz":
            yield head + letter + tail[1:]
            yield head + letter + tail


REQUESTS = frozenset(_one_typo_from("request")) - {"bequest"}
# A typo of these is not taken for them: a call costs money, and "mope" or "line" are other words.
COMMANDS = frozenset({"request", "more", "agent", "mine", "drop"})

# What may stand anywhere.

PLEASE = frozenset({"please", "pls", "plz"})
# Without "thank" and "you" by themselves: "you take XYZ123" is said to somebody else.
_COURTESY = (COMMON_COURTESY - {"thank", "you"}) | {"kindly", "cheers", "regards"}
_GREETINGS = frozenset({"hi", "hello", "hey", "dear", "hola", "bonjour", "hallo"})
_COURTEOUS_PHRASES = (
    "thank (?:you|u)(?: (?:very|so) much)?|thanks (?:a lot|so much|very much)|many thanks"
    "|good (?:morning|afternoon|evening)"
)
COURTEOUS = re.compile(rf"(?<![^ ])(?:{_COURTEOUS_PHRASES}|{'|'.join(sorted(_COURTESY | _GREETINGS))}) ")
COURTESY = _COURTESY | {"thank", "you"}

# The words of a text are matched one after the other, each with a space behind it. "#" stands for a code, "yes" for any
# YES, "request" for its typos as well. Letters in these patterns are words and nothing else: no escapes like \d.

_AFFIRMATION = "yes|ok|okay|okey|oki|sure|great|perfect|cool|absolutely|definitely"
_NOUN = "shifts?|codes?|slots?|ids?|numbers?|nr"
_ARTICLE = "a|an|the|this|these|both"
_TOO = "and|plus|also|too|as well as|as well|et|und"
_DO = "take|do|cover|work|book|grab|reserve|request|pick up|pick|sign up for"
_GET = f"{_DO}|have|get"
_IT = "(?: (?:it|them|that|this|these|both))?"
_YOU = "(?:(?:can|could|would|will) (?:you|u) )?"
BOOKING_PHRASES = (
    f"(?:can|could|may) i (?:also )?(?:{_GET}){_IT}",
    f"(?:i can|i will|i shall|ill) (?:also )?(?:{_DO}|have){_IT}",
    "i can",
    f"(?:can|will|happy to|able to) (?:{_DO}){_IT}",
    f"i (?:want to|wanna) (?:{_GET}){_IT}",
    f"(?:i would|id|would) (?:also )?(?:like|love)(?: to (?:{_GET}){_IT})?",
    f"(?:i am|im) (?:happy|glad|able|free|available) to (?:{_DO}){_IT}",
    "(?:i am|im) (?:free|available) for",
    "(?:(?:i am|im) )?(?:taking|booking|accepting|requesting)",
    f"let me (?:{_GET}){_IT}",
    f"{_YOU}(?:book|put|sign|add|register|schedule) me(?: (?:in|up|down|on))?(?: (?:for|to|on|into|onto))?",
    f"{_YOU}(?:book|reserve|give me|assign me|get me){_IT}",
    "request for",
    f"(?:i (?:also )?)?(?:want|request|take|accept|choose){_IT}",
    "for me",
    "me",
    f"(?:{_AFFIRMATION}) (?:to|for)",
    f"{_AFFIRMATION}|{_NOUN}|{_ARTICLE}|{_TOO}|just|only|#",
)
_DROP_LEADS = (
    "(?:can|could|may) i drop",
    "(?:i )?(?:want|wish|need|have) to drop",
    "(?:i would|id|would) like to drop",
    "(?:i must|i will|ill) drop",
    f"{_YOU}drop(?: me from)?",
)
_DROP_REST = f"{_AFFIRMATION}|{_NOUN}|{_ARTICLE}|{_TOO}|for me|my|sorry"
# Each phrase is atomic, so that no text has more than one reading to be tried.
BOOKING = re.compile(f"(?>(?:{'|'.join(BOOKING_PHRASES)}) )*+")
DROPPING = re.compile(
    f"(?>(?:{_AFFIRMATION}|sorry) )*+(?>(?:{'|'.join(_DROP_LEADS)}) )(?>(?:{_DROP_REST}|#) )*+"
    "|(?>(?:#|and) )++drop (?>(?:sorry) )*+"
)


def _words_of(*patterns: str) -> frozenset[str]:
    return frozenset(re.findall(r"[a-z]+", " ".join(patterns)))


AFFIRMATIONS = _words_of(_AFFIRMATION)
NOUNS = frozenset({"shift", "shifts", "code", "codes", "slot", "slots", "id", "ids", "number", "numbers", "nr"})
PLURAL = frozenset({"shifts", "codes", "slots"})
# Of the words known here these may be half of a code that was typed in two: "shift 12" for SHIFT12, "a 12" for A12.
HALVES = NOUNS | {"a"}
# What stands in a list beside words that nobody knows, and leaves it a list.
IN_A_LIST_OF_CODES = frozenset({"and", "drop", "#", "?"})
IN_A_LIST = AFFIRMATIONS | NOUNS | IN_A_LIST_OF_CODES

# What may stand beside a command without codes.
_SHOWING = AFFIRMATIONS | {"show", "send", "list", "see", "me", "the", "open", "available"}
REQUEST_WORDS = (
    _SHOWING
    | NOUNS
    | {"request", "a", "all", "for", "of", "to", "i", "id", "would", "like", "want", "can", "could", "may", "get"}
)
MORE_WORDS = _SHOWING | {"more", "shifts", "codes"}
MINE_WORDS = _SHOWING | {"mine", "my", "shift", "shifts", "code", "codes", "booked", "bookings", "booking"}
AGENT_WORDS = frozenset({"agent", "call", "speak", "talk", "to", "an", "with", "me"})

# Mornings are greeted with, and shifts are called like them.
VOCABULARY = (
    _words_of(*BOOKING_PHRASES, *_DROP_LEADS, _DROP_REST, _COURTEOUS_PHRASES)
    | (COURTESY | _GREETINGS | NOUNS)
    | (REQUEST_WORDS | MORE_WORDS | MINE_WORDS | AGENT_WORDS)
) - {"morning", "afternoon", "evening"}

# What is never a code.

# They turn a text into its opposite, into a choice, a condition or a question, or belong to consent. They count even if
# a shift is called like one of them.
IN_DOUBT = frozenset(
    {
        *("not", "dont", "doesnt", "didnt", "cant", "cannot", "couldnt", "wont", "wouldnt", "isnt", "aint", "never"),
        *("none", "neither", "nor", "or", "either", "but", "if", "unless", "except", "instead", "without", "than"),
        *("maybe", "perhaps", "possibly", "probably", "depends", "oder", "ou", "nicht", "pas"),
        *("when", "what", "whats", "where", "who", "whose", "why", "which", "how", "is", "are", "was", "were", "did"),
        *("before", "after", "until", "till", "cancel", "cancelled", "canceled", "end", "quit", "stop", "stopall"),
        *("remove", "revoke", "unsubscribe", "optout", "opt-out", "arret", "td", "start", "unstop", "join", "help"),
    }
)
# Beside a code they are no codes that do not exist, but something about it; a shift may be called like this.
ASIDES = frozenset(
    {
        *("unfortunately", "nevermind", "unsure", "wrong", "mistake", "oops", "ignore", "kidding", "joking", "undo"),
        *("swap", "change", "wait", "later", "pass", "skip", "busy", "taken", "gone", "full", "still"),
        *(
            "already",
            "away",
            "off",
            "sick",
            "late",
            "early",
            "holiday",
            "vacation",
            "time",
            "pay",
            "money",
            "impossible",
        ),
        *(
            "unable",
            "unavailable",
            "refuse",
            "decline",
            "declined",
            "reject",
            "far",
            "apart",
            "covered",
            "filled",
            "done",
        ),
        *("booked", "dropped", "requested", "confirmed", "closed", "working", "worked", "today", "tonight", "tomorrow"),
        *("now", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"),
    }
)
# Nor are these when they are in capitals, with no comma that makes a list of them: who writes so says something.
SAID_LOUDLY = ASIDES.union(
    _words_of(
        "yesterday soon asap always again once twice weekend weekends week weeks month hour hours minute minutes noon",
        "midnight mon tue tues wed thu thur thurs fri sat sun january february march april june july august september",
        "october november december jan feb mar apr jun jul aug sep sept oct nov dec morning afternoon evening welcome",
        "bye goodbye haha hahaha lol omg wow nice fine good bad best better worse worst awful terrible perfectly",
        "right true false real really very more most less least enough only even ever unbook unassign release return",
        "trade switch forget leave lose withdraw withdrawn back out opt delete void annul abort scrap ditch quitting",
        "leaving resign replace replacement give giving given gave got get gets getting take takes took taking need",
        "needs needed want wants wanted hate hates love loves work works keep keeps kept let lets make makes made",
        "send sent text texts texting message messages spam call calls called tell told ask asked say says said see",
        "seen saw know known knew think thought hope hoping try trying tried come comes coming came go goes going",
        "went run runs start started begin begins finish finished ends ended stay stays move moved miss missed",
        "missing fail failed lost found find put puts sign signed count hold held holding he she they him her his",
        "hers them their theirs our ours its himself herself someone somebody anyone anybody everyone everybody",
        "nobody noone nothing something anything everything team guys all any some many much few other others another",
        "same both each every half part and from with about over under near next last first second third between",
        "during because since while though although then there here yet per via against am be been being has had have",
        "having does doing should shall must might ought would hes shes theyre weve youve ive theyve arent wasnt",
        "werent havent hasnt hadnt shouldnt neednt mustnt shant home ill hurt injured tired sleep asleep dead flu",
        "covid traffic tire tyre kid kids child baby mom mum mother dad father wife husband family friend boss",
        "manager supervisor urgent emergency fire help helping warning danger safe ambulance police problem issue",
        "trouble broken down easy hard long short close closer open free cheap unfair fair sad glad mad angry cover",
        "covers covering coverage overtime sorry thanks congrats congratulations happy birthday merry christmas",
        "different",
    ),
    *(_one_typo_from(word) for word in ("drop", "cancel", "stop", "unsubscribe", "except")),
)
DOUBTFUL_SIGNS = frozenset(
    "\N{THUMBS DOWN SIGN}\N{CROSS MARK}\N{NEGATIVE SQUARED CROSS MARK}\N{NO ENTRY SIGN}\N{NO ENTRY}\N{OCTAGONAL SIGN}"
    "\N{FACE WITH NO GOOD GESTURE}\N{RAISED HAND}\N{MULTIPLICATION X}\N{HEAVY MULTIPLICATION X}\N{BALLOT X}"
    "\N{HEAVY BALLOT X}\N{BLACK QUESTION MARK ORNAMENT}\N{WHITE QUESTION MARK ORNAMENT}\N{THINKING FACE}\N{SHRUG}"
)
# The other symbols of mathematics and money put a text in doubt: "XYZ123 > XYZ124", "XYZ123 $20".
HARMLESS_SYMBOLS = frozenset("+~|")
AMOUNT = re.compile(
    r"\d{1,2}(?:[ap]m?|st|nd|rd|th)|\d+(?:s|secs?|m|mins?|hr?s?|hours?|d|days?|k|km|x|eur|usd)|\d{1,2}h\d{2}"
)
# Times, dates, prices and telephone numbers, whose parts would look like codes: 9:30, 9.30, 24/12, 425 555-0101.
FIGURES = re.compile(
    r"\d:\d|(?<![\w./])\d{1,2}[./]\d{1,2}(?:[./]\d{2,4})?(?!\w|[./]\d)"
    r"|\+\d{7}|(?<!\w)\d{3}\)?[ .-]\d{3}[ .-]\d{4}(?!\w)"
)
# What some telephones send when a text is liked: its words, in quotes.
REACTION = re.compile(r"\W*(?:reacted )?to\s*[\"“”„«]", re.IGNORECASE)
