"""Whether a use case's tier is kept, promoted, demoted, suspended or given back (tiers.md 4.3, decision 0034).

The order is the rule: what suspends wins over what demotes, and that over what promotes. Rates move a tier by one step, at
most once per cool-down; only suspension waits for nothing. What isn't known moves nothing.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from chanplan.model.kinds.sending_pool import TIERS
from chanplan.model.rates import Rate
from chanplan.model.tier_evidence import (
    SUSPENDED,
    ApproveWish,
    Decision,
    Demote,
    Evidence,
    Impact,
    Keep,
    Promote,
    Reinstate,
    Suspend,
    SuspendWish,
    TierSubject,
    Why,
    Window,
)
from chanplan.model.tier_policy import Promotion, TierPolicy
from chanplan.planning.tier_windows import Record, reaches


def decide(subject: TierSubject, policy: TierPolicy, now: datetime) -> Decision:
    """Decide on one use case's tier, as of `now` (aware)."""
    case = _Case(subject, policy, now)
    unsound = case.unsound()
    if unsound is not None:
        return Keep(subject.tier, unsound, case.evidence())
    if subject.tier == SUSPENDED:
        return _of_suspended(case)
    suspends = case.suspends()
    if suspends is not None:
        return Suspend(subject.tier, SUSPENDED, suspends, case.evidence())
    rank = TIERS.index(subject.tier)
    demotes, cooling = case.demotes(), case.cooling()
    if demotes is not None and rank > 0 and cooling is None:
        return Demote(subject.tier, TIERS[rank - 1], demotes, case.evidence())
    if demotes is not None:
        held = cooling or Why(
            "lowest_tier", f"{demotes.sentence} {subject.tier.capitalize()} is the lowest tier."
        )
        return Keep(subject.tier, held, case.evidence(), (demotes,))
    if rank == len(TIERS) - 1:
        # What isn't known is worth saying, also where there is nothing to be promoted to.
        calm = Why("highest_tier", f"{subject.tier.capitalize()} is the highest tier.")
        return Keep(subject.tier, case.record.fault or case.unconfirmed() or calm, case.evidence())
    higher = TIERS[rank + 1]
    blocks = tuple(case.blocks(higher))
    if blocks:
        return Keep(subject.tier, blocks[0], case.evidence(), blocks)
    return Promote(subject.tier, higher, case.earned(higher), case.evidence())


def _of_suspended(case: "_Case") -> Decision:
    subject = case.subject
    holds = case.holds()
    if holds is not None:
        return Keep(SUSPENDED, holds, case.evidence(), (holds,))
    if isinstance(subject.wish, ApproveWish):
        approved = Why("approved", "An operator approved that it starts again at onboarding.")
        return Reinstate(SUSPENDED, TIERS[0], approved, case.evidence())
    if case.policy.reinstate.exit == "approval" or subject.history.by_operator:
        waits = Why("approval_needed", "It comes back to onboarding once an operator approves.")
        return Keep(SUSPENDED, waits, case.evidence(), (waits,))
    blocks = tuple(case.unclean())
    if blocks:
        return Keep(SUSPENDED, blocks[0], case.evidence(), blocks)
    clean = Why(
        "clean_again", f"It was clean for {case.policy.reinstate.clean_days} days in the shared pool."
    )
    return Reinstate(SUSPENDED, TIERS[0], clean, case.evidence())


class _Counting(NamedTuple):
    """A rate of a window, and whether there was enough mail for it to say anything."""

    rate: Rate
    counts: bool
    what: str


class _Case:
    """One use case before its judge: each method looks at one rule and collects what it looked at."""

    def __init__(self, subject: TierSubject, policy: TierPolicy, now: datetime) -> None:
        self.subject = subject
        self.policy = policy
        self.now = now
        self.record = Record(subject.metrics, now.astimezone(UTC).date())
        self._windows: dict[str, Window] = {}

    def evidence(self) -> Evidence:
        """Give what was looked at so far."""
        return Evidence(self.policy.version, self.record.source, dict(self._windows))

    def unsound(self) -> Why | None:
        """Say what keeps everybody from deciding at all."""
        subject = self.subject
        if subject.tier not in (*TIERS, SUSPENDED):
            return Why(
                "tier_unknown",
                f"The state knows the tier {subject.tier}, which a newer version may have given it.",
            )
        history = subject.history
        latest = max(
            each for each in (history.since, history.moved_at, history.decided_at) if each is not None
        )
        if self.now < latest:
            return Why(
                "clock_behind",
                f"The last decision is of {_moment(latest)}, and it is {_moment(self.now)} here.",
            )
        return None

    def suspends(self) -> Why | None:
        """Say what takes it out of the ladder."""
        wish = self.subject.wish
        if isinstance(wish, SuspendWish):
            return Why("operator", f"An operator suspended it: {wish.reason}")
        return self._paused() or self._suspending_rate()

    def holds(self) -> Why | None:
        """Say what keeps a suspended use case where it is, whatever an operator approves."""
        if isinstance(self.subject.wish, SuspendWish):
            return Why("suspended_already", "It is suspended already.")
        return self._paused() or self._suspending_rate()

    def demotes(self) -> Why | None:
        """Say what costs a tier."""
        standing, limits = self.subject.standing, self.policy.demote
        if standing is not None and Impact.HIGH in standing.impacts:
            return Why("impact_high", "SES sees a high impact on its tenant's reputation.")
        window = self._window("demote", limits.window_days)
        bounces = self._bounces_over(window, limits.bounce_percent, "costs a tier")
        over = bounces if bounces is not None and self._are_hard else None
        over = over or self._complaints_over(window, limits.complaint_percent, "costs a tier")
        if over is not None:
            return over
        if self.subject.tier == TIERS[0] or not self._age(limits.silent_days):
            return None
        if not self.record.silent(limits.silent_days):
            return None
        return Why("silent", f"It sent nothing for {limits.silent_days} days, and reputation decays.")

    def unconfirmed(self) -> Why | None:
        """Say which bounces would move it, were they known to be hard ones."""
        if self._are_hard:
            return None
        suspend, demote = self.policy.suspend, self.policy.demote
        found = self._suspending_bounces(self._window("suspend", suspend.window_days)) or self._bounces_over(
            self._window("demote", demote.window_days), demote.bounce_percent, "costs a tier"
        )
        if found is None:
            return None
        standing = self.subject.standing
        lacks = (
            "SES couldn't be asked what it found about its tenant"
            if standing is None or not standing.findings_told
            else "SES has no open finding about bounces of its tenant"
        )
        return Why(
            "bounces_unconfirmed",
            f"{found.sentence} {self.record.source} counts soft bounces among them, and {lacks}.",
        )

    def cooling(self) -> Why | None:
        """Say until when nothing but suspension moves it."""
        moved = self.subject.history.moved_at
        if moved is None:
            return None
        until = moved + timedelta(days=self.policy.demote.cooldown_days)
        if self.now >= until:
            return None
        return Why("cooling_down", f"It moved on {_day(moved)}, and cools down until {_moment(until)}.")

    def blocks(self, tier: str) -> Iterator[Why]:
        """Give everything that stands before the promotion to a tier, what can't be helped first."""
        asked = _promotion(self.policy, tier)
        if self.record.fault is not None:
            yield self.record.fault
        yield from self._standing_blocks(asked.window_days if tier == TIERS[-1] else None)
        unconfirmed = self.unconfirmed()
        if unconfirmed is not None:
            yield unconfirmed
        cooling = self.cooling()
        if cooling is not None:
            yield cooling
        if not self._age(asked.days_at_tier):
            due = self.subject.history.since + timedelta(days=asked.days_at_tier)
            yield Why(
                "too_young", f"{tier.capitalize()} takes {asked.days_at_tier} days, until {_moment(due)}."
            )
        if self.record.fault is None:
            yield from self._volume_blocks(tier, asked)

    def earned(self, tier: str) -> Why:
        """Say what earned a promotion."""
        window = self._windows["promote"]
        return Why(
            "earned",
            f"{window.sends:,} mails on {window.sending_days} days since {window.first}, {_percent(window.bounces.percent)} "
            f"bounced, {_percent(window.complaints.percent)} complained of: that earns {tier}.",
        )

    def unclean(self) -> Iterator[Why]:
        """Give everything that stands before an automatic return from suspension."""
        days = self.policy.reinstate.clean_days
        if self.record.fault is not None:
            yield self.record.fault
        yield from self._standing_blocks(None)
        if not self._age(days):
            due = self.subject.history.since + timedelta(days=days)
            yield Why("too_young", f"It takes {days} days in the shared pool, until {_moment(due)}.")
        if self.record.fault is not None:
            return
        window = self._window("reinstate", days, self._tier_began)
        if window is None:
            yield self._gap(days)
            return
        if not self._bounces(window).counts:
            yield Why(
                "too_few_sends",
                f"{window.sends:,} of the {self.policy.floors.bounce_sends:,} mails from which on a rate says anything.",
            )
        limits = self.policy.promote.standard
        over = self._bounces_over(window, limits.bounce_percent, "isn't clean") or self._complaints_over(
            window, limits.complaint_percent, "isn't clean"
        )
        if over is not None:
            yield over

    def _paused(self) -> Why | None:
        standing = self.subject.standing
        if standing is None or not standing.paused_by_aws:
            return None
        return Why("paused_by_aws", "AWS paused the sending of its tenant.")

    def _suspending_rate(self) -> Why | None:
        limits = self.policy.suspend
        window = self._window("suspend", limits.window_days)
        if window is None:
            return None
        bounces = self._suspending_bounces(window)
        if bounces is not None and self._are_hard:
            return bounces
        if window.complaints.count >= limits.complaints and reaches(
            window.complaints, limits.complaint_percent
        ):
            return _too_high("complaints", window.complaints, limits.complaint_percent, window, "suspends")
        return None

    def _suspending_bounces(self, window: Window | None) -> Why | None:
        limits = self.policy.suspend
        if window is None:
            return None
        for percent, sends in (
            (limits.severe_bounce_percent, limits.severe_bounce_sends),
            (limits.bounce_percent, limits.bounce_sends),
        ):
            if window.sends >= sends and reaches(window.bounces, percent):
                return _too_high("bounces", window.bounces, percent, window, "suspends")
        return None

    @property
    def _are_hard(self) -> bool:
        """Whether the bounces that were told are hard ones; of mixed ones, SES's own finding says so (decision 0043)."""
        metrics, standing = self.subject.metrics, self.subject.standing
        if metrics is None or not metrics.bounces_mixed:
            return True
        return standing is not None and standing.finds_bounces

    def _standing_blocks(self, finding_days: int | None) -> Iterator[Why]:
        standing = self.subject.standing
        if standing is None:
            yield Why("standing_unknown", "SES couldn't be asked how its tenant stands.")
            return
        if standing.sending == "DISABLED":
            yield Why("tenant_stopped", "Its tenant's sending is stopped.")
        if not standing.findings_told:
            yield Why("findings_unknown", "SES couldn't be asked what it found about its tenant.")
        found = standing.open_findings
        if found:
            kinds = ", ".join(sorted({finding.kind for finding in found}))
            yield Why("finding_open", f"SES has an open finding about its tenant: {kinds}.")
        elif standing.impact is not Impact.NONE:
            yield Why("impact", f"SES sees an impact on its tenant's reputation: {standing.impact}.")
        if finding_days is not None:
            first = self.record.today - timedelta(days=finding_days - 1)
            closed = [each.closed_at for each in standing.findings if each.closed_at is not None]
            recent = [when for when in closed if when.astimezone(UTC).date() >= first]
            if recent:
                yield Why("finding_recent", f"A finding about its tenant was open until {_day(max(recent))}.")

    def _volume_blocks(self, tier: str, asked: Promotion) -> Iterator[Why]:
        window = self._window("promote", asked.window_days, self._tier_began)
        recent = max(self.policy.demote.window_days, self.policy.suspend.window_days)
        if window is None:
            yield self._gap(asked.window_days)
            return
        if self.record.missing(self.record.today - timedelta(days=recent - 1)) is not None:
            yield self._gap(recent)
        if window.sending_days < asked.sending_days:
            yield Why(
                "too_few_sending_days",
                f"It sent on {window.sending_days} days since {window.first}; {tier} takes {asked.sending_days}.",
            )
        if window.sends < asked.sends:
            yield Why(
                "too_few_sends",
                f"It sent {window.sends:,} mails since {window.first}; {tier} takes {asked.sends:,}.",
            )
        for counting, percent in (
            (self._bounces(window), asked.bounce_percent),
            (self._complaints(window), asked.complaint_percent),
        ):
            over = _over(counting, percent, window, f"is too much for {tier}")
            if over is not None:
                yield over

    def _bounces_over(self, window: Window | None, percent: float, effect: str) -> Why | None:
        return None if window is None else _over(self._bounces(window), percent, window, effect)

    def _complaints_over(self, window: Window | None, percent: float, effect: str) -> Why | None:
        return None if window is None else _over(self._complaints(window), percent, window, effect)

    def _bounces(self, window: Window) -> _Counting:
        return _Counting(window.bounces, window.sends >= self.policy.floors.bounce_sends, "bounces")

    def _complaints(self, window: Window) -> _Counting:
        floors, found = self.policy.floors, window.complaints
        enough = found.of >= floors.complaint_deliveries or found.count >= floors.complaints
        return _Counting(found, enough, "complaints")

    def _window(self, purpose: str, days: int, begin: date | None = None) -> Window | None:
        if self.record.fault is not None:
            return None
        window = self.record.window(days, begin)
        if window is not None:
            self._windows[purpose] = window
        return window

    def _gap(self, days: int) -> Why:
        missing = self.record.missing(self.record.today - timedelta(days=days - 1))
        return Why("metrics_missing", f"{self.record.source} tells nothing of {missing}.")

    def _age(self, days: int) -> bool:
        return self.now - self.subject.history.since >= timedelta(days=days)

    @property
    def _tier_began(self) -> date:
        return self.subject.history.since.astimezone(UTC).date()


def _promotion(policy: TierPolicy, tier: str) -> Promotion:
    return policy.promote.premium if tier == TIERS[-1] else policy.promote.standard


def _over(counting: _Counting, percent: float, window: Window, effect: str) -> Why | None:
    if not counting.counts or not reaches(counting.rate, percent):
        return None
    return _too_high(counting.what, counting.rate, percent, window, effect)


def _too_high(what: str, found: Rate, percent: float, window: Window, effect: str) -> Why:
    said = "mails bounced" if what == "bounces" else "deliveries were complained of"
    return Why(
        what,
        f"{_percent(found.percent)} of {found.of:,} {said} since {window.first}; from {percent:g} % on that {effect}.",
    )


def _percent(percent: float) -> str:
    return f"{percent:.2g} %" if percent < 1 else f"{percent:.1f} %"


def _moment(when: datetime) -> str:
    return when.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def _day(when: datetime) -> str:
    return when.astimezone(UTC).strftime("%Y-%m-%d")
