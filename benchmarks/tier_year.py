"""A year of many use cases, judged once a day: how often tiers move, whether they flap, and how soon an incident is stopped.

Nothing here is measured at SES. Senders are made up: volumes over three orders of magnitude, rates that drift, incidents of a few bad days, days on
which metrics are late or can't be read, and an operator who approves three days after a suspension.
"""

import argparse
import random
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from chanplan.model.kinds.sending_pool import TIERS
from chanplan.model.tier_evidence import (
    SUSPENDED,
    ApproveWish,
    DayCounts,
    Decision,
    Impact,
    Keep,
    MailMetrics,
    Suspend,
    TenantStanding,
    TierHistory,
    TierSubject,
)
from chanplan.model.tier_policy import TierPolicy
from chanplan.planning.tier_decisions import decide

BEGIN = datetime(2026, 1, 1, 6, tzinfo=UTC)
"""Runs are at six in the morning: of the day itself there is little to tell."""
APPROVED_AFTER = timedelta(days=3)
SOUND = TenantStanding(Impact.NONE)


@dataclass(slots=True)
class Sender:
    """A use case with its habits."""

    volume: float
    """Mails that it would send on a sending day, if its tier let it."""
    keenness: float
    """The share of days on which it sends."""
    bounces: float
    complaints: float
    tier: str = TIERS[0]
    history: TierHistory = field(default_factory=lambda: TierHistory(BEGIN))
    days: list[DayCounts] = field(default_factory=list)
    bad_until: int = -1
    bad_bounces: float = 0.0
    bad_complaints: float = 0.0
    begun: datetime | None = None
    """When the incident began that isn't stopped yet."""
    breached: datetime | None = None
    """When its week first was over a limit of suspension."""


class Move(NamedTuple):
    """One step of one use case."""

    when: datetime
    who: int
    tier: str
    to: str
    why: str


@dataclass(slots=True)
class Year:
    """What happened."""

    moves: list[Move] = field(default_factory=list)
    incidents: int = 0
    stopped_after: list[int] = field(default_factory=list)
    """Runs from the first bad mail of an incident to its suspension."""
    suspended_after: list[int] = field(default_factory=list)
    """Days from the first run at which the week's figures were over a limit to the suspension."""
    decisions: int = 0
    seconds: float = 0.0
    population: list[Counter[str]] = field(default_factory=list)

    def flaps(self, within: timedelta) -> int:
        """Count moves that took the one before back, up and down, within a time."""
        return sum(
            then.to == first.tier and SUSPENDED not in {first.to, then.to}
            for first, then in self._close(within)
        )

    def suspended_again(self, within: timedelta) -> int:
        """Count suspensions so soon after a reinstatement."""
        return sum(first.tier == SUSPENDED and then.to == SUSPENDED for first, then in self._close(within))

    def _close(self, within: timedelta) -> Iterator[tuple[Move, Move]]:
        """Give each two moves of one use case that follow each other within a time."""
        of: dict[int, list[Move]] = {}
        for move in self.moves:
            of.setdefault(move.who, []).append(move)
        for moves in of.values():
            yield from ((first, then) for first, then in pairwise(moves) if then.when - first.when < within)


def simulate(use_cases: int, days: int, seed: int, policy: TierPolicy | None = None) -> Year:
    """Play so many days of so many use cases."""
    lots, rules, year = random.Random(seed), policy or TierPolicy(), Year()
    senders = [_sender(lots) for _ in range(use_cases)]
    for n in range(days):
        now = BEGIN + timedelta(days=n)
        down = lots.random() < 0.01
        for who, sender in enumerate(senders):
            _judge(sender, who, now, year, rules, None if down else sender.days[-rules.days_needed :])
            _live(sender, n, lots, rules, year)
        if (n + 1) % 30 == 0:
            year.population.append(Counter(sender.tier for sender in senders))
    return year


def _sender(lots: random.Random) -> Sender:
    return Sender(
        volume=10 ** lots.uniform(1, 4.3),
        keenness=lots.choice([0.15, 0.5, 0.7, 1.0, 1.0]),
        bounces=10 ** lots.uniform(-3, -1.6),
        complaints=10 ** lots.uniform(-5, -3.2),
    )


def _live(sender: Sender, n: int, lots: random.Random, policy: TierPolicy, year: Year) -> None:
    """Add a day's mail, with drifting rates and now and then the begin of an incident."""
    sender.bounces = min(0.08, max(0.0005, sender.bounces * 10 ** lots.gauss(0, 0.03)))
    sender.complaints = min(0.004, max(0.000005, sender.complaints * 10 ** lots.gauss(0, 0.03)))
    if n > sender.bad_until and lots.random() < 0.003:
        year.incidents += 1
        sender.bad_until = n + lots.randint(1, 5)
        sender.bad_bounces, sender.bad_complaints = lots.choice([(0.3, 0.0), (0.12, 0.001), (0.0, 0.01)])
        sender.begun = BEGIN + timedelta(days=n)
    if n > sender.bad_until + 7:
        sender.begun = None
    bad = n <= sender.bad_until
    capacity = getattr(policy.capacity, sender.tier if sender.tier in TIERS else TIERS[0])
    sends = (
        round(min(capacity, sender.volume * lots.uniform(0.6, 1.4))) if lots.random() < sender.keenness else 0
    )
    bounces = _drawn(sends, sender.bounces + sender.bad_bounces * bad, lots)
    complaints = _drawn(sends - bounces, sender.complaints + sender.bad_complaints * bad, lots)
    day = (BEGIN + timedelta(days=n)).date()
    sender.days.append(DayCounts(day, sends, sends - bounces, bounces, complaints))


def _drawn(count: int, share: float, lots: random.Random) -> int:
    """Draw a binomial count by its normal likeness, which is near enough here."""
    return min(count, max(0, round(lots.gauss(count * share, (count * share * (1 - share)) ** 0.5))))


def _judge(
    sender: Sender, who: int, now: datetime, year: Year, policy: TierPolicy, told: list[DayCounts] | None
) -> None:
    waited = now - sender.history.since >= APPROVED_AFTER
    wish = ApproveWish() if sender.tier == SUSPENDED and waited else None
    # Before it was made there was no mail, and whoever reads metrics knows that.
    before = [
        DayCounts((now - timedelta(days=d)).date(), 0, 0, 0, 0)
        for d in range(policy.days_needed, len(told or ()), -1)
    ]
    metrics = None if told is None else MailMetrics("simulated", (*before, *told))
    started = time.process_time()
    decision = decide(TierSubject(sender.tier, sender.history, metrics, SOUND, wish), policy, now)
    year.seconds += time.process_time() - started
    year.decisions += 1
    _note_breach(sender, now)
    _carry_out(decision, sender, who, now, year)


def _note_breach(sender: Sender, now: datetime) -> None:
    """Look at the last week by plain sums, apart from the code that is judged, and whether or not metrics could be read."""
    week = sender.days[-6:]
    sends, bounces = sum(day.sends or 0 for day in week), sum(day.bounces or 0 for day in week)
    deliveries, complaints = (
        sum(day.deliveries or 0 for day in week),
        sum(day.complaints or 0 for day in week),
    )
    over = (sends >= 200 and bounces / sends >= 0.1) or (sends >= 500 and bounces / sends >= 0.05)
    over |= complaints >= 3 and complaints / deliveries >= 0.003
    if not over or sender.tier == SUSPENDED:
        sender.breached = None
    elif sender.breached is None:
        sender.breached = now


def _carry_out(decision: Decision, sender: Sender, who: int, now: datetime, year: Year) -> None:
    if isinstance(decision, Keep):
        return
    year.moves.append(Move(now, who, decision.tier, decision.to, decision.why.code))
    if isinstance(decision, Suspend):
        if sender.breached is not None:
            year.suspended_after.append((now - sender.breached).days)
        if sender.begun is not None:
            year.stopped_after.append((now - sender.begun).days)
        sender.begun = sender.breached = None
    sender.tier, sender.history = decision.to, TierHistory(now, now, now)


def told(year: Year, use_cases: int) -> str:
    """Write what happened as Markdown."""
    kinds: dict[int, Counter[str]] = {}
    for move in year.moves:
        kinds.setdefault((move.when - BEGIN).days // 30, Counter())[_kind(move)] += 1
    names = ("up", "down", "suspended", "reinstated")
    lines = ["| month | " + " | ".join((*names, *TIERS, SUSPENDED)) + " |", "| --- " * 9 + "|"]
    for month, people in enumerate(year.population):
        moved = kinds.get(month, Counter())
        cells = [*(moved[name] for name in names), *(people[tier] for tier in (*TIERS, SUSPENDED))]
        lines.append(f"| {month + 1} | " + " | ".join(map(str, cells)) + " |")
    stopped, late = sorted(year.stopped_after), sorted(year.suspended_after)
    return "\n".join(
        (
            *lines,
            "",
            f"{use_cases:,} use cases, {year.decisions:,} decisions in {year.seconds:.1f} s of CPU, "
            f"{1e6 * year.seconds / year.decisions:.0f} µs each; {len(year.moves):,} moves.",
            f"Flaps within a cool-down of 7 days: {year.flaps(timedelta(days=7))}; within 30 days: {year.flaps(timedelta(days=30))}.",
            f"Suspended again within 7 days of an approval: {year.suspended_again(timedelta(days=7))}.",
            f"{year.incidents} incidents, of which {len(stopped)} led to a suspension: "
            f"{_spread(stopped)} days after the first bad mail.",
            f"From a week's figures being over a limit to the suspension: {_spread(late)} days.",
        )
    )


def _kind(move: Move) -> str:
    if move.to == SUSPENDED:
        return "suspended"
    if move.tier == SUSPENDED:
        return "reinstated"
    return "up" if TIERS.index(move.to) > TIERS.index(move.tier) else "down"


def _spread(days: list[int]) -> str:
    if not days:
        return "no"
    return f"median {median(days):g}, 95 % within {days[int(0.95 * (len(days) - 1))]}, at most {days[-1]}"


def main() -> None:
    """Play a year and print it."""
    parser = argparse.ArgumentParser(prog="script/tier-year", description=__doc__.partition("\n")[0])
    parser.add_argument("--use-cases", type=int, default=1000)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    print(told(simulate(options.use_cases, options.days, options.seed), options.use_cases))


if __name__ == "__main__":
    main()
