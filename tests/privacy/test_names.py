"""What stands in place of a number has to stay the same for ever: rows of years ago are found by it."""

from typing import Any

import pytest

from messaging.privacy import names


@pytest.fixture(autouse=True)
def _key(settings: Any) -> None:
    settings.MESSAGING = {**settings.MESSAGING, "PRIVACY_KEY": "for tests only"}


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (lambda: names.kept_as("+14255550111"), "kept-vwadnep5o2mzhyw"),
        (lambda: names.kept_as("kept-vwadnep5o2mzhyw"), "kept-vwadnep5o2mzhyw"),
        (lambda: names.fingerprint("+14255550111"), "vijvi4bxn2s3xgpqzrvb7zzue6dyipzi"),
        (lambda: names.old_id("abc"), "erased:ty7mdglveeqsdbllkjb7a7yrit"),
        (lambda: names.old_id("erased:ty7mdglveeqsdbllkjb7a7yrit"), "erased:ty7mdglveeqsdbllkjb7a7yrit"),
        (lambda: names.old_id(""), ""),
        (names.key_id, "qpjs2hyv"),
        (
            lambda: names.kept_as_of_all(["+14255550111", "kept-vwadnep5o2mzhyv"]),
            {"kept-vwadnep5o2mzhyw": "+14255550111", "kept-vwadnep5o2mzhyv": "kept-vwadnep5o2mzhyv"},
        ),
    ],
)
def test_by_the_key_it_is_always_the_same(made: Any, expected: Any) -> None:
    assert made() == expected


def test_another_key_makes_another(settings: Any) -> None:
    before = names.kept_as("+14255550111")
    settings.MESSAGING = {**settings.MESSAGING, "PRIVACY_KEY": "another"}
    assert names.kept_as("+14255550111") != before
