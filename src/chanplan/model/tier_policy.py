"""The policy of reputation tiers: every number that a tier is judged by, with its meaning, bounds and source.

Each field carries an `About`, which the configuration's schema, its checks and
`chanplan tiers policy` read, so that a number stands in one place. Rates are percents, windows whole UTC days with
today's included.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from typing import Literal, TypeAlias, TypeVar, cast, get_args

from chanplan.model.problems import Source
from chanplan.model.values import Value, hashed

DEFAULTS_VERSION = 1
"""Counts on when a default below changes, so that evidence says by which it was judged."""

Exit = Literal["approval", "auto"]
EXITS: tuple[str, ...] = get_args(Exit)
Setting: TypeAlias = int | float | str
Path: TypeAlias = tuple[str, ...]
"""Where a number of the policy stands: `("promote", "standard", "sends")`."""

_N = TypeVar("_N", int, float)

_OWN = "chanplan's own proposal, which docs/tiers.md argues for"
_BOUNCES = "SES Developer Guide, enforcement FAQ: bounces under 2 % are best, 5 % are reviewed, 10 % may pause sending"
_COMPLAINTS = (
    "SES Developer Guide, enforcement FAQ: complaints of 0.1 % are reviewed, 0.5 % may pause sending"
)
_POSTHOG = "PostHog's email_sending_tier.py"
_COSS = "coss.com's reputation rules: suspended at 8 % bounces or 0.3 % complaints, from 200 mails on"
_WARM_UP = (
    "SES Developer Guide, dedicated IP addresses: two to six weeks to build a reputation, 45 days of warm-up"
)


@dataclass(frozen=True, slots=True)
class About:
    """What a number of the policy means."""

    meaning: str
    unit: str
    """`days`, `%`, `mails`, `complaints` or `mails a day`; empty for a word."""
    source: str
    low: float = 0
    high: float = 0
    words: tuple[str, ...] = ()
    """What may stand there, where it is a word; the bounds don't count then."""


def _days(default: int, meaning: str, source: str, low: int = 1, high: int = 90) -> int:
    return _number(default, About(meaning, "days", source, low, high))


def _percent(default: float, meaning: str, source: str) -> float:
    return _number(float(default), About(meaning, "%", source, 0.0001, 100))


def _count(default: int, unit: str, meaning: str, source: str, low: int = 1) -> int:
    return _number(default, About(meaning, unit, source, low, 1_000_000_000))


def _number(default: _N, about: About) -> _N:
    return field(default=default, metadata={"about": about})


@dataclass(frozen=True, slots=True)
class Floors:
    """How much mail it takes until a rate says anything."""

    bounce_sends: int = _count(200, "mails", "A bounce rate counts from so many sends on.", _POSTHOG)
    complaint_deliveries: int = _count(
        1000, "mails", "A complaint rate counts from so many deliveries on.", _POSTHOG
    )
    complaints: int = _count(
        3, "complaints", "Or from so many complaints on, however few deliveries.", _POSTHOG
    )


@dataclass(frozen=True, slots=True)
class Promotion:
    """What earns a tier."""

    window_days: int
    days_at_tier: int
    sending_days: int
    sends: int
    bounce_percent: float
    complaint_percent: float


@dataclass(frozen=True, slots=True)
class ToStandard(Promotion):
    """What leads from onboarding to standard."""

    window_days: int = _days(14, "The days that are looked at.", _OWN)
    days_at_tier: int = _days(14, "At least so long at onboarding.", _WARM_UP)
    sending_days: int = _days(7, "At least so many days with sends in the window.", _OWN)
    sends: int = _count(1000, "mails", "At least so many sends in the window.", _OWN)
    bounce_percent: float = _percent(2, "Hard bounces of sends stay below this.", _BOUNCES)
    complaint_percent: float = _percent(0.05, "Complaints of deliveries stay below this.", _OWN)


@dataclass(frozen=True, slots=True)
class ToPremium(Promotion):
    """What leads from standard to premium."""

    window_days: int = _days(30, "The days that are looked at.", _OWN)
    days_at_tier: int = _days(30, "At least so long at standard.", _WARM_UP)
    sending_days: int = _days(20, "At least so many days with sends in the window.", _OWN)
    sends: int = _count(50_000, "mails", "At least so many sends in the window.", _OWN)
    bounce_percent: float = _percent(1, "Hard bounces of sends stay below this.", _OWN)
    complaint_percent: float = _percent(0.03, "Complaints of deliveries stay below this.", _OWN)


@dataclass(frozen=True, slots=True)
class Promotions:
    """What earns each tier."""

    standard: ToStandard = field(default_factory=ToStandard)
    premium: ToPremium = field(default_factory=ToPremium)


@dataclass(frozen=True, slots=True)
class Demotion:
    """What costs one tier."""

    window_days: int = _days(7, "The days that are looked at.", _POSTHOG)
    bounce_percent: float = _percent(3, "Hard bounces of sends, at least.", _OWN)
    complaint_percent: float = _percent(0.1, "Complaints of deliveries, at least.", _COMPLAINTS)
    cooldown_days: int = _days(7, "After a move up or down, no other for so long.", _POSTHOG)
    silent_days: int = _days(30, "So many whole days without sends at a tier cost one step.", _POSTHOG, low=7)


@dataclass(frozen=True, slots=True)
class Suspension:
    """What sends mail through the shared pool until somebody looked."""

    window_days: int = _days(7, "The days that are looked at.", _OWN)
    bounce_percent: float = _percent(5, "Hard bounces of sends, at least.", _BOUNCES)
    bounce_sends: int = _count(500, "mails", "That rate counts from so many sends on.", _OWN)
    severe_bounce_percent: float = _percent(10, "Hard bounces of sends, at least, of fewer mails.", _BOUNCES)
    severe_bounce_sends: int = _count(200, "mails", "That rate counts from so many sends on.", _COSS)
    complaint_percent: float = _percent(0.3, "Complaints of deliveries, at least.", _COSS)
    complaints: int = _count(3, "complaints", "That rate counts from so many complaints on.", _OWN)


@dataclass(frozen=True, slots=True)
class Reinstatement:
    """How a suspended use case comes back to onboarding."""

    exit: Exit = field(
        default="approval",
        metadata={"about": About("Who lets it out: an operator's approval, or auto.", "", _OWN, words=EXITS)},
    )
    clean_days: int = _days(7, "With auto: so many days in a row, clean enough for standard.", _OWN)


@dataclass(frozen=True, slots=True)
class Capacities:
    """How much a sender should send a day. SES can't hold a configuration set to it: senders are told."""

    onboarding: int = _count(1000, "mails a day", "What an onboarding use case should send at most.", _OWN)
    standard: int = _count(10_000, "mails a day", "What a standard use case should send at most.", _OWN)
    premium: int = _count(
        50_000, "mails a day", "What a premium use case should send at most.", f"{_WARM_UP}, to 50,000 a day"
    )

    def of(self, tier: str) -> int | None:
        """Give the mails a day of a tier; None for a suspended use case, and for a tier of a newer version."""
        return {"onboarding": self.onboarding, "standard": self.standard, "premium": self.premium}.get(tier)


@dataclass(frozen=True, slots=True)
class TierPolicy:
    """Every number by which use cases of one email_type are judged."""

    floors: Floors = field(default_factory=Floors)
    promote: Promotions = field(default_factory=Promotions)
    demote: Demotion = field(default_factory=Demotion)
    suspend: Suspension = field(default_factory=Suspension)
    reinstate: Reinstatement = field(default_factory=Reinstatement)
    capacity: Capacities = field(default_factory=Capacities)

    @property
    def version(self) -> str:
        """The version of the defaults, and what tells overrides apart: `1`, or `1+` and eight hex digits."""
        written = {".".join(path): value for path, _, value in entries(self)}
        if self == TierPolicy():
            return str(DEFAULTS_VERSION)
        return f"{DEFAULTS_VERSION}+{hashed(cast(Value, written)).removeprefix('sha256:')[:8]}"

    @property
    def days_needed(self) -> int:
        """How many days of metrics, today's included, a decision may look at."""
        return max(
            self.promote.standard.window_days,
            self.promote.premium.window_days,
            self.demote.window_days,
            self.suspend.window_days,
            self.demote.silent_days + 1,
            self.reinstate.clean_days,
        )


@dataclass(frozen=True, slots=True)
class TierPolicies:
    """The effective policy of each email_type, and where the configuration overrides it."""

    transactional: TierPolicy = field(default_factory=TierPolicy)
    marketing: TierPolicy = field(default_factory=TierPolicy)
    overridden: Mapping[tuple[str, Path], Source] = field(default_factory=dict)
    """By email_type and path, the place whose number holds."""

    def of(self, email_type: str) -> TierPolicy:
        """Give the policy of one email_type."""
        return self.marketing if email_type == "marketing" else self.transactional


def entries(policy: TierPolicy) -> Iterator[tuple[Path, About, Setting]]:
    """Give every number with its path and meaning, in the order of their declaration."""
    yield from _entries(policy, ())


def _entries(part: object, path: Path) -> Iterator[tuple[Path, About, Setting]]:
    assert is_dataclass(part)
    for each in fields(part):
        value = getattr(part, each.name)
        if is_dataclass(value):
            yield from _entries(value, (*path, each.name))
        else:
            yield (*path, each.name), each.metadata["about"], value


def with_settings(policy: TierPolicy, settings: Mapping[Path, Setting]) -> TierPolicy:
    """Give a policy in which the settings at these paths hold instead."""
    for path, setting in settings.items():
        policy = cast(TierPolicy, _with(policy, path, setting))
    return policy


def _with(part: object, path: Path, setting: Setting) -> object:
    assert is_dataclass(part)
    assert not isinstance(part, type)
    name, *below = path
    value = _with(getattr(part, name), tuple(below), setting) if below else setting
    return replace(part, **{name: value})
