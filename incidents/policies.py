"""Writing escalation policies. Incidents that run have their own copy and feel nothing of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from incidents.models import EscalationPolicy, PolicyStep
from messaging.models import Contact


@dataclass(frozen=True, slots=True)
class StepDraft:
    """A step as somebody wants it."""

    phone_numbers: Sequence[str]
    wait_seconds: int
    reminders: int = 1


@transaction.atomic
def duplicate(policy: EscalationPolicy, name: str) -> EscalationPolicy:
    """Another policy with the same steps.

    Raises:
        django.core.exceptions.ValidationError: the name is taken, or none.
    """
    steps = [
        StepDraft([one.phone_number for one in step.contacts.all()], step.wait_seconds, step.reminders)
        for step in policy.steps.order_by("position").prefetch_related("contacts")
    ]
    return save(EscalationPolicy(name=name, description=policy.description), steps)


@transaction.atomic
def save(policy: EscalationPolicy, steps: Sequence[StepDraft] | None) -> EscalationPolicy:
    """Save a policy, and its steps anew when they are given. People not known yet become contacts.

    Raises:
        django.core.exceptions.ValidationError: a field of the policy is not valid.
    """
    policy.full_clean()
    policy.save()
    if steps is None:
        return policy
    policy.steps.all().delete()
    for position, draft in enumerate(steps, start=1):
        step = PolicyStep.objects.create(
            policy=policy, position=position, wait_seconds=draft.wait_seconds, reminders=draft.reminders
        )
        numbers = dict.fromkeys(draft.phone_numbers)
        step.contacts.set([Contact.objects.get_or_create(phone_number=number)[0] for number in numbers])
    return policy
