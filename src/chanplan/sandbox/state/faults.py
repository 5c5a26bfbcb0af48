"""
Faults on demand: what shall go wrong, how often, and whether it is this call's turn.

Faults are kept in the state file and tried in the order in which they were added. A match pattern is a glob over
`service:Operation` (`sesv2:Create*`), for DNS faults over the name that is asked for, without its final dot. Which
faults fire depends on the calls alone, never on real time or chance: a probability draws from its own seed.
"""

import json
import random
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum
from fnmatch import fnmatchcase

from chanplan.sandbox.state.storage import Scope, Transaction


class FaultKind(StrEnum):
    """What goes wrong."""

    THROTTLE = "throttle"  # 429 TooManyRequestsException, or the service's own word for it
    ERROR_500 = "error500"  # an internal error; nothing was done
    DROP_BEFORE = "drop_before"  # the connection closes; nothing was done
    DROP_AFTER = "drop_after"  # it is done, then the connection closes
    LATENCY = "latency"  # the call takes `seconds` longer
    HANG = "hang"  # it is done, but no answer comes; after at most `seconds` the connection closes
    ACCESS_DENIED = "access_denied"  # 403
    EXPIRED_TOKEN = "expired_token"  # noqa: S105 - the name of a fault; 403
    QUOTA = "quota"  # `rate` calls per second for each operation, account and region; then throttle
    LIST_LAG = "list_lag"  # objects younger than `seconds` don't show in lists
    SERVFAIL = "servfail"
    TIMEOUT = "timeout"  # no answer comes
    REFUSED = "refused"
    TRUNCATE = "truncate"  # the answer over UDP is empty and says so; TCP has it


_CALLS = "calls"
_DNS = "dns"

DNS_KINDS = frozenset({FaultKind.SERVFAIL, FaultKind.TIMEOUT, FaultKind.REFUSED, FaultKind.TRUNCATE})


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault to be played; its fields beside `kind` and `match` narrow down when."""

    kind: FaultKind
    match: str = "*"
    after: int = 0
    """How many matching calls pass first."""
    times: int | None = None
    """How often it strikes; None is without end."""
    probability: float = 1.0
    seed: int = 0
    """Where the draws of `probability` begin: the same seed gives the same draws."""
    seconds: float = 60.0
    """For `latency`, `hang` and `list_lag`."""
    rate: float = 1.0
    """For `quota`: calls per second on the sandbox's clock; as many, at least one, may come at once."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the faults do to one call."""

    struck: FaultKind | None = None
    """The one that decides the call; None lets it pass."""
    hang_seconds: float = 0.0
    latency: float = 0.0
    list_lag: float = 0.0


PASS = Verdict()


def add(state: Transaction, fault: Fault) -> None:
    """Adds a fault behind those that are there."""
    about = _DNS if fault.kind in DNS_KINDS else _CALLS
    state.execute("INSERT INTO faults (about, spec) VALUES (?, ?)", (about, json.dumps(asdict(fault))))


def clear(state: Transaction) -> None:
    """Removes all faults, and what quotas remember."""
    state.execute("DELETE FROM faults")
    state.execute("DELETE FROM buckets")


def listed(state: Transaction) -> list[Fault]:
    """Returns the faults in their order."""
    return [fault for _, fault, _, _ in _rows(state)]


def any_for_calls(state: Transaction) -> bool:
    """Tells whether any fault concerns calls, so that the common case costs one read."""
    return _any_about(state, _CALLS)


def any_for_dns(state: Transaction) -> bool:
    """Tells whether any fault concerns DNS."""
    return _any_about(state, _DNS)


def judge_call(state: Transaction, operation: str, scope: Scope, at: float) -> Verdict:
    """Decides what happens to a call, and remembers that it came."""
    latency = lag = 0.0
    for number, fault, matched, fired in _rows(state):
        if fault.kind in DNS_KINDS or not fnmatchcase(operation, fault.match):
            continue
        if not _strikes(state, number, fault, matched, fired):
            continue
        match fault.kind:
            case FaultKind.LATENCY:
                latency += fault.seconds
            case FaultKind.LIST_LAG:
                lag = max(lag, fault.seconds)
            case FaultKind.QUOTA:
                if not _within_quota(state, number, operation, scope, fault.rate, at):
                    return Verdict(FaultKind.THROTTLE, latency=latency)
            case _:
                return Verdict(fault.kind, hang_seconds=fault.seconds, latency=latency, list_lag=lag)
    return Verdict(latency=latency, list_lag=lag)


def judge_lookup(state: Transaction, name: str) -> FaultKind | None:
    """Decides what happens to a DNS question for `name` (lower case, without the final dot)."""
    for number, fault, matched, fired in _rows(state):
        concerned = fault.kind in DNS_KINDS and fnmatchcase(name, fault.match.lower().rstrip("."))
        if concerned and _strikes(state, number, fault, matched, fired):
            return fault.kind
    return None


def _rows(state: Transaction) -> Iterator[tuple[int, Fault, int, int]]:
    for number, spec, matched, fired in state.execute(
        "SELECT id, spec, matched, fired FROM faults ORDER BY id"
    ).fetchall():
        fields = json.loads(spec)
        fields["kind"] = FaultKind(fields["kind"])
        yield number, Fault(**fields), matched, fired


def _any_about(state: Transaction, about: str) -> bool:
    found = state.execute("SELECT EXISTS (SELECT 1 FROM faults WHERE about = ?)", (about,)).fetchone()
    return bool(found[0])


def _strikes(state: Transaction, number: int, fault: Fault, matched: int, fired: int) -> bool:
    draw = random.Random(f"{fault.seed}/{matched}").random()  # noqa: S311 - reproducible, not secret
    strikes = (
        matched >= fault.after and (fault.times is None or fired < fault.times) and draw < fault.probability
    )
    state.execute(
        "UPDATE faults SET matched = matched + 1, fired = fired + ? WHERE id = ?",
        (1 if strikes else 0, number),
    )
    return strikes


def _within_quota(
    state: Transaction, number: int, operation: str, scope: Scope, rate: float, at: float
) -> bool:
    name = f"{number}/{operation}/{scope.account}/{scope.region}"
    depth = max(1.0, rate)
    found = state.execute("SELECT tokens, at FROM buckets WHERE name = ?", (name,)).fetchone()
    tokens = depth if found is None else min(depth, found[0] + max(0.0, at - found[1]) * rate)
    granted = tokens >= 1
    state.execute(
        "INSERT OR REPLACE INTO buckets VALUES (?, ?, ?)", (name, tokens - 1 if granted else tokens, at)
    )
    return granted
