"""What may go wrong on the way to Amazon Connect and back, between boto3 and the simulator."""

import json
import threading
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit


class Between:
    """Passes calls on to the simulator, unless told otherwise for the next ones.

    Attributes:
        next: what becomes of the next requests, in order: "pass"; "drop" (Connect has it, its answer is lost);
            "lose" (it never reaches Connect); "hold" (Connect has it, its answer comes when ``go_on`` is set);
            or an error code with its HTTP status. When nothing is left: pass.
        tokens: the ClientToken of each request that came.
        passed: set when Connect has answered a request that is held.
    """

    def __init__(self, behind: str) -> None:
        self.next: list[str | tuple[str, int]] = []
        self.tokens: list[str] = []
        self.passed, self.go_on = threading.Event(), threading.Event()
        address = urlsplit(behind).netloc
        between = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_PUT(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                between.tokens.append(json.loads(body)["ClientToken"])
                todo = between.next.pop(0) if between.next else "pass"
                if isinstance(todo, tuple):
                    code, status = todo
                    self._answer(status, json.dumps({"Message": "No."}).encode(), {"x-amzn-ErrorType": code})
                    return
                if todo != "lose":
                    connection = HTTPConnection(address, timeout=5)
                    connection.request("PUT", self.path, body, dict(self.headers))
                    answer = connection.getresponse()
                    status, content, kind = answer.status, answer.read(), answer.getheader("x-amzn-ErrorType")
                    connection.close()
                    between.passed.set()
                    if todo == "hold":
                        between.go_on.wait(30)
                    if todo != "drop":
                        self._answer(status, content, {"x-amzn-ErrorType": kind} if kind else {})
                        return
                self.close_connection = True

            def _answer(self, status: int, content: bytes, headers: dict[str, str]) -> None:
                try:
                    self.send_response(status)
                    for name, value in {"Content-Length": str(len(content)), **headers}.items():
                        self.send_header(name, value)
                    self.end_headers()
                    self.wfile.write(content)
                except OSError:
                    # The caller has left meanwhile.
                    self.close_connection = True

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        self.go_on.set()
        self._server.shutdown()
        self._server.server_close()
