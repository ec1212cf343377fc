"""Which way a round is played, and that it says so."""

import os
import signal
from collections.abc import Sequence

import pytest

from tests.hosts import __main__ as hosts
from tests.hosts import network
from tests.hosts.round import Result


class Anew(Exception):
    """This program would have been replaced by a command."""


@pytest.fixture(autouse=True)
def nothing_is_played(monkeypatch: pytest.MonkeyPatch) -> None:
    def replaced(program: str, command: Sequence[str]) -> None:
        raise Anew(" ".join(command))

    monkeypatch.setattr(os, "execv", replaced)
    monkeypatch.setattr(hosts, "play", lambda *_: Result(summary="played"))
    monkeypatch.setattr(signal, "signal", lambda *_: None)


def test_without_namespaces_it_is_played_by_wires_and_says_why(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(network, "obstacle", lambda: "there is no `ip` here (iproute2)")
    assert hosts.main([]) == 0
    first = capsys.readouterr().out.splitlines()[0]
    assert first == (
        "hosts: by wires on one network, and not in network namespaces, because there is no `ip` here (iproute2)"
    )


def test_wires_can_be_asked_for(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(network, "obstacle", lambda: "")
    assert hosts.main(["--wires"]) == 0
    assert capsys.readouterr().out.startswith(
        "hosts: by wires on one network, and not in network namespaces, because it"
    )


def test_with_namespaces_it_starts_itself_anew_in_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "obstacle", lambda: "")
    with pytest.raises(Anew, match=rf"unshare .*--net .* -m tests.hosts --seed 3 --outside {network.own_namespace()}$"):
        hosts.main(["--seed", "3"])
