"""What is known after a round, as plain values: the carrier's own journal on one side, the database on the other.

Times are seconds of the epoch; ``steady`` is the machine's monotonic clock, which every process shares.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Request:
    """A SendTextMessage that reached the carrier. ``outcome`` is ``accepted``, ``lost`` or an error code.

    ``at`` and ``steady`` are when it arrived; ``withheld`` is for how long a fault kept the answer
    back, or was to keep it back.
    """

    row: int
    attempt: int
    destination: str
    body: str
    outcome: str
    message_id: str | None
    at: float
    steady: float
    answered: bool = True
    withheld: float = 0.0


@dataclass(frozen=True, slots=True)
class Accepted:
    """A text that the carrier has."""

    message_id: str
    row: int
    attempt: int
    destination: str
    origination: str
    body: str
    at: float


@dataclass(frozen=True, slots=True)
class Handed:
    """A text that the carrier took from a handset. ``said_at`` is SNS's Timestamp; None: never published."""

    inbound_id: str
    sender: str
    body: str
    said_at: float | None
    answers: tuple[int, ...] = ()
    answered_at: float | None = None

    @property
    def taken(self) -> bool:
        """Whether the webhook said 200 to it."""
        return 200 in self.answers


@dataclass(frozen=True, slots=True)
class Event:
    """A delivery event that the carrier published."""

    message_id: str
    event_type: str
    sns_message_id: str
    answers: tuple[int, ...] = ()
    answered_at: float | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """An outbound text. ``attempted_at`` is when it was last claimed."""

    id: int
    conversation: str
    subject: str
    key: str
    destination: str
    body: str
    parts: int
    policy: str
    status: str
    attempts: int
    doubts: int
    carrier_id: str | None
    error_code: str
    queued_at: float
    passes_guards: bool = False
    error_reason: str = ""
    attempted_at: float | None = None


@dataclass(frozen=True, slots=True)
class Inbound:
    """An inbound text as it was stored and routed."""

    id: int
    inbound_id: str
    sender: str
    body: str
    outcome: str
    stored_at: float
    routed_at: float | None


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """A delivery event as it was stored."""

    sns_message_id: str
    applied: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A line of an incident's timeline."""

    kind: str
    at: float
    phone: str = ""
    message: int | None = None


@dataclass(frozen=True, slots=True)
class Incident:
    """An incident and its timeline. ``waits`` are by the position of a step, ``contacts`` (position, number, state)."""

    incident_id: str
    status: str
    acknowledged_by: str
    late: bool
    waits: dict[int, int]
    contacts: tuple[tuple[int, str, str], ...]
    timeline: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Booking:
    """A place on a shift, held until it was dropped."""

    code: str
    phone: str
    booked_at: float
    dropped_at: float | None


@dataclass(frozen=True, slots=True)
class Shift:
    """A shift and what its counter says."""

    code: str
    places: int
    booked: int


@dataclass(frozen=True, slots=True)
class Said:
    """A consent event of the ledger."""

    phone: str
    action: str
    key: str
    at: float


@dataclass(frozen=True, slots=True)
class Campaign:
    """A campaign."""

    campaign_id: str
    status: str


@dataclass(frozen=True, slots=True)
class CallBack:
    """A request to be called."""

    inbound_id: str
    status: str
    phone: str
    id: int


@dataclass(frozen=True, slots=True)
class Call:
    """A call that Connect was asked for."""

    token: str
    phone: str


@dataclass(frozen=True, slots=True)
class Told:
    """Something that happened, as it was written to be told to the receiver of webhooks.

    ``id`` is its place in their order, ``status`` and ``ended_at`` those of its way there; blank: it has none.
    """

    id: int
    event_id: str
    event_type: str
    subject: str
    body: str
    status: str
    ended_at: float | None = None


@dataclass(frozen=True, slots=True)
class Post:
    """A request that came to the receiver of webhooks.

    ``signed`` is whether it bears the endpoint's signature and was sent just then; ``answer`` the status that it got,
    None: the receiver hung up.
    """

    event_id: str
    body: str
    signed: bool
    at: float
    answer: int | None

    @property
    def taken(self) -> bool:
        """Whether the receiver said that it has it."""
        return self.answer is not None and 200 <= self.answer < 300


@dataclass(frozen=True, slots=True)
class Kill:
    """A crash that was brought about. ``away`` is for how many seconds nobody was to start it again.

    ``what`` is the process, ``restart`` (PostgreSQL, by a shutdown in good order) or ``cut``.
    """

    what: str
    at: float
    steady: float
    away: float = 0.0


@dataclass(frozen=True, slots=True)
class Evidence:
    """All of it.

    Attributes:
        gave_up: when the supervisor ended itself.
        undone: harm that was planned and never happened.
        problems: what of the load never took effect.
        opened: incidents that were asked for through the API.
        asked: campaigns that were asked for through the API, each with those whom it should have reached.
        approved: who may book shifts and be called.
        wanted: types of events that the receiver of webhooks wants to hear of; none: there is no receiver.
        in_writing_order: whether events are committed in the order of their ids, as where one writes at a time.
    """

    mps: int
    kills: tuple[Kill, ...] = ()
    gave_up: tuple[float, ...] = ()
    undone: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    requests: tuple[Request, ...] = ()
    accepted: tuple[Accepted, ...] = ()
    handed: tuple[Handed, ...] = ()
    events: tuple[Event, ...] = ()
    calls: tuple[Call, ...] = ()
    rows: tuple[Row, ...] = ()
    inbound: tuple[Inbound, ...] = ()
    stored_events: tuple[StoredEvent, ...] = ()
    incidents: tuple[Incident, ...] = ()
    opened: tuple[str, ...] = ()
    asked: dict[str, frozenset[str]] = field(default_factory=dict)
    approved: frozenset[str] = frozenset()
    bookings: tuple[Booking, ...] = ()
    shifts: tuple[Shift, ...] = ()
    ledger: tuple[Said, ...] = ()
    consent: dict[str, str] = field(default_factory=dict)
    campaigns: tuple[Campaign, ...] = ()
    call_backs: tuple[CallBack, ...] = ()
    wanted: frozenset[str] = frozenset()
    in_writing_order: bool = False
    told: tuple[Told, ...] = ()
    posts: tuple[Post, ...] = ()
