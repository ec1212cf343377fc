"""A page in Debian's chromium, and what its browser complained of."""

import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from playwright.sync_api import Browser, Page

CHROMIUM = shutil.which("chromium")
MAY_SKIP = CHROMIUM is None and "CI" not in os.environ
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
# Findings that keep somebody from using the page.
_GRAVE = {"serious", "critical"}

needs_chromium = [
    pytest.mark.browser,
    pytest.mark.skipif(MAY_SKIP, reason="needs Debian's chromium"),
    pytest.mark.django_db(transaction=True),
]
"""The marks of a module of browser tests."""


class Watched:
    """A page, and what its browser complained of."""

    def __init__(self, page: Page, url: str = "") -> None:
        self.page = page
        self.url = url
        self.complaints: list[str] = []
        page.on("console", lambda line: self._note(line.text) if line.type in {"error", "warning"} else None)
        page.on("pageerror", lambda problem: self._note(str(problem)))

    def _note(self, what: str) -> None:
        # A refusal that a test provokes is a line of the console as well.
        if "the server responded with a status of" not in what:
            self.complaints.append(f"{self.page.url}: {what[:300]}")

    def open(self, address: str) -> None:
        """Go to an address, below the server's own when it begins with a slash."""
        self.page.goto(f"{self.url}{address}" if address.startswith("/") else address)
        self.page.wait_for_load_state("load")

    def shoot(self, name: str) -> None:
        """Keep a picture in the directory that SHOTS names, for people to look at."""
        if directory := os.environ.get("SHOTS"):
            size = self.page.viewport_size
            width = size["width"] if size else 0
            path = Path(directory) / f"{name}-{width}.png"
            self.page.screenshot(path=path, full_page=True)

    def findings(self, **options: Any) -> list[str]:
        """What axe-core finds that keeps somebody from using the page: rule, how often, and the first place."""
        results = Axe().run(self.page, **options).response
        return [
            f"{one['id']} ({one['impact']}, {len(one['nodes'])}): {one['nodes'][0]['html'][:200]}"
            for one in results["violations"]
            if one["impact"] in _GRAVE
        ]

    def overflow(self) -> int:
        """By how many pixels the page is wider than its window."""
        found = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        return int(found)


def watched(browser: Browser, url: str, session: str, **options: Any) -> Watched:
    """A page of somebody who is logged in."""
    context = browser.new_context(**options)
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": url}])
    return Watched(context.new_page(), url)
