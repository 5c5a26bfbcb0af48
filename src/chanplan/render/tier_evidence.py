"""What a tier was decided on, in lines and for machines."""

from collections.abc import Iterator

from chanplan.model.rates import Rate
from chanplan.model.tier_evidence import Evidence, Window
from chanplan.model.tier_policy import Promotion, TierPolicy
from chanplan.model.values import Value
from chanplan.render.phrases import counted, joined
from chanplan.render.printable import line
from chanplan.render.terminal import Paper
from chanplan.render.tier_bars import percent


def evidence_lines(evidence: Evidence, paper: Paper, indent: str) -> list[str]:
    """Write the windows, where their figures came from, and the policy's version."""
    written = [
        text
        for purposes, window in _alike(evidence)
        for text in window_lines(purposes, window, paper, indent)
    ]
    return [*written, *paper.block(_told(evidence), first=indent, rest=f"{indent}  ")]


def window_lines(
    purpose: str, window: Window, paper: Paper, indent: str, policy: TierPolicy | None = None, tier: str = ""
) -> list[str]:
    """Write one window with its rates; with a policy, also the limits that they are held against."""
    limits = (None, None) if policy is None else _limits(purpose, policy, tier)
    head = f"{line(purpose)}: {counted(window.sends, 'mail')} on {counted(window.sending_days, 'day')}, {_span(window)}"
    return [
        *paper.block(head, first=indent, rest=f"{indent}  "),
        *paper.block(
            f"bounces     {_rate(window.bounces, limits[0])}", first=f"{indent}  ", rest=f"{indent}    "
        ),
        *paper.block(
            f"complaints  {_rate(window.complaints, limits[1])}", first=f"{indent}  ", rest=f"{indent}    "
        ),
    ]


def evidence_in_words(evidence: Evidence) -> tuple[str, ...]:
    """Write the same, each window on one line."""
    windows = tuple(
        f"{line(purposes)}: {counted(window.sends, 'mail')} on {counted(window.sending_days, 'day')}, {_span(window)}; "
        f"bounces {_rate(window.bounces, None)}; complaints {_rate(window.complaints, None)}"
        for purposes, window in _alike(evidence)
    )
    return (*windows, _told(evidence))


def evidence_document(evidence: Evidence) -> dict[str, Value]:
    """Give evidence for machines. Rates are percents."""
    return {
        "policy_version": evidence.policy_version,
        "source": evidence.source,
        "windows": {purpose: _window_document(window) for purpose, window in evidence.windows.items()},
    }


def _window_document(window: Window) -> dict[str, Value]:
    return {
        "first": window.first.isoformat(),
        "last": window.last.isoformat(),
        "sends": window.sends,
        "sending_days": window.sending_days,
        "bounces": _rate_document(window.bounces),
        "complaints": _rate_document(window.complaints),
    }


def _rate_document(rate: Rate) -> dict[str, Value]:
    # More digits than the counts have would only look exact.
    return {
        "count": rate.count,
        "of": rate.of,
        "percent": round(rate.percent, 4),
        "low": round(rate.low, 4),
        "high": round(rate.high, 4),
    }


def _alike(evidence: Evidence) -> Iterator[tuple[str, Window]]:
    """Give each window once, with all that it was looked at for."""
    purposes: dict[Window, list[str]] = {}
    for purpose, window in evidence.windows.items():
        purposes.setdefault(window, []).append(purpose)
    for window, names in purposes.items():
        yield joined(names), window


def _told(evidence: Evidence) -> str:
    return f"Told by {line(evidence.source or 'nobody')}; judged by policy {line(evidence.policy_version)}."


def _span(window: Window) -> str:
    return f"{window.first} to {window.last}" if window.first != window.last else f"{window.first}"


def _rate(rate: Rate, limit: float | None) -> str:
    held = "" if limit is None else f"; limit {limit:g} %"
    if rate.of == 0:
        return f"{rate.count:,} of none{held}"
    bounds = f"{percent(rate.low).removesuffix(' %')} to {percent(rate.high)}"
    return f"{rate.count:,} of {rate.of:,}, {percent(rate.percent)} ({bounds}){held}"


def _limits(purpose: str, policy: TierPolicy, tier: str) -> tuple[float, float]:
    if purpose == "suspend":
        return policy.suspend.bounce_percent, policy.suspend.complaint_percent
    if purpose == "demote":
        return policy.demote.bounce_percent, policy.demote.complaint_percent
    asked: Promotion = policy.promote.premium if tier == "standard" else policy.promote.standard
    return asked.bounce_percent, asked.complaint_percent
