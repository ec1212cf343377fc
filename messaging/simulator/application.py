"""Who answers which request: AWS's own addresses first, then the simulator's page and API."""

from __future__ import annotations

from messaging.simulator import pages
from messaging.simulator.aws_api import AwsApi
from messaging.simulator.control_api import PREFIX, ControlApi
from messaging.simulator.messages import Answer, Request, as_json, error


class Application:
    def __init__(self, aws: AwsApi, control: ControlApi) -> None:
        self._aws = aws
        self._control = control

    def __call__(self, request: Request) -> Answer:
        answer = self._aws.answer(request)
        if answer is not None:
            return answer
        if request.path.startswith(PREFIX + "/"):
            return self._control.answer(request)
        if request.method != "GET":
            text = "This is neither an AWS request the simulator knows nor one of /simulator/api"
            return error(404, text)
        if request.path == "/healthz":
            return as_json({"status": "ok"})
        if request.path in ("/", "/simulator"):
            return Answer(302, headers={"Location": "/simulator/"})
        if request.path.startswith("/simulator/"):
            return pages.answer(request.path.removeprefix("/simulator/"))
        return error(404, "There is nothing here; the handsets are at /simulator/")
