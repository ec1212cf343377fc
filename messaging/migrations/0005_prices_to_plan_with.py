"""Round figures to plan with, so that an estimate exists before anybody has typed their own prices."""

from typing import Any

from django.db import migrations

_PRICES = {"": "0.05", "US": "0.01", "CA": "0.01"}


def _fill(apps: Any, schema_editor: Any) -> None:
    prices = apps.get_model("messaging", "PartPrice").objects
    for country, price in _PRICES.items():
        prices.get_or_create(iso_country_code=country, defaults={"price": price, "currency": "USD"})


class Migration(migrations.Migration):
    dependencies = [("messaging", "0004_campaigns")]

    operations = [migrations.RunPython(_fill, migrations.RunPython.noop)]
