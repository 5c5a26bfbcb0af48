"""Twilio's services: the 2010-04-01 API and TrustHub, told apart by the host that the path begins with."""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from chanplan.sandbox.documents import Document
from chanplan.sandbox.errors import ModelBroken, ServiceError
from chanplan.sandbox.families.family import Exchange
from chanplan.sandbox.services.twilio import access
from chanplan.sandbox.services.twilio.access import Entry
from chanplan.sandbox.services.twilio.call import TwilioCall, TwilioHandler
from chanplan.sandbox.services.twilio.kinds import scope_of
from chanplan.sandbox.services.twilio.refusals import TABLE, refused
from chanplan.sandbox.state.faults import FaultKind
from chanplan.sandbox.state.storage import Scope, Transaction
from chanplan.sandbox.wire.messages import Answer, Request
from chanplan.sandbox.wire.twilio import format as wire
from chanplan.sandbox.wire.twilio.basic_auth import Credentials, credentials
from chanplan.sandbox.wire.twilio.model import Operation, operation_at

_ADDRESS = re.compile(r"/([a-z0-9.-]+\.twilio\.com)(/.*|)")


@dataclass(frozen=True, slots=True)
class Twilio:
    """Everything under `/HOST.twilio.com/`."""

    recorded: ClassVar[bool] = True
    handlers: Mapping[str, TwilioHandler]

    def speaks(self, request: Request) -> bool:
        """Takes what has one of Twilio's hosts as the first part of its path."""
        return _ADDRESS.fullmatch(request.path) is not None

    def opened(self, request: Request, state: Transaction, request_id: str) -> Exchange | Answer:
        """Finds the operation and the account that it is about."""
        began = time.monotonic()
        host, path = _address(request)
        found = operation_at(host, path, request.method)
        if found is None:
            what = f"{path} (the sandbox has no {request.method} of it at {host}; docs/sandbox.md lists what it has)"
            return _refusal(refused(20404, what), request_id, began)
        operation, placed = found
        given = credentials(request)
        named = placed.get("AccountSid") or (placed["Sid"] if operation.own_sid == "AC" else None)
        account = access.account_meant(state, given.user if given else "", named)
        return _TwilioExchange(
            request,
            request_id,
            began,
            operation,
            placed,
            path,
            given,
            named,
            scope_of(account),
            self.handlers,
        )

    def failed(self, request: Request, message: str, request_id: str) -> Answer:
        """Writes an internal error."""
        del request
        return wire.refusal(20500, message, 500, wire.headers_of(request_id, time.monotonic()))


@dataclass(frozen=True, slots=True)
class _TwilioExchange:
    request: Request
    request_id: str
    began: float
    model: Operation
    placed: Mapping[str, str]
    path: str
    given: Credentials | None
    named: str | None
    """The account in the path."""
    scope: Scope
    handlers: Mapping[str, TwilioHandler]

    @property
    def operation(self) -> str:
        return self.model.full_name

    def struck(self, kind: FaultKind) -> ServiceError:
        match kind:
            case FaultKind.THROTTLE:
                return refused(20429)
            case FaultKind.ACCESS_DENIED:
                return refused(20403)
            case FaultKind.EXPIRED_TOKEN:
                return refused(20003, "invalid username or password")
            case _:
                return refused(20500)

    def carried_out(self, state: Transaction, now: float, list_lag: float) -> Document:
        if self.given is None:
            raise refused(20003, "No credentials provided")
        try:
            placed = wire.placed_values(self.model, self.placed)
        except wire.NoSuchPath as error:
            raise refused(20404, self.path) from error
        entry = Entry(
            self.given.user,
            self.given.password,
            self.named,
            writes=self.model.method != "GET",
            of_accounts=self.model.own_sid == "AC",
        )
        caller = access.admitted(state, now, entry)
        try:
            values = {**placed, **wire.given_values(self.model, self.request)}
        except wire.Misfit as error:
            raise refused(20001, error) from error
        call = TwilioCall(
            self.operation, self.scope, values, state, now, list_lag, caller=caller, path=self.path
        )
        return self.handlers[self.operation](call)

    def answer(self, result: Document) -> Answer:
        return wire.answer(self.model, result, wire.headers_of(self.request_id, self.began))

    def refusal(self, error: ServiceError) -> Answer:
        return _refusal(error, self.request_id, self.began)


def _address(request: Request) -> tuple[str, str]:
    found = _ADDRESS.fullmatch(request.path)
    assert found is not None
    return found[1], found[2]


def _refusal(error: ServiceError, request_id: str, began: float) -> Answer:
    known = TABLE.get(int(error.code))
    if known is None or known.status != error.status:
        raise ModelBroken(f"Twilio never refuses with {error.code} by {error.status}")
    return wire.refusal(int(error.code), error.message, known.status, wire.headers_of(request_id, began))
