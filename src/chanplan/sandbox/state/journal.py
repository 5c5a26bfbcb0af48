"""The journal of calls: what was asked of the sandbox, in order, and how it went."""

from dataclasses import dataclass

from chanplan.sandbox.state.storage import Scope, Transaction

KEPT_CALLS = 100_000
_TRIM_EVERY = 1_000


@dataclass(frozen=True, slots=True)
class RecordedCall:
    """One call that reached the sandbox."""

    operation: str
    """`service:Operation`, for example `sesv2:CreateTenant`."""
    account: str
    region: str
    at: float
    """The sandbox's time, in seconds since 1970."""
    outcome: str
    """`ok`, the code of the error answer, or the fault that took the answer's place (`drop_before` ...)."""


def record(state: Transaction, operation: str, scope: Scope, at: float, outcome: str) -> None:
    """Notes a call; beyond the newest 100,000 only the counts are kept."""
    cursor = state.execute(
        "INSERT INTO calls (at, operation, account, region, outcome) VALUES (?, ?, ?, ?, ?)",
        (at, operation, scope.account, scope.region, outcome),
    )
    state.execute(
        "INSERT INTO call_counts VALUES (?, 1) ON CONFLICT (operation) DO UPDATE SET calls = calls + 1",
        (operation,),
    )
    newest = cursor.lastrowid or 0
    if newest % _TRIM_EVERY == 0:
        state.execute("DELETE FROM calls WHERE id <= ?", (newest - KEPT_CALLS,))


def calls(state: Transaction) -> list[RecordedCall]:
    """Returns the kept calls, oldest first."""
    return [
        RecordedCall(operation, account, region, at, outcome)
        for operation, account, region, at, outcome in state.execute(
            "SELECT operation, account, region, at, outcome FROM calls ORDER BY id"
        )
    ]


def counts(state: Transaction) -> dict[str, int]:
    """Returns how often each operation was called."""
    return dict(state.execute("SELECT operation, calls FROM call_counts ORDER BY operation").fetchall())


def clear(state: Transaction) -> None:
    """Forgets the calls and their counts."""
    state.execute("DELETE FROM calls")
    state.execute("DELETE FROM call_counts")
