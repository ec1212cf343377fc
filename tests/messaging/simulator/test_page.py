"""The handsets' page in a real browser."""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from messaging.simulator import Simulator
from tests.messaging.simulator.conftest import ANN, OURS, Send, Webhook, eventually

CHROMIUM = shutil.which("chromium")
# In CI a missing browser is a failure, not a reason to look away.
MAY_SKIP = CHROMIUM is None and not os.environ.get("CI")
pytestmark = [pytest.mark.browser, pytest.mark.skipif(MAY_SKIP, reason="needs Debian's chromium")]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield launched
        launched.close()


@pytest.fixture
def page(browser: Browser, sim: Simulator) -> Iterator[Page]:
    opened = browser.new_page()
    opened.goto(sim.url)
    expect(opened.locator(".unit")).to_have_count(2)
    yield opened
    opened.close()


def test_a_conversation_is_held_on_the_page(sim: Simulator, webhook: Webhook, send: Send, page: Page) -> None:
    hostile = "<img src=x onerror=alert(1)> Reply YES"
    send(ANN, hostile)
    ann = page.get_by_role("article", name="Handset of Ann")
    expect(ann.locator(".bubble.in.delivered")).to_have_text(hostile)
    expect(ann.locator(".bubble img")).to_have_count(0)
    ann.get_by_role("button", name="YES").click()
    ann.get_by_label("Text message from Ann").fill("On my way")
    ann.get_by_label("Text message from Ann").press("Enter")
    expect(ann.locator(".bubble.out.delivered")).to_have_text(["YES", "On my way"])
    texts = [message for message in webhook.messages() if "messageBody" in message]
    assert {(text["messageBody"], text["destinationNumber"]) for text in texts} == {("YES", OURS), ("On my way", OURS)}


def test_faults_are_switched_and_said_aloud(sim: Simulator, page: Page) -> None:
    page.get_by_role("switch", name="Throttling").click()
    expect(page.locator("#banner")).to_contain_text("Throttling")
    assert [fault.kind for fault in sim.faults.active()] == ["throttle"]
    page.get_by_role("button", name="Switch all off").click()
    expect(page.locator("#banner")).to_be_hidden()
    assert sim.faults.active() == []


def test_it_comes_back_after_the_simulator_was_away(sim: Simulator, send: Send, page: Page) -> None:
    sim.stop()
    expect(page.locator("#live")).to_contain_text("Connection lost")
    sim.start()
    send(ANN, "after the break")
    eventually(lambda: sim.sent)
    expect(page.locator(".bubble")).to_have_text("after the break")
