"""LOG_FORMAT=json: one object on one line, whoever writes it, also what nobody caught."""

import json
import logging
import sys
from typing import Any

import pytest

from config.logs import Json, Masked, formatter, logging_config
from messaging import clock, trace
from tests.security.test_deploy import KEY, _python

NUMBER = "+14255550182"


def _record(message: str, *arguments: Any, **fields: Any) -> logging.LogRecord:
    return logging.LogRecord("messaging.test", logging.WARNING, __file__, 1, message, arguments, fields.get("exc_info"))


def test_a_line_is_an_object() -> None:
    try:
        raise RuntimeError(f'broken "for" {NUMBER}\nand more')
    except RuntimeError:
        record = _record('Text "%s" for %s', 7, NUMBER, exc_info=sys.exc_info())
    with trace.in_request("request-1", clock.now()), trace.caused_by("inbound-1"):
        line = Json().format(record)
    assert "\n" not in line
    told = json.loads(line)
    assert told["message"] == 'Text "7" for +1***82'
    assert 'broken "for" +1***82\nand more' in told["exception"]
    assert (told["trace"], told["request"], told["level"]) == ("inbound-1", "request-1", "WARNING")
    assert told["logger"] == "messaging.test"
    assert told["time"].endswith("+00:00")
    assert NUMBER not in line


def test_what_is_empty_is_left_out() -> None:
    assert set(json.loads(Json().format(_record("x")))) == {"time", "level", "logger", "message", "pid"}


def test_a_line_of_text_ends_with_the_ids() -> None:
    with trace.in_request("request-1", clock.now()):
        assert Masked("%(message)s").format(_record("x")) == "x [request-1]"
        with trace.caused_by("inbound-1"):
            assert Masked("%(message)s").format(_record("x")) == "x [inbound-1] [request-1]"
    assert Masked("%(message)s").format(_record("x")) == "x"


@pytest.mark.parametrize(("form", "kind"), [("json", Json), ("text", Masked)])
def test_the_setting_chooses(form: str, kind: type) -> None:
    assert type(formatter(form)) is kind
    assert logging_config("INFO", form)["formatters"]["line"]["()"] == f"config.logs.{kind.__name__}"


def test_a_process_writes_nothing_but_objects() -> None:
    code = (
        "import django, logging, threading; django.setup()\n"
        f"logging.getLogger('messaging.x').warning('for %s', '{NUMBER}')\n"
        "logging.getLogger('messaging.x').warning('%d', 'no number')\n"
        f"raise RuntimeError('ends with {NUMBER}')\n"
    )
    done = _python("-c", code, SECRET_KEY=KEY, DATABASE_URL="sqlite:///:memory:", LOG_FORMAT="json")
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert lines[0]["message"] == "for +1***82"
    assert "Logging error" in lines[1]["message"]
    assert "RuntimeError: ends with +1***82" in lines[2]["message"]
    assert len(lines) == 3


def test_gunicorn_writes_them_too() -> None:
    code = (
        "import logging; from config.processes import web\n"
        "from gunicorn.config import Config\n"
        "log = web.MaskedLogger(Config()); log.error('for %s', '+14255550182')\n"
    )
    done = _python("-c", code, LOG_FORMAT="json")
    assert json.loads(done.stderr)["message"] == "for +1***82"


def test_another_form_is_refused() -> None:
    code = "import django; django.setup(); from django.core.management import call_command; call_command('check')"
    done = _python("-c", code, SECRET_KEY=KEY, DATABASE_URL="sqlite:///:memory:", LOG_FORMAT="xml")
    assert "config.E006" in done.stderr
