"""Paths, conditions, words and decisions: tables."""

import base64
from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.alerts import decisions, matching, paths, storms, tokens, words
from incidents.alerts.decisions import Do, Known, Verdict
from incidents.alerts.sources import slug_of
from messaging.text import measure

JSON = {"a": {"b": ["x", {"c": 3}], "d": None}, "0": "name", "t": False}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("a.b.0", "x"),
        ("a.b.1.c", 3),
        ("0", "name"),
        ("t", False),
        ("a.d", None),
        ("a.b.2", None),
        ("a.b.-1", None),
        ("a.b.x", None),
        ("a.b.0.x", None),
        ("nothing.here", None),
    ],
)
def test_paths(path: str, value: object) -> None:
    assert paths.find(JSON, path) == value


@pytest.mark.parametrize("path", ["", ".", "a.", ".a", "a..b", " a", "a. b", ".".join("abcdefghijk"), "x" * 200])
def test_no_paths(path: str) -> None:
    with pytest.raises(ValueError, match="is no path"):
        paths.parse(path)


def test_values_that_rules_match() -> None:
    assert paths.scalars(JSON, 10, 5) == {"0": "name", "t": "false", "a.b.0": "x", "a.b.1.c": "3"}
    assert len(paths.scalars({str(n): n for n in range(1000)}, 10, 5)) == 10


LABELS = {"severity": "critical", "team": "blue", "host": "db-7.north", "grafana folder": "Shops"}


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("", True),
        ("severity=critical", True),
        ("severity = critical , team=blue", True),
        ("severity=critical, team=red", False),
        ("severity!=warning", True),
        ("severity!=critical", False),
        ("host=db-*", True),
        ("host=*north", True),
        ("host=d*7*n*h", True),
        ("host=d*8*n*h", False),
        ("host=db-7.north*", True),
        ("host=*", True),
        ("host!=db-*", False),
        ("missing=", True),
        ("missing=*", True),
        ("missing=x", False),
        ("missing!=x", True),
        ('team="blue"', True),
        ("grafana folder=Shops", True),
        ("Severity=critical", False),
    ],
)
def test_conditions(text: str, held: bool) -> None:
    assert matching.matches(text, LABELS) is held


@pytest.mark.parametrize("text", ["severity", "=x", "a=b,", ",", "a=b,c", "!=x", ", ".join(["a=b"] * 11)])
def test_no_conditions(text: str) -> None:
    with pytest.raises(ValueError, match=r"condition"):
        matching.parse(text)
    assert matching.matches(text, LABELS) is False


@given(st.text(alphabet="ab*", max_size=12), st.text(alphabet="ab", max_size=12))
def test_stars_are_those_of_a_shell(pattern: str, value: str) -> None:
    assert matching.matches(f"x={pattern}", {"x": value}) is fnmatchcase(value, pattern)


@given(st.text(max_size=2000))
def test_words_are_short_whatever_comes(text: str) -> None:
    cut = words.short(text)
    assert cut.strip()
    assert measure(cut).parts <= 2
    assert "\n" not in cut


@pytest.mark.parametrize(
    ("url", "description", "kept"),
    [
        ("https://example.com/x", "Warm", True),
        ("https://example.com/" + "x" * 140, "Warm", True),
        ("https://example.com/" + "x" * 141, "Warm", False),
        ("https://example.com/" + "x" * 100, "Wärmeŵ", False),
        ("https://example.com/\u017e", "Warm", True),
        ("ftp://example.com", "Warm", False),
        ("https://example.com/a b", "Warm", False),
        ("", "Warm", False),
    ],
)
def test_links_in_texts(url: str, description: str, kept: bool) -> None:
    assert words.link(url, description) == (url if kept else "")


OPEN = {"in_window": False, "has_policy": True, "opened": 0, "limit": 3}


@pytest.mark.parametrize(
    ("state", "known", "more", "verdict"),
    [
        ("firing", None, {}, Verdict(Do.OPEN)),
        ("firing", Known(), {}, Verdict(Do.REPEAT)),
        # A limit and a window are for new troubles.
        ("firing", Known(), {"in_window": True, "opened": 3}, Verdict(Do.REPEAT)),
        ("firing", Known(attended=False), {}, Verdict(Do.OPEN, anew=True)),
        ("firing", Known(attended=False), {"in_window": True}, Verdict(Do.SILENCE, anew=True)),
        ("firing", None, {"in_window": True}, Verdict(Do.SILENCE)),
        ("firing", None, {"in_window": True, "opened": 3}, Verdict(Do.SILENCE)),
        ("firing", Known("window"), {"in_window": True}, Verdict(Do.REPEAT)),
        ("firing", Known("window"), {}, Verdict(Do.OPEN, anew=True)),
        ("firing", None, {"opened": 2}, Verdict(Do.OPEN)),
        ("firing", None, {"opened": 3}, Verdict(Do.HOLD)),
        ("firing", Known("storm"), {}, Verdict(Do.REPEAT)),
        ("firing", Known("storm", attended=False), {}, Verdict(Do.OPEN, anew=True)),
        ("firing", Known("storm", attended=False), {"opened": 3}, Verdict(Do.HOLD, anew=True)),
        ("firing", None, {"has_policy": False}, Verdict(Do.IGNORE)),
        ("firing", None, {"has_policy": False, "in_window": True, "opened": 3}, Verdict(Do.IGNORE)),
        ("resolved", None, {}, Verdict(Do.NOTHING)),
        ("resolved", Known(), {"has_policy": False}, Verdict(Do.CLOSE)),
        ("resolved", Known("window"), {"in_window": True}, Verdict(Do.CLOSE)),
        ("resolved", Known("storm"), {}, Verdict(Do.CLOSE)),
        ("unchanged", Known(), {}, Verdict(Do.NOTHING)),
        ("unchanged", None, {}, Verdict(Do.NOTHING)),
        ("firing", None, {"outdated": True}, Verdict(Do.LATE)),
        ("resolved", Known(), {"outdated": True}, Verdict(Do.LATE)),
    ],
)
def test_decisions(state: str, known: Known | None, more: dict[str, bool | int], verdict: Verdict) -> None:
    assert decisions.decide(state, known, **(OPEN | more)) == verdict  # type: ignore[arg-type]


SECRET = "tba_" + "x" * 43


@pytest.mark.parametrize(
    ("header", "token"),
    [
        (f"Bearer {SECRET}", SECRET),
        (f"bearer   {SECRET} ", SECRET),
        (f"Token {SECRET}", SECRET),
        (f"Basic {base64.b64encode(f'prometheus:{SECRET}'.encode()).decode()}", SECRET),
        (f"basic {base64.b64encode(f':{SECRET}'.encode()).decode()}", SECRET),
        ("Basic not base64", ""),
        ("Basic /w==", ""),
        (SECRET, ""),
        (f"Digest {SECRET}", ""),
        ("Bearer tba_short", ""),
        (f"Bearer {SECRET}x", ""),
        ("", ""),
        ("Bearer", ""),
    ],
)
def test_tokens_in_headers(header: str, token: str) -> None:
    assert tokens.given(header) == token


def test_words_of_a_storm() -> None:
    text = storms.description("Prometheus", 37, 20, 10)
    assert text.startswith("Prometheus: 37 more alerts than the 20 in 10 min")
    assert storms.description("ŵ" * 100, 1, 1, 1).count("ŵ") == 20


@pytest.mark.parametrize(
    ("name", "slug"),
    [("Prometheus", "prometheus"), ("Käse & Höhle", "kase-hohle"), ("???", "alerts"), ("x" * 80, "x" * 50)],
)
def test_addresses(name: str, slug: str) -> None:
    assert slug_of(name) == slug
