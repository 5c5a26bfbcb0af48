"""What goes wrong in a round: faults of the services, and blows to commands and to the services themselves."""

import math
import random
from copy import deepcopy
from dataclasses import dataclass, field, replace

from chanplan.sandbox.state.faults import Fault, FaultKind
from tests.chaos.declared import Declared
from tests.chaos.desk import Desk
from tests.chaos.edits import begin, edit, made_now, reverted
from tests.chaos.sizes import Sizes

GLOBS = (
    "*",
    "sesv2:*",
    "sesv2:Create*",
    "sesv2:Put*",
    "sesv2:Delete*",
    "sesv2:Get*",
    "sesv2:List*",
    "ses:*",
    "tagging:*",
    "twilio:*",
    "twilio:Create*",
    "twilio:Update*",
    "twilio:Delete*",
    "twilio:Fetch*",
    "twilio:List*",
)


@dataclass(frozen=True)
class Blow:
    """A blow at the `count`-th call of a command, or its `count`-th write."""

    what: str
    """`kill` or `term` the command, or `crash` the services."""
    count: int
    writes: bool
    phase: str


@dataclass(frozen=True)
class Attempt:
    """A command under mischief."""

    arguments: tuple[str, ...]
    faults: tuple[Fault, ...]
    blow: Blow | None


@dataclass
class Stage:
    """A configuration, and the attempts to bring the services there."""

    declared: Declared
    said: list[str]
    attempts: list[Attempt]


@dataclass
class Round:
    """Everything that happens in a round; its seed and number alone decide it."""

    number: int
    settled: Declared
    """What all was brought to before."""
    stages: list[Stage] = field(default_factory=list)
    hours: int = 0
    """How far the services' clock moves before the first attempt."""
    acknowledges: str = "all"
    """How what would be lost is agreed to: `all`, `each` by an option, or `entries` in the configuration."""
    destroys: bool = False
    """Whether everything is destroyed at the end."""

    @property
    def last(self) -> Declared:
        """The configuration that all must be brought to."""
        return self.stages[-1].declared

    @property
    def stirs_verification(self) -> bool:
        """Whether SES may give up on records, or find them again: lists don't tell all of that."""
        said = [said for stage in self.stages for said in stage.said]
        return self.hours > 0 or any(each.startswith("records of") for each in said)

    @property
    def destroyed(self) -> set[str]:
        """Addresses that any stage may destroy or replace."""
        versions = [self.settled, *(stage.declared for stage in self.stages)]
        found = set()
        for earlier in versions:
            for later in versions:
                moved = dict(later.moved)
                for address in earlier.addresses:
                    now = moved.get(address, address)
                    if later.identity(now) != earlier.identity(address):
                        found |= {address, now}
        return found


def drawn(seed: int, number: int, settled: Declared, sizes: Sizes) -> Round:
    """Draws a round. `settled` is what the round before ended with."""
    lots = random.Random(f"{seed}/{number}")
    if number == 0:
        first = begin(lots, sizes)
        said = [f"declare {len(first.addresses)} resources"]
        return Round(
            0, Declared(), [Stage(first, said, _attempts(lots, (sizes.setups + sizes.voice_setups) * 5))]
        )
    if number % 25 == 24 and settled.setups:
        return _destruction(lots, number, settled)
    round_ = Round(number, settled, acknowledges=lots.choice(("all", "each", "entries")))
    if lots.random() < 0.1:
        round_.hours = lots.choice((1, 24, 73))
    now = deepcopy(settled)
    now.moved, now.removed = [], []
    share = lots.choice((0.02, 0.05, 0.05, 0.1, 0.25))
    size = max(3, int(share * (sizes.setups + sizes.use_cases + sizes.voice_setups + sizes.lines)))
    desk = Desk(lots, now, settled)
    said = edit(desk, size, sizes)
    made_now(now)
    round_.stages.append(Stage(deepcopy(now), said, _attempts(lots, size)))
    if lots.random() < 0.3:
        if lots.random() < 0.4 and not now.removed:
            now = reverted(now, settled)
            said = ["all of it taken back"]
        else:
            desk = Desk(lots, now, settled, desk.touched)
            said = edit(desk, max(2, size // 3), sizes)
        made_now(now)
        round_.stages.append(Stage(now, said, _attempts(lots, size)))
    return round_


def deadly(seed: int, round_: Round) -> Round:
    """Gives a round in which nothing goes wrong but kill -9, of one run after the other."""
    lots = random.Random(f"{seed}/{round_.number}/deaths")
    for stage in round_.stages:
        arguments = stage.attempts[0].arguments
        stage.attempts = [Attempt(arguments, (), _death(lots)) for _ in range(4)]
    return replace(round_, hours=0)


def _death(lots: random.Random) -> Blow:
    writes = lots.random() < 0.5
    return Blow("kill", lots.randint(1, 6 if writes else 40), writes, lots.choice(("before", "after")))


def _destruction(lots: random.Random, number: int, settled: Declared) -> Round:
    """Draws a round that lifts every protection and then destroys all."""
    now = deepcopy(settled)
    now.moved, now.removed = [], []
    for address in now.addresses:
        now.resource(address).protected = False
    attempts = _attempts(lots, len(now.addresses), ("destroy", "--auto-approve", "--allow-delete", "all"))
    return Round(number, settled, [Stage(now, ["destroy everything"], attempts)], destroys=True)


def after(round_: Round) -> Declared:
    """Gives what all is brought to by a round."""
    end = deepcopy(round_.last)
    end.moved, end.removed = [], []
    if round_.destroys:
        # The next round makes again what was destroyed: the declarations stay, what was made doesn't.
        for case in (*end.use_cases.values(), *end.lines.values()):
            case.made = False
    return end


def _attempts(
    lots: random.Random, size: int, command: tuple[str, ...] = ("apply", "--auto-approve")
) -> list[Attempt]:
    attempts = []
    for _ in range(lots.choice((1, 1, 1, 2, 3))):
        deep = ("--refresh", "deep") if lots.random() < 0.1 else ()
        attempts.append(
            Attempt(
                (*command, *deep),
                tuple(_fault(lots) for _ in range(lots.choice((0, 1, 1, 2, 3)))),
                _blow(lots, size) if lots.random() < 0.7 else None,
            )
        )
    return attempts


def _blow(lots: random.Random, size: int) -> Blow:
    what = lots.choices(("kill", "term", "crash"), (6, 2, 2))[0]
    writes = lots.random() < 0.85
    # As often among the first few calls as among the next hundred.
    most = size * 5 if writes else size * 8 + 40
    return Blow(
        what, int(math.exp(lots.uniform(0, math.log(most)))), writes, lots.choice(("before", "after"))
    )


def _fault(lots: random.Random) -> Fault:
    kind = lots.choices(tuple(_FAULTS), [weight for weight, _ in _FAULTS.values()])[0]
    narrowed = _FAULTS[kind][1](lots)
    return Fault(
        kind, after=lots.choice((0, int(lots.expovariate(1 / 20)))), seed=lots.randrange(10**6), **narrowed
    )


def _calls(lots: random.Random, most: float, times: int) -> dict:
    return {
        "match": lots.choice(GLOBS),
        "probability": lots.uniform(0.01, most),
        "times": lots.randint(1, times),
    }


_FAULTS = {
    # More of them in a row, and pacing slows a whole refresh down to a call in ten seconds.
    FaultKind.THROTTLE: (4, lambda lots: _calls(lots, 0.5, 12)),
    FaultKind.ERROR_500: (3, lambda lots: _calls(lots, 0.3, 30)),
    FaultKind.DROP_BEFORE: (3, lambda lots: _calls(lots, 0.3, 30)),
    FaultKind.DROP_AFTER: (5, lambda lots: _calls(lots, 0.3, 30)),
    FaultKind.LATENCY: (2, lambda lots: {**_calls(lots, 0.2, 60), "seconds": lots.uniform(0.01, 0.3)}),
    FaultKind.HANG: (1, lambda lots: {**_calls(lots, 0.1, 3), "seconds": 0.5}),
    FaultKind.ACCESS_DENIED: (2, lambda lots: _calls(lots, 1.0, 25)),
    FaultKind.EXPIRED_TOKEN: (1, lambda lots: _calls(lots, 1.0, 10)),
    FaultKind.LIST_LAG: (
        3,
        # Twilio's lists are believed after 5 seconds, since nothing else tells whose an Application is.
        lambda lots: lots.choice(
            (
                {"match": "sesv2:List*", "seconds": lots.uniform(1, 30)},
                {"match": "tagging:*", "seconds": lots.uniform(1, 30)},
                {"match": "twilio:List*", "seconds": lots.uniform(0.5, 4)},
            )
        ),
    ),
    FaultKind.SERVFAIL: (2, lambda lots: {"probability": lots.uniform(0.05, 0.5), "times": 30}),
    FaultKind.REFUSED: (1, lambda lots: {"probability": lots.uniform(0.05, 0.5), "times": 30}),
    FaultKind.TRUNCATE: (1, lambda lots: {"probability": lots.uniform(0.05, 1.0), "times": 30}),
    FaultKind.TIMEOUT: (1, lambda lots: {"probability": lots.uniform(0.05, 0.3), "times": 2}),
}
"""With their weights, and how they are narrowed down."""
