"""Where the files of compose/ are, and how tests read them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

BASE = Path(__file__).resolve().parent.parent.parent
COMPOSE = BASE / "compose"
BASE_OF_KUBERNETES = COMPOSE / "kubernetes" / "base"
PRODUCTION = COMPOSE / "kubernetes" / "overlays" / "production"


class _Strict(yaml.SafeLoader):
    """YAML in which no key is said twice: PyYAML would take the last in silence."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value if key.tag != "tag:yaml.org,2002:merge"]
        doubled = {key for key in keys if keys.count(key) > 1}
        if doubled:
            raise ValueError(f"{doubled} twice, {node.start_mark}")
        return super().construct_mapping(node, deep)


def documents(path: Path) -> Iterator[dict[str, Any]]:
    """The documents of a YAML file."""
    for document in yaml.load_all(path.read_text(), Loader=_Strict):
        if document is not None:
            yield document


def document(path: Path) -> dict[str, Any]:
    """The only document of a YAML file."""
    found = list(documents(path))
    assert len(found) == 1, path
    return found[0]


def manifests(*places: Path) -> list[dict[str, Any]]:
    """The Kubernetes objects of some directories: what their kustomizations name, in order."""
    found = []
    for place in places:
        for name in document(place / "kustomization.yaml").get("resources", []):
            if (place / name).is_file():
                found += list(documents(place / name))
    return found
