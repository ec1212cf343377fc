"""`make schema`: writes docs/api/openapi.yaml anew, and says what in it breaks clients. `--check` only compares.

What is committed is what others build on: a change of it is seen in review, word by word.
"""

import difflib
import os
import sys
from pathlib import Path

import django
import yaml

from tests.run import BASE, clean_environment

PATH = BASE / "docs" / "api" / "openapi.yaml"
# A reviewer reads so much; who changed more looks at the diff of the file.
_MOST_LINES = 200


def generated() -> str:
    """The schema as YAML, as the server gives it. Django must be set up."""
    from drf_spectacular.generators import SchemaGenerator
    from drf_spectacular.renderers import OpenApiYamlRenderer

    schema = SchemaGenerator().get_schema(request=None, public=True)
    rendered: bytes = OpenApiYamlRenderer().render(schema, renderer_context={})
    return rendered.decode()


def differences(before: str, now: str) -> list[str]:
    """What differs, in lines of a diff; what breaks clients first, in words."""
    from config.api.breaking import broken

    if before == now:
        return []
    words = [f"BREAKS CLIENTS: {one}" for one in broken(yaml.safe_load(before) or {}, yaml.safe_load(now))]
    lines = list(
        difflib.unified_diff(before.splitlines(), now.splitlines(), "committed", "as the code has it", "", "", 4)
    )
    more = [f"… and {len(lines) - _MOST_LINES} lines more"] if len(lines) > _MOST_LINES else []
    return [*words, *lines[:_MOST_LINES], *more]


def main(arguments: list[str]) -> int:
    """Write, or check; returns the exit status."""
    os.environ.update(clean_environment())
    django.setup()
    before, now = PATH.read_text() if PATH.exists() else "", generated()
    found = differences(before, now)
    if arguments == ["--check"]:
        if found:
            print("\n".join([*found, f"{PATH.relative_to(BASE)} is not what the code has; `make schema` writes it."]))
        return 1 if found else 0
    PATH.parent.mkdir(exist_ok=True)
    PATH.write_text(now)
    print("\n".join([*(one for one in found if one.startswith("BREAKS")), f"Wrote {PATH.relative_to(Path.cwd())}"]))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
