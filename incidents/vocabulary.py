"""The words around an answer: what is skipped, what puts it in doubt, what an id is not. Pure."""

import re

FILLERS = frozenset({"to", "for", "on", "re", "incident", "incidents", "id", "number", "nr", "please", "pls", "and"})
# Said right after NO, these make it a yes to some readers and a no to others.
NOT_A_NO = frozenset(
    {
        "problem",
        "problems",
        "problemo",
        "prob",
        "probs",
        "pb",
        "worries",
        "worry",
        "issue",
        "issues",
        "sweat",
        "stress",
        "biggie",
        "doubt",
        "idea",
        "clue",
        "need",
        "matter",
        "more",
        "longer",
        "se",
    }
)
# What follows a number that is an amount, not an id: "yes 5 minutes".
UNITS = frozenset(
    {
        "s",
        "sec",
        "secs",
        "second",
        "seconds",
        "m",
        "min",
        "mins",
        "minute",
        "minutes",
        "h",
        "hr",
        "hrs",
        "hour",
        "hours",
        "d",
        "day",
        "days",
        "week",
        "weeks",
        "am",
        "pm",
        "oclock",
        "percent",
        "km",
        "mile",
        "miles",
        "people",
        "times",
        "or",
        "to",
        "more",
    }
)
AMOUNT = re.compile(r"\d+(?:[.:h]\d+)?(?:[ap]\.?m?|s|secs?|m|mins?|hr?s?|d|th|st|nd|rd)|\d{1,2}[:h]\d{2}")
TOKEN = re.compile(r"[^\W_](?:[\w.:/'-]*\w)?")
LETTERS = re.compile(r"[^\W\d_]+")
