"""What is kept of a round can be judged again."""

import json
from pathlib import Path

import pytest

from tests.crash import again, keeping
from tests.crash.example import kept
from tests.crash.judge import judge
from tests.crash.test_judge import SPOILED


def test_evidence_is_read_as_it_was(tmp_path: Path) -> None:
    keeping.keep(tmp_path / "place", tmp_path / "kept", kept(), [])
    assert keeping.kept(tmp_path / "kept") == kept()


def test_a_round_that_did_not_know_of_something_is_read_all_the_same(tmp_path: Path) -> None:
    keeping.keep(tmp_path / "place", tmp_path / "kept", kept(), [])
    file = tmp_path / "kept" / "evidence.json"
    known = json.loads(file.read_text())
    del known["gave_up"], known["rows"][0]["attempted_at"]
    file.write_text(json.dumps(known))
    assert judge(keeping.kept(tmp_path / "kept")) == []


def test_rounds_are_judged_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, rule, spoil = SPOILED[0]
    keeping.keep(tmp_path / "place", tmp_path / "clean", kept(), [])
    keeping.keep(tmp_path / "place", tmp_path / "broken", spoil(kept()), [])
    assert again.main([str(tmp_path / "clean")]) == 0
    assert again.main([str(tmp_path / "clean"), str(tmp_path / "broken")]) == 1
    assert f"{rule}: " in capsys.readouterr().out
