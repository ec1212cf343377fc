"""People are answered in their language, and in staff's own words, through every real part."""

from collections.abc import Callable

import pytest

from incidents.models import EscalationPolicy, Incident, TimelineEntry
from messaging.models import Contact
from messaging.phrases import catalogue, writing
from messaging.simulator import Simulator
from messaging.text import GSM, measure
from tests.flows.conftest import WAIT, Handset
from tests.house import House
from tests.messaging.factories import ANN, BOB
from tests.shifts import factories

pytestmark = pytest.mark.django_db(transaction=True)


def speaks(language: str, number: str = ANN) -> None:
    Contact.objects.update_or_create(phone_number=number, defaults={"language": language})


def say(key: str, language: str, text: str) -> None:
    said = catalogue.find(key)
    assert said
    writing.write(said, language, text, by="alice")


def test_an_incident_in_spanish_from_alert_to_thanks(
    incident: Callable[..., Incident], house: House, ann: Handset, bob: Handset
) -> None:
    speaks("es-MX")
    opened = incident()
    assert ann.last == (
        "Incidente 123: The cold store is warm https://example.com/r\nResponda YES si se encarga, NO si no puede."
    )
    house.forward(WAIT + 1, step=4)
    assert ann.last.startswith("Recordatorio: el incidente 123 espera su respuesta: The cold store is warm")
    ann.says("que?")
    assert ann.last == (
        "Lo sentimos, no le hemos entendido. Incidente 123: responda YES si se encarga, NO si no puede."
    )
    ann.says("Sí, gracias")
    opened.refresh_from_db()
    assert (opened.status, opened.acknowledged_by) == ("acknowledged", ANN)
    assert ann.last == "Gracias. El incidente 123 queda a su cargo: The cold store is warm https://example.com/r"
    assert {measure(body).encoding for body in ann.texts} == {GSM}
    assert bob.texts == []


def test_each_contact_of_an_incident_reads_their_own_language(
    incident: Callable[..., Incident], house: House, simulator: Simulator, ann: Handset, bob: Handset
) -> None:
    speaks("fr")
    speaks("de", BOB)
    incident()
    ann.says("non")
    assert ann.last == "C'est noté. L'incident 123 est transmis à Bob."
    assert bob.last.startswith("Vorfall 123 wurde an Sie weitergeleitet: The cold store is warm")
    bob.says("ja")
    assert bob.last.startswith("Danke. Sie übernehmen Vorfall 123: ")
    house.settle()
    assert ann.last == "Bob s'occupe de l'incident 123. Vous n'avez rien à faire."


def test_the_timeline_is_in_english_whoever_is_texted(
    incident: Callable[..., Incident], house: House, ann: Handset, bob: Handset
) -> None:
    speaks("de")
    carla = "+14255550184"
    policy = EscalationPolicy.objects.create(name="Nights")
    for position, numbers in enumerate(([ANN], [BOB, carla]), start=1):
        step = policy.steps.create(position=position, wait_seconds=WAIT, reminders=0)
        step.contacts.set(Contact.objects.get_or_create(phone_number=number)[0] for number in numbers)
    incident(first_contact="", second_contact="", wait_seconds=None, escalation_policy="Nights")
    ann.says("nein")
    assert ann.last == f"Notiert. Vorfall 123 geht an Bob und {carla}."
    assert TimelineEntry.objects.get(kind="escalated").text == f"Bob and {carla}"


def test_a_german_employee_asks_for_shifts(house: House, simulator: Simulator) -> None:
    person = factories.employee(ANN)
    Contact.objects.filter(pk=person.contact_id).update(language="de-AT")
    factories.shift("XYZ123", at=24, shift_info="Station 3")
    ann = Handset(simulator, house, ANN)
    ann.says("REQUEST")
    assert ann.last.startswith("XYZ123: Station 3 (")
    assert ann.last.endswith("\nAntworten Sie mit den gewünschten Codes.")
    ann.says("xyz123")
    assert ann.last == "Ihre Anfrage - Gebucht: XYZ123"
    ann.says("AGENT")
    assert ann.last == "Ihre Anfrage ist notiert, wir rufen Sie an."


def test_a_french_stop_is_confirmed_in_french(house: House, ann: Handset) -> None:
    speaks("fr")
    ann.says("Arrêtez")
    assert ann.last == ('VOTRE DÉSINSCRIPTION EST ENREGISTRÉE. EN CAS D\'ERREUR, RÉPONDEZ "JOIN" POUR VOUS RÉINSCRIRE')
    ann.says("HELP")
    assert ann.last.endswith("Répondez STOP pour ne plus en recevoir.")
    ann.says("JOIN")
    assert ann.last.startswith("VOTRE INSCRIPTION EST ENREGISTRÉE.")


def test_a_language_that_is_not_shipped_is_english(house: House, ann: Handset) -> None:
    speaks("pt-BR")
    ann.says("STOP")
    assert ann.last.startswith("YOU HAVE BEEN UNSUBSCRIBED.")


def test_staff_s_own_words_are_sent_from_the_next_text_on(
    incident: Callable[..., Incident], house: House, ann: Handset, bob: Handset
) -> None:
    speaks("es")
    say("incidents.alert", "es", "AVISO {id}. {what}")
    say("incidents.thanks", "en", "Great, {id} is yours: {what}")
    incident()
    assert ann.last.startswith("AVISO 123. The cold store is warm https://example.com/r\nResponda YES")
    say("incidents.alert", "es", "")
    ann.says("no")
    assert bob.last.startswith("Incident 123 was escalated to you")
    bob.says("yes")
    assert bob.last == "Great, 123 is yours: The cold store is warm https://example.com/r"
    incident("124")
    assert ann.last.startswith("Incidente 124: ")
