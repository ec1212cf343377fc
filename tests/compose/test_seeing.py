"""Every query of dashboard, alerts and scaling names figures that there are, with labels that they have."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from config.metrics import collecting
from messaging import counting, registry
from messaging.counting import Counter, Histogram
from messaging.models import OriginationIdentity
from tests.compose.places import BASE, COMPOSE, document, manifests

pytestmark = pytest.mark.django_db

_FUNCTIONS = frozenset(
    {
        *(
            "absent",
            "and",
            "by",
            "count",
            "histogram_quantile",
            "increase",
            "max",
            "or",
            "rate",
            "sum",
            "vector",
            "without",
        ),
    }
)
_OURS = re.compile(r"\btextback_[a-z_]+")
_WORDS = re.compile(r"[A-Za-z_:][A-Za-z0-9_:]*")


@pytest.fixture
def known(client: Client, number: OriginationIdentity) -> dict[str, set[str]]:
    """Every name there is in /metrics or may be, with the labels it has."""
    counting.forget()
    collecting.forget()
    names: dict[str, set[str]] = {"up": {"job"}}
    for family in text_string_to_metric_families(client.get("/metrics").content.decode()):
        for sample in family.samples:
            names.setdefault(sample.name, set()).update(sample.labels)
    for part in registry.figures():
        for one in part.counted:
            if isinstance(one, Counter):
                names[one.name] = set(one.labels)
            elif isinstance(one, Histogram):
                for end, more in (("bucket", {"le"}), ("count", set()), ("sum", set())):
                    names[f"{one.name}_{end}"] = set(one.labels) | more
    # Figures whose labels come with their first row.
    names["textback_texts_today"] = {"conversation", "status"}
    names["textback_spent_today"] = {"currency"}
    for name in ("amount", "spent", "level"):
        names[f"textback_budget_{name}"] = {"identity", "currency"}
    names["textback_worker_oldest_seconds"] = {"queue"}
    return names


def dashboard() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((COMPOSE / "grafana" / "textback.json").read_text())
    return found


def of_dashboard() -> Iterator[str]:
    for panel in dashboard()["panels"]:
        for target in panel.get("targets", []):
            yield target["expr"]


def rules() -> list[dict[str, Any]]:
    groups = document(COMPOSE / "prometheus" / "rules.yaml")["groups"]
    return [rule for group in groups for rule in group["rules"]]


def of_scaling() -> Iterator[str]:
    for one in manifests(COMPOSE / "kubernetes" / "keda"):
        if one["kind"] == "ScaledObject":
            for trigger in one["spec"]["triggers"]:
                yield trigger["metadata"]["query"]
    for one in document(COMPOSE / "kubernetes" / "hpa" / "adapter-rules.yaml")["rules"]["external"]:
        yield (
            one["metricsQuery"]
            .replace("<<.Series>>", one["seriesQuery"].partition("{")[0])
            .replace("<<.LabelMatchers>>", "")
            .replace("<<.GroupBy>>", "")
        )


EVERY = [*of_dashboard(), *(rule["expr"] for rule in rules()), *of_scaling()]


def problems(query: str, known: dict[str, set[str]]) -> list[str]:
    """What is wrong with a query, as far as can be told without Prometheus: brackets, names, labels, sums."""
    found = []
    depth = []
    for sign in re.sub(r'"[^"]*"', "", query):
        if sign in "([{":
            depth.append(sign)
        elif sign in ")]}" and (not depth or depth.pop() + sign not in {"()", "[]", "{}"}):
            found.append(f"a {sign} without its beginning")
    if depth:
        found.append(f"{depth[-1]} does not end")
    bare = re.sub(r"\[[^\]]*\]", "", re.sub(r'"[^"]*"', '""', query))
    found += [f"no figure is called {name}" for name in sorted(set(_OURS.findall(bare)) - known.keys())]
    labels_known = set().union(*(known.get(name, set()) for name in _OURS.findall(bare)), {"job"})
    used = set(re.findall(r"([A-Za-z_]+)\s*(?:=~|!~|!=|=)\s*\"", bare))
    for listed in re.findall(r"\b(?:by|without)\s*\(([^)]*)\)", bare):
        used |= {label.strip() for label in listed.split(",") if label.strip()}
    found += [f"no such label: {label}" for label in sorted(used - labels_known)]
    words = set(_WORDS.findall(re.sub(r"\{[^}]*\}", "", bare))) - set(_OURS.findall(bare)) - used
    found += [f"no such function: {word}" for word in sorted(words - _FUNCTIONS - {"up", "e"})]
    # Every web process tells the same figures: the innermost of anything of ours is their largest.
    for name in set(_OURS.findall(bare)):
        alone = re.compile(rf"(max|absent)\s*(by\s*\([^)]*\))?\s*\(((rate|increase)\()?{name}\b")
        if len(re.findall(rf"\b{name}\b", bare)) != len(alone.findall(bare)):
            found.append(f"{name} would count once for each web process that is asked")
    return found


@pytest.mark.parametrize("query", EVERY)
def test_each_query_is_about_what_there_is(query: str, known: dict[str, set[str]]) -> None:
    assert problems(query, known) == []


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ("max(textback_nothing)", "no figure is called textback_nothing"),
        ("max(textback_texts_unknown", "( does not end"),
        ('max(textback_workers{kind="x"})', "no such label: kind"),
        ("sum(textback_texts_unknown)", "textback_texts_unknown would count once for each web process that is asked"),
        ("maximum(max(textback_texts_unknown))", "no such function: maximum"),
        ("max by (queue) (rate(textback_calls_total[5m]))", "no such label: queue"),
    ],
)
def test_the_check_finds_what_is_wrong(query: str, wrong: str, known: dict[str, set[str]]) -> None:
    assert wrong in problems(query, known)


def test_every_figure_is_on_the_dashboard_and_explained(known: dict[str, set[str]]) -> None:
    shown = " ".join(of_dashboard())
    told = (BASE / "docs" / "seeing.md").read_text()
    names = {re.sub("_(bucket|count|sum)$", "", name) for name in known if name.startswith("textback_")}
    assert {name for name in names if not re.search(rf"{name}(_bucket|_count|_sum)?\b", shown)} == set()
    assert {name for name in names if f"`{name}`" not in told} == set()


def test_a_figure_that_is_gone_is_not_explained(known: dict[str, set[str]]) -> None:
    told = set(re.findall(r"`(textback_[a-z_]+)`", (BASE / "docs" / "seeing.md").read_text()))
    assert told <= {re.sub("_(bucket|count|sum)$", "", name) for name in known}


def test_the_dashboard_is_whole() -> None:
    panels = dashboard()["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken, panel["title"]
        assert place["x"] + place["w"] <= 24
        taken |= cells
        assert panel["title"]
        if panel["type"] != "row":
            assert panel["description"]
            assert {target["datasource"]["uid"] for target in panel["targets"]} == {"${source}"}


def test_each_alert_says_what_to_do() -> None:
    names = [rule["alert"] for rule in rules()]
    assert len(set(names)) == len(names)
    for rule in rules():
        assert rule.keys() <= {"alert", "expr", "for", "labels", "annotations"}
        assert rule["labels"]["severity"] in {"critical", "warning"}
        assert re.fullmatch(r"\d+[smh]", rule.get("for", "0s"))
        assert rule["annotations"]["summary"].strip()
        path, _, heading = rule["annotations"]["runbook"].partition("#")
        headings = re.findall(r"^#+ (.*)$", (BASE / path).read_text(), re.MULTILINE)
        anchors = {re.sub(r"[^a-z0-9 -]", "", one.lower()).replace(" ", "-") for one in headings}
        assert not heading or heading in anchors, rule["annotations"]["runbook"]
        for template in re.findall(r"\$labels\.([a-z]+)", rule["annotations"]["summary"]):
            assert re.search(rf"\b(by)\s*\([^)]*{template}", rule["expr"]), rule["alert"]


def test_rules_for_the_operator_are_the_same() -> None:
    """Rules of the operator: kustomize cannot read a file of another directory: the copy must not drift."""
    made = [one for one in manifests(COMPOSE / "kubernetes" / "monitoring") if one["kind"] == "PrometheusRule"]
    assert [one["spec"] for one in made] == [document(COMPOSE / "prometheus" / "rules.yaml")]
