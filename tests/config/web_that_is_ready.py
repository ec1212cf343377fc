"""A web server whose /readyz says 503 twice, then 200."""

import http.server
import os


class Handler(http.server.BaseHTTPRequestHandler):
    asked = 0

    def do_GET(self) -> None:
        type(self).asked += 1
        self.send_response(200 if self.path == "/readyz" and self.asked > 2 else 503)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Nothing to say."""


if __name__ == "__main__":
    http.server.HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
