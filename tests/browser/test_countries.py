"""Rules for countries: choosing a pool, and what it means now."""

import pytest
from playwright.sync_api import expect

from messaging.models import CountryRule, OriginationIdentity
from tests.browser.conftest import DESKTOP, PHONE, As
from tests.browser.watching import needs_chromium

pytestmark = needs_chromium
POOL = "pool-4f3a9c0d1e2b4a5f8c7d6e5f4a3b2c1d"


@pytest.fixture
def rule(transactional_db: None) -> CountryRule:
    for n, (country, mps, active) in enumerate(
        (("FR", 30, True), ("FR", 10, True), ("GB", 10, True), ("FR", 5, False))
    ):
        OriginationIdentity.objects.create(
            identity=f"+3375600000{n}", kind="long_code", iso_country_code=country, mps=mps, active=active, pool=POOL
        )
    OriginationIdentity.objects.create(
        identity="72345", kind="short_code", iso_country_code="US", mps=100, pool="pool-short"
    )
    return CountryRule.objects.create(iso_country_code="FR", pool=POOL)


@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_the_page_says_what_the_pool_means_and_refuses_one_that_means_nothing(
    rule: CountryRule, as_: As, width: int
) -> None:
    watched = as_("boss", width=width)
    watched.open(f"/admin/messaging/countryrule/{rule.pk}/change/")
    page = watched.page
    expect(page.get_by_text("+33756000000: 75 % of the people")).to_be_visible()
    expect(page.get_by_text("+33756000003: not used: switched off")).to_be_visible()
    watched.shoot(f"country-{width}")
    assert watched.findings() == []
    assert watched.overflow() == 0
    page.locator("select[name=pool]").select_option("pool-short")
    page.get_by_role("button", name="Save", exact=True).first.click()
    expect(page.get_by_text("No number of pool-short can send to FR")).to_be_visible()
    watched.shoot(f"country-refused-{width}")
    assert watched.findings() == []
    assert watched.overflow() == 0
    rule.refresh_from_db()
    assert rule.pool == POOL
