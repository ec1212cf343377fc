"""Every field that can hold words is answered for: by a table of a plug-in, or by a reason to keep it."""

import pytest
from django.apps import apps
from django.db.models import BinaryField, CharField, Field, JSONField, Model, TextField

from messaging import registry

_APPS = ("messaging", "incidents", "shifts", "optout")
# Of the project's and the ground floor's own set-up: no words of or about somebody who is texted.
_SET_UP = {
    "messaging.Budget",
    "messaging.CountedDay",
    "messaging.CountryRule",
    "messaging.Keyword",
    "messaging.Lane",
    "messaging.OriginationIdentity",
    "messaging.PartPrice",
    "messaging.SpentHour",
    "messaging.TextTemplate",
    "messaging.Withheld",
    # What erasing itself writes; the number of a request goes with its row, and a record never has one.
    "messaging.ErasureRequest",
    "messaging.PrivacyRecord",
    "messaging.RetentionMark",
    "messaging.RetentionRun",
}


def _can_hold_words(field: Field) -> bool:  # type: ignore[type-arg]
    return isinstance(field, CharField | TextField | JSONField | BinaryField) and not field.choices


def _answered_for() -> set[str]:
    found: set[str] = set()
    for one in registry.personal_data():
        found |= set(one.kept)
        for table in one.tables():
            found |= {f"{table.label}.{name}" for name in (*table.covers, *table.free)}
    return found


def lacking(models: list[type[Model]]) -> set[str]:
    """Fields that nobody answers for."""
    answered = _answered_for()
    names = {
        f"{model._meta.label}.{field.name}"
        for model in models
        if model._meta.label not in _SET_UP
        for field in model._meta.concrete_fields
        if _can_hold_words(field) and not getattr(field, "generated", False)
    }
    return names - answered


def test_every_field_that_can_hold_words_is_answered_for() -> None:
    assert lacking([model for model in apps.get_models() if model._meta.app_label in _APPS]) == set()


def test_a_field_that_nobody_thought_of_is_found() -> None:
    class Stray:
        label = "shifts.Stray"

    model = type("Stray", (), {})
    model._meta = type(  # type: ignore[attr-defined]
        "Meta", (), {"label": Stray.label, "concrete_fields": [_named("mobile", CharField(max_length=20))]}
    )
    assert lacking([model]) == {"shifts.Stray.mobile"}


def _named(name: str, field: Field) -> Field:  # type: ignore[type-arg]
    field.name = name
    return field


def test_whatever_is_answered_for_is_there() -> None:
    for name in _answered_for():
        app, model, field = name.split(".")
        apps.get_model(app, model)._meta.get_field(field)


@pytest.mark.parametrize("one", registry.personal_data(), ids=lambda one: one.name)
def test_whatever_is_kept_has_a_reason(one: object) -> None:
    assert all(one.kept.values())  # type: ignore[attr-defined]
