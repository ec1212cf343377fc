"""What people and machines write, in any alphabet, and what nobody would."""

from hypothesis import strategies as st

# With halves of surrogate pairs, which JSON can say and no database keeps.
ANYTHING = st.text(st.characters(codec=None), max_size=60)
# What can be sent over a wire.
SENDABLE = st.text(st.characters(codec="utf-8"), max_size=60)
PIECES = st.sampled_from(
    [
        *("YES", "no", "Yes please", "STOP", "stop by at 5", "JOIN", "HELP", "REQUEST", "MORE", "MINE", "AGENT"),
        *("DROP", "DROP XYZ123", "XYZ123", "XYZ124", "YES 123", "NO 123", "YES ALL", "123", "HOURS", "ARRET", "ok"),
        *(
            " ",
            ",",
            ".",
            "!",
            "\n",
            "\r\n",
            "\t",
            "\u00a0",
            "\u200b",
            "\u202e",
            "\ufeff",
            "\x00",
            "\x1b[2J",
            "👍",
            "👩🏽‍🚒",
        ),
        *(
            "да",
            "はい",
            "نعم",
            "نَعَم",
            "ＹＥＳ",
            "YEŞ",
            "ı",
            "İ",
            "ﬀ",
            "ǆ",
            "ß",
            "٣",
            "Ⅳ",
            "²",
            "e\u0301",
            "\u0301" * 20,
        ),
        *("'", '"', "--", "; DROP TABLE", "<script>", "{{ 7*7 }}", "%s", "{codes}", "{0}", "\\", "=1+1", "9" * 30),
    ]
)
REPLIES = st.one_of(SENDABLE, st.lists(PIECES, max_size=8).map("".join), st.lists(PIECES, max_size=8).map(" ".join))
NUMBERS = st.one_of(st.integers(), st.integers(-(10**30), 10**30), st.floats(), st.booleans(), st.none())
JSON = st.recursive(
    st.one_of(ANYTHING, NUMBERS),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(ANYTHING, inner, max_size=4),
    max_leaves=12,
)
