"""Carries one request through: family, faults, hook, one transaction, hook, answer."""

import itertools
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from chanplan.sandbox.documents import Document
from chanplan.sandbox.errors import DropCall, ServiceError
from chanplan.sandbox.families.family import Exchange, Family
from chanplan.sandbox.recorder import Recorder
from chanplan.sandbox.state import clock, faults, journal
from chanplan.sandbox.state.faults import FaultKind, Verdict
from chanplan.sandbox.state.mistakes import Mistakes
from chanplan.sandbox.state.storage import Storage
from chanplan.sandbox.wire.messages import Answer, Request

Hooks: TypeAlias = Callable[[str, Literal["before", "after"], int], None]

_POLL_SECONDS = 0.05
_REFUSALS = frozenset(
    {FaultKind.THROTTLE, FaultKind.ERROR_500, FaultKind.ACCESS_DENIED, FaultKind.EXPIRED_TOKEN}
)


@dataclass(frozen=True, slots=True)
class Dropped:
    """No answer: the connection closes."""


class Dispatcher:
    """Answers requests on one state file; the first family that speaks a request's language takes it."""

    def __init__(
        self,
        families: Sequence[Family],
        storage: Storage,
        mistakes: Mistakes,
        hooks: Hooks | None,
        stopping: threading.Event,
        recorder: Recorder,
    ) -> None:
        self._families = families
        self._storage = storage
        self._mistakes = mistakes
        self._hooks = hooks
        self._stopping = stopping
        self._recorder = recorder
        self._numbers = itertools.count(1)

    def serve(self, request: Request, abandoned: Callable[[], bool]) -> Answer | Dropped:
        """Carries a request through; `abandoned` tells whether the client has gone."""
        family = next(family for family in self._families if family.speaks(request))
        outcome = self._answered(family, request, abandoned)
        if family.recorded:
            self._recorder.record(request, outcome if isinstance(outcome, Answer) else None)
        return outcome

    def _answered(self, family: Family, request: Request, abandoned: Callable[[], bool]) -> Answer | Dropped:
        request_id = str(uuid.uuid4())
        try:
            with self._storage.reading() as state:
                opened = family.opened(request, state, request_id)
                judged = faults.any_for_calls(state)
            if isinstance(opened, Answer):
                return opened
            return self._served(opened, self._judged(opened) if judged else faults.PASS, abandoned)
        except Exception as error:  # noqa: BLE001 - a client that hears nothing would look for the fault on its own side
            self._mistakes.note(f"{request.method} {request.path}: {error!r}")
            message = f"The sandbox failed, which is a mistake in it and not in the request: {error!r}"
            return family.failed(request, message, request_id)

    def _served(
        self, exchange: Exchange, verdict: Verdict, abandoned: Callable[[], bool]
    ) -> Answer | Dropped:
        self._stopping.wait(verdict.latency)
        if verdict.struck is FaultKind.DROP_BEFORE:
            self._note(exchange, verdict.struck)
            return Dropped()
        if verdict.struck is not None and verdict.struck in _REFUSALS:
            refused = exchange.struck(verdict.struck)
            self._note(exchange, refused.code)
            return exchange.refusal(refused)
        try:
            outcome = self._done(exchange, verdict)
        except DropCall:
            return Dropped()
        if verdict.struck is FaultKind.HANG:
            self._wait_until(abandoned, verdict.hang_seconds)
            return Dropped()
        if verdict.struck is FaultKind.DROP_AFTER:
            return Dropped()
        return exchange.refusal(outcome) if isinstance(outcome, ServiceError) else exchange.answer(outcome)

    def _done(self, exchange: Exchange, verdict: Verdict) -> Document | ServiceError:
        number = next(self._numbers)
        if self._hooks is not None:
            self._hooks(exchange.operation, "before", number)
        outcome = self._committed(exchange, verdict)
        if self._hooks is not None:
            self._hooks(exchange.operation, "after", number)
        return outcome

    def _committed(self, exchange: Exchange, verdict: Verdict) -> Document | ServiceError:
        outcome: Document | ServiceError
        with self._storage.transaction() as state:
            at = clock.now(state)
            state.execute("SAVEPOINT call")
            try:
                outcome, said = exchange.carried_out(state, at, verdict.list_lag), "ok"
            except ServiceError as error:
                # A refused call leaves nothing behind but its line in the journal.
                state.execute("ROLLBACK TO call")
                outcome, said = error, error.code
            state.execute("RELEASE call")
            journal.record(state, exchange.operation, exchange.scope, at, verdict.struck or said)
        return outcome

    def _judged(self, exchange: Exchange) -> Verdict:
        with self._storage.transaction() as state:
            return faults.judge_call(state, exchange.operation, exchange.scope, clock.now(state))

    def _note(self, exchange: Exchange, outcome: str) -> None:
        with self._storage.transaction() as state:
            journal.record(state, exchange.operation, exchange.scope, clock.now(state), outcome)

    def _wait_until(self, abandoned: Callable[[], bool], seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end and not abandoned() and not self._stopping.is_set():
            self._stopping.wait(_POLL_SECONDS)
