"""The manifests: what a cluster must be told so that a deploy loses nothing, and nobody gets more than they need.

`make manifests` builds them with kustomize and validates them by Kubernetes' own schemas; this needs neither.
"""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings as django_settings

from config.processes import web
from config.processes.supervise import processes
from config.secrets import NAMES
from messaging.events import delivering
from messaging.inbound import queues
from messaging.outbound import retry
from messaging.outbound.lanes import _TRIES_TO_RECORD_AT_THE_END
from tests.compose.places import BASE, BASE_OF_KUBERNETES, COMPOSE, PRODUCTION, document, documents, manifests

KUBERNETES = COMPOSE / "kubernetes"
PLACES = sorted(path.parent for path in KUBERNETES.rglob("kustomization.yaml"))
BASE_OBJECTS = manifests(BASE_OF_KUBERNETES)
OBJECTS = [*BASE_OBJECTS, *manifests(KUBERNETES / "sqs")]
DEPLOYMENTS = {one["metadata"]["name"].removeprefix("textback-"): one for one in OBJECTS if one["kind"] == "Deployment"}
JOBS = [one for one in BASE_OBJECTS if one["kind"] == "Job"]
PODS = {one["metadata"]["name"]: one["spec"]["template"] for one in [*DEPLOYMENTS.values(), *JOBS]}


def containers(pod: dict[str, Any]) -> list[dict[str, Any]]:
    return [*pod["spec"].get("initContainers", []), *pod["spec"]["containers"]]


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.name)
def test_each_file_is_named_once_and_is_there(place: Path) -> None:
    told = document(place / "kustomization.yaml")
    named = [*told.get("resources", []), *(patch["path"] for patch in told.get("patches", []) if "path" in patch)]
    for name in [*named, *told.get("components", [])]:
        assert (place / name).exists(), name
    there = {path.name for path in place.glob("*.yaml")} - {"kustomization.yaml", "adapter-rules.yaml"}
    assert there == {name for name in named if (place / name).is_file()}


def test_every_yaml_file_can_be_read() -> None:
    for path in [BASE / "compose.yaml", *COMPOSE.rglob("*.yaml")]:
        for one in documents(path):
            assert isinstance(one, dict), path


def test_each_process_is_there_and_runs_what_the_procfile_says() -> None:
    told = {name: shlex.split(command) for name, command in processes().items()}
    # Of the component sqs, and of no Procfile: without its queue it would only end.
    told["receiver"] = ["python", "manage.py", "receive_sqs"]
    assert {
        name: one["spec"]["template"]["spec"]["containers"][0]["command"] for name, one in DEPLOYMENTS.items()
    } == told


@pytest.mark.parametrize("name", PODS)
def test_nobody_is_more_than_they_need(name: str) -> None:
    spec = PODS[name]["spec"]
    security = spec["securityContext"]
    assert security["runAsNonRoot"]
    assert security["runAsUser"] == security["runAsGroup"] == 10001
    assert security["seccompProfile"] == {"type": "RuntimeDefault"}
    assert spec["automountServiceAccountToken"] is False
    assert not {"hostNetwork", "hostPID", "hostIPC"} & spec.keys()
    for container in containers(PODS[name]):
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert {"requests", "limits"} <= container["resources"].keys()
        assert {"cpu", "memory"} <= container["resources"]["requests"].keys()
        # A limit of processor time would throttle in the middle of a paced second.
        assert set(container["resources"]["limits"]) == {"memory"}
        assert {mount["mountPath"] for mount in container["volumeMounts"]} == {"/run/secrets", "/tmp"}


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_labels_lead_to_each_other(name: str) -> None:
    spec = DEPLOYMENTS[name]["spec"]
    labels = {"app.kubernetes.io/name": "textback", "app.kubernetes.io/component": name}
    assert spec["selector"]["matchLabels"] == spec["template"]["metadata"]["labels"] == labels
    budgets = [one for one in OBJECTS if one["kind"] == "PodDisruptionBudget"]
    (budget,) = [one for one in budgets if one["spec"]["selector"]["matchLabels"] == labels]
    if spec["replicas"] == 1:
        # One that must be there would keep a node from ever being emptied.
        assert budget["spec"]["maxUnavailable"] == 1
    else:
        assert budget["spec"]["minAvailable"] == 1


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_the_new_one_comes_before_the_old_one_goes_and_not_before_the_database_is_ready(name: str) -> None:
    spec = DEPLOYMENTS[name]["spec"]
    assert spec["strategy"]["rollingUpdate"] == {"maxUnavailable": 0, "maxSurge": 1}
    assert [one["command"] for one in spec["template"]["spec"]["initContainers"]] == [
        ["python", "manage.py", "migrate", "--check"]
    ]


def test_who_ends_has_the_time_that_it_needs() -> None:
    """As config/processes and messaging/outbound have it: change those, and these must follow."""
    grace = {
        name: one["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] for name, one in DEPLOYMENTS.items()
    }
    calls = retry.CLAIM_IS_DEAD_AFTER.total_seconds() + _TRIES_TO_RECORD_AT_THE_END
    assert grace["sender"] >= calls + 10
    # A worker's steps: a call of Connect takes as long as one of SendTextMessage; others a few seconds.
    assert min(grace["worker"], grace["timer"]) >= calls
    assert grace["webhooks"] >= delivering._PATIENCE_AT_THE_END + 10
    assert grace["clock"] >= 10
    # A question to SQS that has just begun, then storing and deleting what it brings.
    assert grace["receiver"] >= queues.POLL_SECONDS + 20
    (container,) = DEPLOYMENTS["web"]["spec"]["template"]["spec"]["containers"]
    sleeps = int(container["lifecycle"]["preStop"]["exec"]["command"][1])
    assert sleeps >= 5
    assert grace["web"] >= sleeps + web.graceful_timeout + 10


def test_probes_ask_what_a_restart_or_another_place_would_mend() -> None:
    for name, one in DEPLOYMENTS.items():
        (container,) = one["spec"]["template"]["spec"]["containers"]
        assert {"startupProbe", "livenessProbe"} <= container.keys()
        probes = [container[kind] for kind in ("startupProbe", "livenessProbe", "readinessProbe") if kind in container]
        if name == "web":
            # /readyz is 503 without Redis or workers: taken out of the service, web could not even store texts.
            assert [probe["httpGet"]["path"] for probe in probes] == ["/healthz"] * 3
        else:
            assert all(probe["exec"]["command"][:3] == ["python", "-m", "config.processes.pulse"] for probe in probes)
            # A drain of lanes may take five minutes as RQ has it, and touches nothing meanwhile.
            assert int(container["livenessProbe"]["exec"]["command"][3]) > 300


def test_secrets_are_files_and_nothing_secret_is_in_the_config() -> None:
    maps = [one for one in [*BASE_OBJECTS, *documents(PRODUCTION / "config.yaml")] if one["kind"] == "ConfigMap"]
    values = {key: value for one in maps for key, value in one["data"].items()}
    assert not set(NAMES) & values.keys()
    named = {name for name in values if name.endswith("_FILE")} - {"PULSE_FILE"}
    assert {name.removesuffix("_FILE") for name in named} <= set(NAMES)
    assert {"SECRET_KEY_FILE", "DATABASE_URL_FILE", "REDIS_URL_FILE", "METRICS_TOKEN_FILE"} <= named
    # What docs/deploying.md has put into the Secret is what is read.
    shown = set(re.findall(r"--from-file=([a-z_]+)=", (BASE / "docs" / "deploying.md").read_text()))
    assert {Path(values[name]).name for name in named} == shown
    assert not [one for path in KUBERNETES.rglob("*.yaml") for one in documents(path) if one.get("kind") == "Secret"]


def test_the_config_of_production_has_what_the_settings_want() -> None:
    (config,) = documents(PRODUCTION / "config.yaml")
    (base,) = (one for one in BASE_OBJECTS if one["kind"] == "ConfigMap")
    wanted = re.findall(
        r"^([A-Z_]+)=", (BASE / "docs" / "settings.md").read_text().split("## In production")[1], re.MULTILINE
    )
    given = {name.removesuffix("_FILE") for name in (config["data"] | base["data"])}
    assert set(wanted) <= given
    assert all(isinstance(value, str) for value in (config["data"] | base["data"]).values())


def test_the_net_is_closed_but_for_what_is_needed() -> None:
    policies = {one["metadata"]["name"]: one["spec"] for one in BASE_OBJECTS if one["kind"] == "NetworkPolicy"}
    closed = policies.pop("textback-nothing")
    assert closed == {
        "podSelector": {"matchLabels": {"app.kubernetes.io/name": "textback"}},
        "policyTypes": ["Ingress", "Egress"],
    }
    incoming = [rule for spec in policies.values() for rule in spec.get("ingress", [])]
    assert all(rule["from"] for rule in incoming)
    outgoing = {port["port"] for spec in policies.values() for rule in spec.get("egress", []) for port in rule["ports"]}
    assert outgoing == {53, 80, 5432, 6379, 443, 8443}
    # Without TLS only to the node itself, which gives credentials to boto3.
    plain = [
        rule
        for spec in policies.values()
        for rule in spec.get("egress", [])
        if {"protocol": "TCP", "port": 80} in rule["ports"]
    ]
    assert [rule["to"] for rule in plain] == [[{"ipBlock": {"cidr": "169.254.0.0/16"}}]]
    # The ports that webhooks may call are open to the process that calls them, and to no other.
    (called,) = policies["textback-webhooks"]["egress"]
    assert {str(port["port"]) for port in called["ports"]} | {"443"} == set(django_settings.MESSAGING["WEBHOOKS_PORTS"])
    assert policies["textback-webhooks"]["podSelector"] == DEPLOYMENTS["webhooks"]["spec"]["selector"]
    for name, pod in PODS.items():
        assert pod["metadata"]["labels"]["app.kubernetes.io/name"] == "textback", name


@pytest.mark.parametrize("way", ["keda", "hpa"])
def test_what_is_scaled_is_there_and_has_no_number_of_its_own(way: str) -> None:
    place = KUBERNETES / way
    scaled = {one["spec"]["scaleTargetRef"]["name"] for one in manifests(place)}
    assert scaled <= {f"textback-{name}" for name in DEPLOYMENTS}
    assert "textback-worker" in scaled
    (patch,) = document(place / "kustomization.yaml")["patches"]
    assert {
        f"textback-{name}" for name in DEPLOYMENTS if re.fullmatch(patch["target"]["name"], f"textback-{name}")
    } == scaled
    assert "op: remove" in patch["patch"]
    assert "/spec/replicas" in patch["patch"]
    for one in manifests(place):
        spec = one["spec"]
        assert spec.get("minReplicaCount", spec.get("minReplicas")) >= 2


def test_with_the_receiver_texts_come_by_sqs_and_by_nothing_else() -> None:
    """Whoever adds the component need not remember the setting; the ARN of the queue is the overlay's."""
    told = document(KUBERNETES / "sqs" / "kustomization.yaml")
    (patch,) = told["patches"]
    assert patch["target"] == {"kind": "ConfigMap", "name": "textback"}
    assert yaml.safe_load(patch["patch"]) == [{"op": "add", "path": "/data/INBOUND", "value": "sqs"}]
    # As the base's, or the policies of the net would not hold for it.
    assert told["labels"] == document(BASE_OF_KUBERNETES / "kustomization.yaml")["labels"]


def test_metrics_of_the_adapter_are_those_that_are_asked_for() -> None:
    told = {rule["name"]["as"] for rule in document(KUBERNETES / "hpa" / "adapter-rules.yaml")["rules"]["external"]}
    asked = {
        metric["external"]["metric"]["name"]
        for one in manifests(KUBERNETES / "hpa")
        for metric in one["spec"]["metrics"]
        if metric["type"] == "External"
    }
    assert told == asked
