"""The phrases about incidents, in English; incidents/locale has them in other languages.

Places: {id} an incident, {what} its description and link, {who} one or several people.
"""

from messaging.phrases import Phrase

# Part of another text: what is said with it must still be one.
_PART = 80

ALERT = Phrase("incidents.alert", "Incident {id}: {what}", when="The first text to whoever is asked first.")
ALERT_ESCALATED = Phrase(
    "incidents.alert-escalated",
    "Incident {id} was escalated to you: {what}",
    when="The first text to somebody after others were asked.",
)
REMINDER = Phrase(
    "incidents.reminder",
    "Reminder: incident {id} waits for your answer: {what}",
    when="A further text to somebody who has not answered.",
)
HOW_TO_ANSWER = Phrase(
    "incidents.how-to-answer",
    "Reply YES if you take it, NO if not.",
    when="The last line of alerts and reminders.",
    keeps=("YES", "NO"),
    longest=160,
)
HOW_TO_ANSWER_WITH_ID = Phrase(
    "incidents.how-to-answer-with-id",
    "Reply YES {id} if you take it, NO {id} if not.",
    when="The same to somebody who has other incidents open.",
    keeps=("YES", "NO"),
    longest=160,
)
THANKS = Phrase("incidents.thanks", "Thank you. Incident {id} is yours: {what}", when="To whoever answers YES first.")
THANKS_LATE = Phrase(
    "incidents.thanks-late",
    "Thank you. Late, but accepted: incident {id} is yours. {what}",
    when="To whoever answers YES after everybody was asked in vain.",
)
TOLD_ESCALATED = Phrase(
    "incidents.told-escalated",
    "Incident {id} was escalated to {who}. You can still reply YES {id}.",
    when="To somebody who did not answer in time.",
    keeps=("YES",),
)
TOLD_ACKNOWLEDGED = Phrase(
    "incidents.told-acknowledged",
    "Incident {id} was acknowledged by {who}. You need not do anything.",
    when="To the others who were asked, once somebody has it.",
)
TOLD_LOGGED = Phrase(
    "incidents.told-logged",
    "Nobody acknowledged incident {id}. It is logged for review.",
    when="To everybody who was asked, when nobody has it.",
)
CANCELLED = Phrase(
    "incidents.cancelled",
    "Incident {id} was cancelled. You need not do anything.",
    when="To everybody who was asked, when staff cancel it; and to who answers after that.",
)
RESOLVED = Phrase(
    "incidents.resolved",
    "Incident {id} is resolved. You need not do anything.",
    when="To somebody who answers when it is over; and to whoever has it when its alert has ended.",
)
ALREADY_ACKNOWLEDGED = Phrase(
    "incidents.already-acknowledged",
    "Incident {id} was already acknowledged by {who}.",
    when="To somebody who answers when another has it.",
)
ALREADY_YOURS = Phrase(
    "incidents.already-yours",
    "Incident {id} was already acknowledged by you. If you cannot do it, tell your staff.",
    when="To somebody who answers again after their YES.",
)
ESCALATED = Phrase(
    "incidents.escalated",
    "Noted. Incident {id} is escalated to {who}.",
    when="To whoever answers NO, when others are asked now.",
)
NOTED = Phrase(
    "incidents.noted",
    "Noted. Others are being asked about incident {id}.",
    when="To whoever answers NO while others of the same step are being asked.",
)
OFF_THE_LIST = Phrase(
    "incidents.off-the-list",
    "Noted. You will not be asked about incident {id}.",
    when="To whoever answers NO before they were asked.",
)
ALREADY_ESCALATED = Phrase(
    "incidents.already-escalated",
    "Incident {id} was already escalated to {who}.",
    when="To somebody whose NO comes after others were asked.",
)
ALREADY_LOGGED = Phrase(
    "incidents.already-logged",
    "Incident {id} was already escalated, and is logged for review.",
    when="To somebody whose NO comes after everybody was asked.",
)
LOGGED = Phrase(
    "incidents.logged",
    "Noted. Nobody is left to ask: incident {id} is logged for review.",
    when="To the last who answers NO.",
)
NO_SUCH = Phrase(
    "incidents.no-such",
    "You have no incident {unknown}.",
    when="To somebody who names an incident that is none.",
    longest=160,
)
WHICH = Phrase(
    "incidents.which",
    "Which incident do you mean?",
    when="To somebody who has several open, and does not say which.",
    longest=160,
)
WHICH_ONE = Phrase(
    "incidents.which-one",
    "Reply YES {id} or NO {id}.",
    when="How to answer, when one incident is open.",
    keeps=("YES", "NO"),
    longest=160,
)
WHICH_OF_SEVERAL = Phrase(
    "incidents.which-of-several",
    "Open: {ids}. Reply for example YES {id}, NO {id} or YES ALL.",
    when="How to answer, when several are open.",
    keeps=("YES", "NO", "ALL"),
    longest=160,
)
NOT_UNDERSTOOD = Phrase(
    "incidents.not-understood",
    "Sorry, that was not understood.",
    when="To somebody who has several incidents open; which they are follows.",
    longest=160,
)
NOT_UNDERSTOOD_ONE = Phrase(
    "incidents.not-understood-one",
    "Sorry, that was not understood. Incident {id}: reply YES if you take it, NO if not.",
    when="To somebody who has one incident open.",
    keeps=("YES", "NO"),
)
SEVERAL = Phrase(
    "incidents.several",
    "Noted for incidents {ids}.",
    when="To an answer about more incidents than a text can speak of.",
)
AND = Phrase("incidents.and", "{words} and {last}", when="The end of a list: names, or ids.", longest=_PART)
AND_MORE = Phrase(
    "incidents.and-more", "{words} and {count} more", when="The end of a list that is too long.", longest=_PART
)

PHRASES = (
    *(ALERT, ALERT_ESCALATED, REMINDER, HOW_TO_ANSWER, HOW_TO_ANSWER_WITH_ID),
    *(THANKS, THANKS_LATE, ESCALATED, NOTED, OFF_THE_LIST, LOGGED),
    *(TOLD_ESCALATED, TOLD_ACKNOWLEDGED, TOLD_LOGGED, CANCELLED, RESOLVED),
    *(ALREADY_ACKNOWLEDGED, ALREADY_YOURS, ALREADY_ESCALATED, ALREADY_LOGGED),
    *(NO_SUCH, WHICH, WHICH_ONE, WHICH_OF_SEVERAL, NOT_UNDERSTOOD, NOT_UNDERSTOOD_ONE, SEVERAL),
    *(AND, AND_MORE),
)
