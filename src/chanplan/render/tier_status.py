"""Where the tiers of use cases stand: all of them as a table, or some of them wholly."""

from collections import Counter
from collections.abc import Iterable, Sequence

from chanplan.model.tier_evidence import Demote, Keep, Promote, Reinstate, Suspend, TenantStanding, Window
from chanplan.model.tier_moves import TierReview, TierRow
from chanplan.model.tier_policy import TierPolicies, TierPolicy
from chanplan.render.phrases import counted, joined, moment
from chanplan.render.printable import line
from chanplan.render.terminal import Paper, Style, columns, padded
from chanplan.render.tier_bars import WIDTH, bounce_bar, complaint_bar, percent
from chanplan.render.tier_evidence import window_lines
from chanplan.render.tier_view import asked_text
from chanplan.render.tier_words import LADDER, next_tier, outlook

_TITLES = ("USE CASE", "TIER", "SINCE", "SENT", "BOUNCES", "COMPLAINTS", "A DAY")
_RATE = WIDTH + len(" 0.0012 %")


def status_text(
    review: TierReview, policies: TierPolicies, *, tier: str | None = None, width: int, colour: bool
) -> str:
    """Write all use cases of a review, or those of one tier, as a table in which each has a second line: what stands
    before its promotion. `colour` also says that block characters may be drawn. Ends with a line break.
    """
    paper = Paper(width, colour)
    rows = [row for row in review.rows if tier is None or row.tier == tier]
    written = [
        *paper.block(_summary(review), style=Style.HEADING),
        *paper.block(asked_text(review), style=Style.QUIET),
    ]
    if rows:
        written += ["", *_table(rows, policies, paper), "", *_legend(rows, policies, paper)]
    elif tier is not None:
        written.append(f"No use case is {line(tier)}.")
    else:
        written.append("A use case has a tier once `chanplan apply` has made it.")
    return "\n".join(written) + "\n"


def standing_text(rows: Iterable[TierRow], policies: TierPolicies, *, width: int, colour: bool) -> str:
    """Write all that is known of the tier of some use cases. Ends with a line break."""
    paper = Paper(width, colour)
    return "\n\n".join("\n".join(_standing(row, policies.of(row.email_type), paper)) for row in rows) + "\n"


def _summary(review: TierReview) -> str:
    counts = Counter(row.tier for row in review.rows)
    known = [f"{counts.pop(tier, 0):,} {tier}" for tier in LADDER]
    others = [f"{number:,} {line(tier)}" for tier, number in sorted(counts.items())]
    return f"{counted(len(review.rows), 'email use case')}: {', '.join((*known, *others))}"


def _table(rows: Sequence[TierRow], policies: TierPolicies, paper: Paper) -> Iterable[str]:
    names = [line(str(row.address)) for row in rows]
    sent = [_sent(row) for row in rows]
    widths = (
        _widest(_TITLES[0], names),
        _widest(_TITLES[1], (line(row.tier) for row in rows)),
        _widest(_TITLES[2], ("2026-11-29",)),
        _widest(_TITLES[3], sent),
        _RATE,
        _RATE,
    )
    yield paper.paint("  ".join(map(padded, _TITLES, (*widths, 0))).rstrip(" "), Style.HEADING)
    for row, name, mails in zip(rows, names, sent, strict=True):
        policy = policies.of(row.email_type)
        yield "  ".join(
            (
                padded(name, widths[0]),
                padded(line(row.tier), widths[1]),
                moment(row.history.since)[:10],
                f"{mails:>{widths[3]}}",
                *_rates(_recent(row), policy, paper),
                "" if row.capacity is None else f"{row.capacity:,}",
            )
        ).rstrip(" ")
        yield from paper.block(outlook(row), first="  ", rest="    ", style=_style(row))


def _widest(title: str, cells: Iterable[str]) -> int:
    return max(map(columns, (title, *cells)))


def _rates(window: Window | None, policy: TierPolicy, paper: Paper) -> tuple[str, str]:
    if window is None:
        return padded("unknown", _RATE), padded("unknown", _RATE)
    drawn = (
        (bounce_bar(window, policy, paper), percent(window.bounces.percent)),
        (complaint_bar(window, policy, paper), percent(window.complaints.percent)),
    )
    first, second = (f"{bar} {padded(rate, _RATE - WIDTH - 1)}" for bar, rate in drawn)
    return first, second


def _recent(row: TierRow) -> Window | None:
    windows = row.decision.evidence.windows
    return windows.get("demote") or windows.get("suspend")


def _sent(row: TierRow) -> str:
    window = _recent(row)
    return "unknown" if window is None else f"{window.sends:,}"


def _style(row: TierRow) -> Style:
    match row.decision:
        case Keep():
            return Style.QUIET
        case Promote() | Reinstate():
            return Style.CREATE
        case Demote():
            return Style.UPDATE
        case Suspend():
            return Style.ALARM


def _legend(rows: Sequence[TierRow], policies: TierPolicies, paper: Paper) -> list[str]:
    days = sorted({policies.of(row.email_type).demote.window_days for row in rows})
    over = f"{joined([str(each) for each in days])} days"
    return paper.block(
        f"SENT, BOUNCES and COMPLAINTS are of the last {over}. A bar is marked where the rate costs a tier, and full "
        "where it suspends; too few: too little mail for a rate to count. A DAY is what a sender should send at most: "
        "SES doesn't hold it to that. All of one use case: chanplan tiers status ADDRESS",
        style=Style.QUIET,
    )


def _standing(row: TierRow, policy: TierPolicy, paper: Paper) -> list[str]:
    decision = row.decision
    facts = (
        ("mail", f"{row.email_type}, configuration set {line(row.configuration_set)}"),
        ("pool", "SES's default" if row.pool is None else line(row.pool)),
        (
            "mails a day",
            "none of its own" if row.capacity is None else f"{row.capacity:,} at most, by whoever sends",
        ),
        ("tenant", _tenant(row.standing)),
        (
            "policy",
            f"{decision.evidence.policy_version}; mail told by {line(decision.evidence.source or 'nobody')}",
        ),
    )
    written = paper.block(
        f"{line(str(row.address))}: {line(row.tier)} since {moment(row.history.since)}", style=Style.HEADING
    )
    for name, said in facts:
        written += paper.block(said, first=f"  {name:11}  ")
    written += ["", *paper.block(outlook(row), first="  ", rest="    ", style=_style(row))]
    if isinstance(decision, Keep) and len(decision.blocks) > 1:
        higher = next_tier(row.tier)
        written.append(f"  All that stands before {higher or 'its return'}:")
        for why in decision.blocks:
            written += paper.block(f"{why.code}: {line(why.sentence)}", first="    - ")
    windows = decision.evidence.windows
    if windows:
        written += ["", "  Looked at:"]
    for purpose, window in windows.items():
        written += window_lines(purpose, window, paper, "    ", policy, row.tier)
    return written


def _tenant(standing: TenantStanding | None) -> str:
    if standing is None:
        return "couldn't be asked"
    found = [f"{line(each.kind)} ({each.impact})" for each in standing.open_findings]
    findings = f"open findings: {joined(found)}" if found else "no open finding"
    if standing.paused_by_aws:
        sending = "; AWS paused its sending"
    elif standing.sending == "DISABLED":
        sending = "; its sending was stopped by hand"
    else:
        sending = ""
    return f"impact {standing.impact}; {findings}{sending}"
