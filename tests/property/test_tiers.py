"""What holds of tiers whatever happened, and of pools whatever is declared."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import yaml
from hypothesis import given
from hypothesis import strategies as st

from chanplan.config.loader import load_configuration
from chanplan.model.errors import Invalid
from chanplan.model.kinds.sending_pool import TIERS
from chanplan.model.kinds.use_case import EMAIL_TYPES
from chanplan.model.tier_evidence import (
    SUSPENDED,
    ApproveWish,
    DayCounts,
    Demote,
    Finding,
    Impact,
    Keep,
    MailMetrics,
    Promote,
    Reinstate,
    Suspend,
    SuspendWish,
    TenantStanding,
    TierHistory,
    TierSubject,
)
from chanplan.model.tier_policy import TierPolicy, with_settings
from chanplan.planning.tier_decisions import decide
from chanplan.planning.tiers import PoolMap

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
POLICY = TierPolicy()
AUTO = with_settings(POLICY, {("reinstate", "exit"): "auto"})
EAGER = with_settings(
    AUTO,
    {
        ("promote", tier, name): value
        for tier in ("standard", "premium")
        for name, value in {"days_at_tier": 1, "sending_days": 1, "sends": 300}.items()
    },
)
"""It promotes at once, so that nothing but the cool-down holds a tier."""
SEVERITY = (Promote, Keep, Demote, Suspend)

sizes = st.sampled_from([0, 0, 1, 30, 100, 199, 500, 2000, 9000])
shares = st.sampled_from([0, 0, 0, 0.0004, 0.001, 0.004, 0.009, 0.019, 0.02, 0.03, 0.05, 0.1, 1.2])


@st.composite
def days(draw, day):
    """One day's counts; bounces may be of earlier mail."""
    sends = draw(sizes)
    bounces = round(sends * draw(shares))
    deliveries = max(0, sends - bounces)
    return DayCounts(day, sends, deliveries, bounces, round(deliveries * draw(shares) / 10))


@st.composite
def subjects(draw, tiers=(*TIERS, SUSPENDED), gaps=True):
    """A use case with a history, mail, a tenant and an operator."""
    age = draw(st.sampled_from([0, 3, 7, 13, 14, 29, 30, 60, 400]))
    since = NOW - timedelta(days=age)
    # Long stretches that are alike, as mail is; otherwise nothing is ever promoted.
    stretches = draw(st.lists(st.tuples(st.integers(1, 20), days(NOW.date())), min_size=1, max_size=5))
    told = [counts for times, counts in stretches for _ in range(times)]
    told = [DayCounts(NOW.date(), 0, 0, 0, 0)] * (40 - len(told)) + told[-40:]
    dated = [
        replace(counts, day=NOW.date() - timedelta(days=len(told) - 1 - index))
        for index, counts in enumerate(told)
    ]
    missing = draw(st.sets(st.integers(0, 39), max_size=2)) if gaps else set()
    told = tuple(day for index, day in enumerate(dated) if index not in missing)
    metrics = MailMetrics("made", told, bounces_mixed=draw(st.sampled_from([False, False, True])))
    status = draw(st.sampled_from(["ENABLED", "ENABLED", "ENABLED", "DISABLED", "REINSTATED"]))
    findings = draw(st.sampled_from([(), (), (Finding("BOUNCE", Impact.LOW, since),)]))
    standing = TenantStanding(draw(st.sampled_from(list(Impact))), findings, status, status)
    return TierSubject(
        draw(st.sampled_from(tiers)),
        TierHistory(since, draw(st.sampled_from([None, since])), by_operator=draw(st.booleans())),
        draw(st.sampled_from([metrics, metrics, metrics, None])) if gaps else metrics,
        draw(st.sampled_from([TenantStanding(Impact.NONE), TenantStanding(Impact.NONE), standing, None])),
        draw(st.sampled_from([None, None, None, ApproveWish(), SuspendWish("x")])) if gaps else None,
    )


@st.composite
def promising(draw):
    """A use case that is close to its next promotion, on either side of each limit."""
    tier, sends = draw(
        st.sampled_from(
            [
                ("onboarding", 71),
                ("onboarding", 72),
                ("onboarding", 200),
                ("standard", 3000),
                ("standard", 1666),
                ("standard", 1667),
            ]
        )
    )
    share = draw(st.sampled_from([0, 0.005, 0.0099, 0.0101, 0.0199, 0.0201]))
    complaints = draw(st.sampled_from([0, 0, 0, 1]))
    silent = draw(st.sampled_from([0, 0, 7, 8, 10, 11]))
    missing = draw(st.sampled_from([None, None, None, 5, 12, 25]))
    told = tuple(
        DayCounts(
            NOW.date() - timedelta(days=n),
            sends if n >= silent else 0,
            sends if n >= silent else 0,
            round(sends * share) if n >= silent else 0,
            complaints if n >= silent else 0,
        )
        for n in range(40)
        if n != missing
    )
    age = draw(st.sampled_from([13, 14, 29, 30, 60]))
    standing = TenantStanding(
        draw(st.sampled_from([Impact.NONE, Impact.NONE, Impact.NONE, Impact.LOW, Impact.UNKNOWN]))
    )
    return TierSubject(tier, TierHistory(NOW - timedelta(days=age)), MailMetrics("made", told), standing)


@given(subjects(), st.sampled_from([POLICY, AUTO, EAGER]))
def test_never_two_steps(subject, policy):
    """A tier stays, moves to its neighbour, into suspension, or from there to onboarding."""
    decision = decide(subject, policy, NOW)

    allowed = {
        Keep: {subject.tier},
        Suspend: {SUSPENDED} if subject.tier != SUSPENDED else set(),
        Reinstate: {TIERS[0]} if subject.tier == SUSPENDED else set(),
        Promote: set(TIERS[TIERS.index(subject.tier) + 1 :][:1]) if subject.tier in TIERS else set(),
        Demote: set(TIERS[: TIERS.index(subject.tier)][-1:]) if subject.tier in TIERS else set(),
    }[type(decision)]
    assert getattr(decision, "to", subject.tier) in allowed


@given(st.one_of(promising(), subjects(tiers=("onboarding", "standard"))))
def test_a_promotion_is_earned(subject):
    """Whoever is promoted has, counted by hand, the mail, the days and the rates, and a tenant that is sound."""
    decision = decide(subject, POLICY, NOW)

    if isinstance(decision, Promote):
        asked = {"standard": POLICY.promote.standard, "premium": POLICY.promote.premium}[decision.to]
        last = [day for day in subject.metrics.days if (NOW.date() - day.day).days < asked.window_days]
        sends, bounces = sum(day.sends for day in last), sum(day.bounces for day in last)
        deliveries, complaints = sum(day.deliveries for day in last), sum(day.complaints for day in last)
        assert {day.day for day in last} >= {
            NOW.date() - timedelta(days=n) for n in range(1, asked.window_days)
        }
        assert NOW - subject.history.since >= timedelta(days=asked.days_at_tier)
        assert sends >= asked.sends
        assert sum(day.sends > 0 for day in last) >= asked.sending_days
        assert bounces / sends < asked.bounce_percent / 100
        assert complaints < 3 or complaints / deliveries < asked.complaint_percent / 100
        assert subject.standing.impact is Impact.NONE
        assert not subject.standing.findings
        assert subject.wish is None or isinstance(subject.wish, ApproveWish)


@given(subjects(tiers=TIERS, gaps=False), st.integers(0, 39), st.integers(0, 500), st.integers(0, 20))
def test_worse_rates_are_never_judged_more_kindly(subject, index, bounces, complaints):
    """More bounces or complaints on any day lead to the same decision or a harder one."""
    worse = list(subject.metrics.days)
    counts = worse[index]
    worse[index] = replace(
        counts, bounces=counts.bounces + bounces, complaints=counts.complaints + complaints
    )
    burdened = replace(subject, metrics=replace(subject.metrics, days=tuple(worse)))

    before, after = decide(subject, POLICY, NOW), decide(burdened, POLICY, NOW)

    assert SEVERITY.index(type(after)) >= SEVERITY.index(type(before))


@given(subjects(gaps=False))
def test_bounces_that_may_be_soft_only_hold_a_tier_back(subject):
    """Beside the same counts of hard bounces they lead to no promotion more, and to no fall but where SES has a finding of its own."""
    metrics = subject.metrics
    hard = decide(replace(subject, metrics=replace(metrics, bounces_mixed=False)), POLICY, NOW)
    mixed = decide(replace(subject, metrics=replace(metrics, bounces_mixed=True)), POLICY, NOW)

    if subject.standing is not None and subject.standing.finds_bounces:
        assert mixed == hard
    assert isinstance(hard, Promote) or not isinstance(mixed, Promote)
    assert isinstance(mixed, Keep | Promote | Reinstate) or (
        type(mixed) is type(hard) or mixed.why.code != "bounces"
    )
    assert (
        not isinstance(mixed, Demote | Suspend)
        or mixed.why.code != "bounces"
        or subject.standing.finds_bounces
    )


@given(subjects(tiers=TIERS), st.sampled_from(["stale", "negative", "none"]))
def test_what_isnt_known_moves_nothing(subject, fault):
    """Without sound metrics only SES's own verdict or an operator moves a tier, and only downwards."""
    told = () if subject.metrics is None else subject.metrics.days
    old = tuple(day for day in told if (NOW.date() - day.day).days > 1)
    metrics = {
        "stale": MailMetrics("made", old),
        "negative": MailMetrics("made", (*told[:-1], DayCounts(NOW.date(), 1, 1, -1, 0))),
        "none": None,
    }[fault]

    decision = decide(replace(subject, metrics=metrics), POLICY, NOW)

    assert isinstance(decision, Keep) or decision.why.code in {"paused_by_aws", "operator", "impact_high"}


@given(subjects(), st.randoms(use_true_random=False))
def test_the_order_of_days_means_nothing(subject, random):
    """A service may tell days in any order."""
    if subject.metrics is None:
        return
    shuffled = list(subject.metrics.days)
    random.shuffle(shuffled)

    other = replace(subject, metrics=replace(subject.metrics, days=tuple(shuffled)))

    assert decide(other, POLICY, NOW) == decide(subject, POLICY, NOW)


@given(
    st.lists(st.tuples(st.integers(1, 25), days(NOW.date()), st.sampled_from(list(Impact))), max_size=6),
    st.sampled_from([POLICY, AUTO, EAGER]),
    st.sampled_from(TIERS),
)
def test_no_flapping(stretches, policy, tier):
    """Judged twice a day through any mail, no tier moves twice within its cool-down, but into suspension."""
    clock, history = NOW, TierHistory(NOW)
    told = [DayCounts(NOW.date() - timedelta(days=n), 0, 0, 0, 0) for n in range(1, 40)]
    moves: list[tuple[datetime, type]] = []
    for times, counts, impact in stretches:
        for _ in range(times):
            told.append(replace(counts, day=clock.date()))
            for hours in (0, 11):
                at = clock + timedelta(hours=hours)
                subject = TierSubject(
                    tier, history, MailMetrics("made", tuple(told[-40:])), TenantStanding(impact)
                )
                decision = decide(subject, policy, at)
                if not isinstance(decision, Keep):
                    moves.append((at, type(decision)))
                    tier, history = decision.to, TierHistory(at, at, at)
            clock += timedelta(days=1)

    cooldown = timedelta(days=policy.demote.cooldown_days)
    close = [
        (first, then)
        for (earlier, first), (later, then) in pairwise(moves)
        if later - earlier < cooldown and then is not Suspend
    ]
    assert close == []


pools = st.fixed_dictionaries(
    {
        "pool_name": st.sampled_from(["a", "b", "c", "d"]),
        "family": st.sampled_from(EMAIL_TYPES),
        "tiers": st.lists(st.sampled_from(TIERS), min_size=1, max_size=3, unique=True),
        "provider": st.sampled_from(["default", "eu"]),
    }
)


@given(st.lists(pools, max_size=5))
def test_families_never_share_a_pool(tmp_path_factory, declared):
    """Whatever configuration is valid, no pool of a place carries both families, at whatever tiers."""
    root = tmp_path_factory.mktemp("pools") / "chanplan.yaml"
    root.write_text(
        yaml.safe_dump(
            {
                "version": 1,
                "workspace": "acme",
                "providers": {"ses": {"default": {"region": "us-east-1"}, "eu": {"region": "eu-west-1"}}},
                "sending_pools": {f"p{index}": pool for index, pool in enumerate(declared)},
                "ses_setups": {
                    f"s-{place}": {
                        "tenant_name": f"t-{place}",
                        "domain_identity": f"{place}.example",
                        "provider": place,
                    }
                    for place in ("default", "eu")
                },
                "use_cases": {
                    f"{email_type}-{place}": {
                        "channel": "email",
                        "entity_name": "Acme",
                        "name": f"{email_type} {place}",
                        "description": "x",
                        "ses_setup": f"s-{place}",
                        "sender_email_address": f"{email_type}@{place}.example",
                        "email_type": email_type,
                    }
                    for place in ("default", "eu")
                    for email_type in EMAIL_TYPES
                },
            }
        )
    )
    try:
        resources, wrong = load_configuration(root, {}).resources, set()
    except Invalid as error:
        resources, wrong = {}, {problem.code for problem in error.problems}
    assert wrong <= {"pool_overlap", "duplicate_pool"}
    mapped = PoolMap(each for each in resources.values() if each.address.kind == "sending_pool")
    carried = {
        email_type: {
            (use_case.scope.place, pool)
            for use_case in resources.values()
            if use_case.attributes.get("email_type") == email_type
            for tier in TIERS
            if isinstance(pool := mapped.pool_for(use_case, tier), str)
        }
        for email_type in EMAIL_TYPES
    }

    assert carried["transactional"] & carried["marketing"] == set()
