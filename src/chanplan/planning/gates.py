"""Judging gates from facts. What is known decides; what nobody could read is unknown, never open."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from chanplan.model.addresses import Address
from chanplan.model.gates import Gate, GateKind, GateState
from chanplan.model.kinds.ses_setup import VERIFICATION_HOURS
from chanplan.model.records import Outcome, Purpose, RecordVerdict
from chanplan.model.resources import Observed, ResourceState
from chanplan.model.snapshots import Observation
from chanplan.model.values import Facts

OURS = frozenset({Purpose.SPF, Purpose.DMARC, Purpose.INBOUND_MX})
"""The records on which SES gives no verdict (ses.md 1.3), so that ours counts."""


def dns_gate(
    setup: ResourceState | None,
    on: Address,
    observed: Observed | None,
    observation: Observation | None,
    verdicts: Sequence[RecordVerdict],
    now: datetime,
) -> Gate:
    """Judge `dns_verified`: SES's word on DKIM and MAIL FROM, ours on SPF, DMARC and inbound MX.

    What this refresh didn't read is taken from the stored observation. `verdicts` are this refresh's, in the
    specification's order, and may be empty.
    """
    if setup is None or not setup.complete:
        return Gate(GateKind.DNS_VERIFIED, on, GateState.PENDING, detail=f"{on} isn't made yet.")
    facts: Facts = {**(observation.facts if observation else {}), **(observed.facts if observed else {})}
    seen = tuple(verdicts) or (observation.verdicts if observation else ())
    since = _time(facts.get("verification_started_at") or setup.facts.get("verification_started_at"))
    since = since or setup.created_at
    dkim, mail_from = facts.get("dkim_status"), facts.get("mail_from_status")
    if dkim is None or mail_from is None:
        return Gate(
            GateKind.DNS_VERIFIED,
            on,
            GateState.UNKNOWN,
            since,
            detail="SES's verdict on DKIM and MAIL FROM wasn't read.",
        )
    todo = _todo(seen, facts)
    if "FAILED" in (dkim, mail_from):
        return Gate(
            GateKind.DNS_VERIFIED,
            on,
            GateState.EXPIRED,
            since,
            _deadline(since),
            _expired_detail(seen),
            todo,
        )
    ours = [verdict for verdict in seen if verdict.record.purpose in OURS]
    verified = dkim == "SUCCESS" and mail_from == "SUCCESS"
    if verified and ours and all(verdict.outcome is Outcome.VERIFIED for verdict in ours):
        return Gate(GateKind.DNS_VERIFIED, on, GateState.OPEN, since, detail="All records are verified.")
    if verified and not any(
        verdict.outcome in (Outcome.MISSING, Outcome.WRONG, Outcome.CONFLICT) for verdict in ours
    ):
        detail = "SES has verified DKIM and MAIL FROM; nobody answered for the other records."
        return Gate(GateKind.DNS_VERIFIED, on, GateState.UNKNOWN, since, detail=detail, todo=todo)
    deadline = None if verified else _deadline(since)
    return Gate(
        GateKind.DNS_VERIFIED,
        on,
        GateState.PENDING,
        since,
        deadline,
        _pending_detail(seen, dkim, mail_from) + _remaining(deadline, now),
        todo,
    )


def is_judged(facts: Facts) -> bool:
    """Tell whether facts of a setup hold SES's word on DKIM and MAIL FROM, on which `dns_verified` hangs."""
    return facts.get("dkim_status") is not None and facts.get("mail_from_status") is not None


def judged_anew(gate: Gate) -> Gate:
    """Give a gate as it will stand right after the plan changes the MAIL FROM domain, which asks for records that SES
    hasn't looked at."""
    if gate.state not in (GateState.OPEN, GateState.UNKNOWN):
        return gate
    detail = "This plan changes the MAIL FROM domain, whose records SES hasn't verified yet."
    return replace(gate, state=GateState.PENDING, detail=detail)


def dns_passes(verdicts: Sequence[RecordVerdict]) -> bool:
    """Tell whether our own check finds every record in place, those that SES judges too."""
    return bool(verdicts) and all(verdict.outcome is Outcome.VERIFIED for verdict in verdicts)


def _time(value: object) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        return None


def _deadline(since: datetime | None) -> datetime | None:
    return None if since is None else since + timedelta(hours=VERIFICATION_HOURS)


def _expired_detail(seen: Sequence[RecordVerdict]) -> str:
    detail = f"SES stopped looking for the records, which it does after {VERIFICATION_HOURS} hours"
    if dns_passes(seen):
        return f"{detail}. They are all in place now: an apply asks it to look again."
    return f"{detail}. Publish what is missing; an apply after that asks it to look again."


def _remaining(deadline: datetime | None, now: datetime) -> str:
    if deadline is None:
        return ""
    # A clock that was set back gives SES no more time than it ever has.
    hours = min(VERIFICATION_HOURS, (deadline - now).total_seconds() / 3600)
    return f" SES looks for another {hours:.0f} hours." if hours >= 1 else " SES is about to stop looking."


def _pending_detail(seen: Sequence[RecordVerdict], dkim: object, mail_from: object) -> str:
    good = sum(verdict.outcome is Outcome.VERIFIED for verdict in seen)
    answer = f"SES says DKIM {str(dkim).lower()}, MAIL FROM {str(mail_from).lower()}."
    if not seen:
        return f"The records weren't looked up. {answer}"
    if good == len(seen):
        return f"All {good} records are published; SES hasn't confirmed them yet. {answer}"
    return f"{good} of {len(seen)} records are in place. {answer}"


def _todo(seen: Sequence[RecordVerdict], facts: Facts) -> tuple[str, ...]:
    steps = []
    for verdict in seen:
        record = verdict.record
        if verdict.outcome is Outcome.MISSING:
            steps.append(f"Publish {record.type} {record.name} with the value {record.value}")
        elif verdict.outcome is not Outcome.VERIFIED:
            steps.append(f"{record.type} {record.name} ({verdict.outcome}): {verdict.detail}")
    error = facts.get("verification_error")
    if error and steps:
        steps.append(f"SES's last look-up said {error}.")
    return tuple(steps)
