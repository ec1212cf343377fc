"""The few lines that every example shares: a request with the token, and all pages of a list.

TEXTBACK_URL is where Textback answers, TEXTBACK_TOKEN what `python manage.py create_token NAME` printed.
"""

import json
import os
import urllib.error
import urllib.parse
import urllib.request

URL = os.environ.get("TEXTBACK_URL", "http://localhost:8000").rstrip("/")


class Refused(Exception):
    """Textback said no. ``status`` is HTTP's, ``problems`` says by field what is wrong."""

    def __init__(self, status, problems):
        super().__init__(f"{status}: {json.dumps(problems, ensure_ascii=False)}")
        self.status, self.problems = status, problems


def call(method, path, body=None, *, content_type="application/json", **parameters):
    """Send one request and return the JSON of its answer. The path begins after /api/v1/."""
    address = f"{URL}/api/v1/{path}"
    if parameters:
        # A + in an address is a space: urlencode writes phone numbers as they must be.
        address += "?" + urllib.parse.urlencode(parameters, doseq=True)
    data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
    headers = {"Authorization": f"Token {os.environ['TEXTBACK_TOKEN']}", "Content-Type": content_type}
    request = urllib.request.Request(address, data=data, method=method, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as problem:
        raise Refused(problem.code, _json(problem.read())) from None


def pages(path, **parameters):
    """Every row of a list, however many pages it has."""
    while True:
        page = call("GET", path, **parameters)
        yield from page["results"]
        if page["next"] is None:
            return
        # All that is asked for stands in the address of the next page.
        parameters = urllib.parse.parse_qs(urllib.parse.urlsplit(page["next"]).query)


def quoted(part):
    """A phone number, an id or a name as a part of a path."""
    return urllib.parse.quote(part, safe="")


def _json(answer):
    try:
        return json.loads(answer)
    except ValueError:
        return answer.decode(errors="replace")
