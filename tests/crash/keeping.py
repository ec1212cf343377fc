"""The files of a round, kept; and its evidence, read again."""

import json
import shutil
import types
import typing
from collections.abc import Iterable
from dataclasses import asdict, fields, is_dataclass
from pathlib import Path
from typing import Any

from tests.crash import report
from tests.crash.evidence import Evidence
from tests.crash.judge import Violation

_FILES = (
    *("serve.log", "simulator.log", "simulator/journal.jsonl", "received.jsonl"),
    *("textback.sqlite3", "textback.sqlite3-wal"),
)
_EVIDENCE = "evidence.json"


def keep(directory: Path, to: Path, evidence: Evidence, violations: Iterable[Violation]) -> None:
    """Copy what a round leaves, and write down what is known of it."""
    shutil.rmtree(to, ignore_errors=True)
    to.mkdir(parents=True)
    for name in _FILES:
        if (file := directory / name).exists():
            shutil.copy(file, to)
    (to / _EVIDENCE).write_text(json.dumps(asdict(evidence), default=sorted, indent=1))
    (to / "violations.txt").write_text(report.told(violations, evidence) + "\n")


def kept(directory: Path) -> Evidence:
    """The evidence of a round that was kept."""
    made = _made(Evidence, json.loads((directory / _EVIDENCE).read_text()))
    assert isinstance(made, Evidence)
    return made


def _made(kind: Any, value: Any) -> Any:
    """A value of a type from its JSON. What an earlier round did not know has its default."""
    arguments = typing.get_args(kind)
    match typing.get_origin(kind):
        case types.UnionType:
            inner = next(one for one in arguments if one is not type(None))
            return None if value is None else _made(inner, value)
        case origin if origin is tuple:
            inners = [arguments[0]] * len(value) if arguments[-1] is Ellipsis else arguments
            return tuple(_made(inner, one) for inner, one in zip(inners, value, strict=True))
        case origin if origin is frozenset:
            return frozenset(_made(arguments[0], one) for one in value)
        case origin if origin is dict:
            return {_made(arguments[0], key): _made(arguments[1], one) for key, one in value.items()}
    if isinstance(kind, type) and is_dataclass(kind):
        kinds = typing.get_type_hints(kind)
        known = {one.name for one in fields(kind)} & value.keys()
        return kind(**{name: _made(kinds[name], value[name]) for name in known})
    return kind(value)
