"""Carries one request through: route, faults, hook, one transaction, hook, answer."""

import itertools
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from chanplan.sandbox.documents import Document
from chanplan.sandbox.errors import DropCall, ModelBroken, ServiceError
from chanplan.sandbox.services.call import Call
from chanplan.sandbox.services.operations import HANDLERS
from chanplan.sandbox.state import clock, faults, journal
from chanplan.sandbox.state.faults import FaultKind, Verdict
from chanplan.sandbox.state.mistakes import Mistakes
from chanplan.sandbox.state.storage import Scope, Storage
from chanplan.sandbox.wire import refusals, validation
from chanplan.sandbox.wire.formats import Answer, Request, WireFormat
from chanplan.sandbox.wire.model import Operation
from chanplan.sandbox.wire.routing import caller, format_of, operation_of, unknown_operation

Hooks: TypeAlias = Callable[[str, Literal["before", "after"], int], None]

_POLL_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class _Words:
    """How a service calls the faults that every service has."""

    throttle: str
    throttle_status: int
    error_500: str
    access_denied: str
    expired_token: str


_REST_WORDS = _Words(
    "TooManyRequestsException",
    429,
    "InternalServiceErrorException",
    "AccessDeniedException",
    "ExpiredTokenException",
)
_QUERY_WORDS = _Words("Throttling", 400, "InternalFailure", "AccessDenied", "ExpiredToken")
_TAGGING_WORDS = _Words(
    "ThrottledException", 400, "InternalServiceException", "AccessDeniedException", "ExpiredTokenException"
)
_WORDS = {"sesv2": _REST_WORDS, "ses": _QUERY_WORDS, "sts": _QUERY_WORDS, "tagging": _TAGGING_WORDS}


@dataclass(frozen=True, slots=True)
class Dropped:
    """No answer: the connection closes."""


class Dispatcher:
    """Answers requests on one state file."""

    def __init__(
        self, storage: Storage, mistakes: Mistakes, hooks: Hooks | None, stopping: threading.Event
    ) -> None:
        self._storage = storage
        self._mistakes = mistakes
        self._hooks = hooks
        self._stopping = stopping
        self._numbers = itertools.count(1)

    def serve(self, request: Request, abandoned: Callable[[], bool]) -> Answer | Dropped:
        """Carries a request through; `abandoned` tells whether the client has gone."""
        wire = format_of(request)
        request_id = str(uuid.uuid4())
        try:
            return self._served(request, abandoned, wire, request_id)
        except Exception as error:  # noqa: BLE001 - a client that hears nothing would look for the fault on its own side
            self._mistakes.note(f"{request.method} {request.path}: {error!r}")
            message = f"The sandbox failed, which is a mistake in it and not in the request: {error!r}"
            return wire.refusal(ServiceError("InternalFailure", message), 500, request_id)

    def _served(
        self, request: Request, abandoned: Callable[[], bool], wire: WireFormat, request_id: str
    ) -> Answer | Dropped:
        try:
            who = caller(request)
            operation = operation_of(request, who.signing_name, wire)
        except ServiceError as error:
            return wire.refusal(error, error.status or 400, request_id)
        verdict = self._judged(operation, who.scope)
        self._stopping.wait(verdict.latency)
        early = _struck_before(operation, who.scope, verdict)
        if early is not None:
            self._note(
                operation, who.scope, early.code if isinstance(early, ServiceError) else FaultKind.DROP_BEFORE
            )
            return _refusal(wire, operation, early, request_id) if isinstance(early, ServiceError) else early
        try:
            outcome = self._done(operation, wire, request, who.scope, verdict)
        except DropCall:
            return Dropped()
        if verdict.struck is FaultKind.HANG:
            self._wait_until(abandoned, verdict.hang_seconds)
            return Dropped()
        if verdict.struck is FaultKind.DROP_AFTER:
            return Dropped()
        if isinstance(outcome, ServiceError):
            return _refusal(wire, operation, outcome, request_id)
        return wire.answer(operation, outcome, request_id)

    def _done(
        self, operation: Operation, wire: WireFormat, request: Request, scope: Scope, verdict: Verdict
    ) -> Document | ServiceError:
        number = next(self._numbers)
        if self._hooks is not None:
            self._hooks(operation.full_name, "before", number)
        outcome = self._committed(operation, wire, request, scope, verdict)
        if self._hooks is not None:
            self._hooks(operation.full_name, "after", number)
        return outcome

    def _committed(
        self, operation: Operation, wire: WireFormat, request: Request, scope: Scope, verdict: Verdict
    ) -> Document | ServiceError:
        name = operation.full_name
        outcome: Document | ServiceError
        with self._storage.transaction() as state:
            at = clock.now(state)
            state.execute("SAVEPOINT call")
            try:
                values = _valid_parameters(operation, wire, request)
                outcome = HANDLERS[name](Call(name, scope, values, state, at, verdict.list_lag))
                _check_answer(operation, outcome)
                said = "ok"
            except ServiceError as error:
                # A refused call leaves nothing behind but its line in the journal.
                state.execute("ROLLBACK TO call")
                outcome, said = error, error.code
            state.execute("RELEASE call")
            journal.record(state, name, scope, at, verdict.struck or said)
        return outcome

    def _judged(self, operation: Operation, scope: Scope) -> Verdict:
        with self._storage.reading() as state:
            concerned = faults.any_for_calls(state)
        if not concerned:
            return faults.PASS
        with self._storage.transaction() as state:
            return faults.judge_call(state, operation.full_name, scope, clock.now(state))

    def _note(self, operation: Operation, scope: Scope, outcome: str) -> None:
        with self._storage.transaction() as state:
            journal.record(state, operation.full_name, scope, clock.now(state), outcome)

    def _wait_until(self, abandoned: Callable[[], bool], seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end and not abandoned() and not self._stopping.is_set():
            self._stopping.wait(_POLL_SECONDS)


def _valid_parameters(operation: Operation, wire: WireFormat, request: Request) -> Document:
    if operation.full_name not in HANDLERS:
        raise unknown_operation(operation.full_name)
    values = wire.parameters(operation, request)
    wrong = validation.refused_as(operation, values)
    if wrong is not None:
        raise ServiceError(wire.validation_code, wrong)
    return values


def _check_answer(operation: Operation, result: Document) -> None:
    wrong = validation.answer_violations(operation, result)
    if wrong:
        raise ModelBroken(f"{operation.full_name} can't answer this: " + "; ".join(map(str, wrong)))


def _struck_before(operation: Operation, scope: Scope, verdict: Verdict) -> ServiceError | Dropped | None:
    words = _WORDS[operation.service]
    match verdict.struck:
        case FaultKind.DROP_BEFORE:
            return Dropped()
        case FaultKind.THROTTLE:
            return ServiceError(
                words.throttle, "Too many requests have been made: Rate exceeded.", words.throttle_status
            )
        case FaultKind.ERROR_500:
            return ServiceError(
                words.error_500, "An internal error of the service (a fault of the sandbox).", 500
            )
        case FaultKind.ACCESS_DENIED:
            user = f"arn:{scope.partition}:iam::{scope.account}:user/sandbox"
            action = f"{'ses' if operation.service == 'sesv2' else operation.service}:{operation.name}"
            message = f"User: {user} is not authorized to perform: {action}"
            return ServiceError(words.access_denied, message, 403)
        case FaultKind.EXPIRED_TOKEN:
            message = "The security token included in the request is expired"
            return ServiceError(words.expired_token, message, 403)
        case _:
            return None


def _refusal(wire: WireFormat, operation: Operation, error: ServiceError, request_id: str) -> Answer:
    status = refusals.status_of(operation, error)
    wrong = refusals.violation(operation, error.code, status)
    if wrong is not None:
        raise ModelBroken(wrong)
    return wire.refusal(error, status, request_id)
