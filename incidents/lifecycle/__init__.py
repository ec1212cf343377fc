"""The life of an incident: the only writer of its status. Admin, API, replies by text and timers all come here.

    opening   open_incident
    actions   acknowledge, decline, escalate, cancel, resolve, over, add_note
    progress  run_due, text_settled, opted_out: the clock, the news of our own texts, and who gets no more of them
    change    one change of one incident: lock, decide, store, queue, write the timeline
    notices   the texts that a decision asks for

A contact on whose behalf staff act gets no thanks by text: they are on the phone with staff, not with us. All others
are told as if the contact had texted.
"""

from incidents.lifecycle.actions import (
    NotAContact,
    Outcome,
    acknowledge,
    add_note,
    cancel,
    decline,
    escalate,
    note_text,
    over,
    resolve,
)
from incidents.lifecycle.change import NotAllowed
from incidents.lifecycle.opening import DifferentContent, Request, StepCopy, check_request, open_incident, planned_steps
from incidents.lifecycle.progress import opted_out, run_due, text_settled

__all__ = [
    "DifferentContent",
    "NotAContact",
    "NotAllowed",
    "Outcome",
    "Request",
    "StepCopy",
    "acknowledge",
    "add_note",
    "cancel",
    "check_request",
    "decline",
    "escalate",
    "note_text",
    "open_incident",
    "opted_out",
    "over",
    "planned_steps",
    "resolve",
    "run_due",
    "text_settled",
]
