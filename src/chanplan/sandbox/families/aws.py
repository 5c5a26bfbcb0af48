"""AWS's services: SES in both versions, STS, CloudWatch and the tagging service."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from chanplan.sandbox.documents import Document
from chanplan.sandbox.errors import ModelBroken, ServiceError
from chanplan.sandbox.families.family import Exchange
from chanplan.sandbox.services.call import Call, Handler
from chanplan.sandbox.state.faults import FaultKind
from chanplan.sandbox.state.storage import Scope, Transaction
from chanplan.sandbox.wire.aws import refusals, validation
from chanplan.sandbox.wire.aws.formats import WireFormat
from chanplan.sandbox.wire.aws.model import Operation
from chanplan.sandbox.wire.aws.routing import caller, format_of, operation_of, unknown_operation
from chanplan.sandbox.wire.messages import Answer, Request


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
_CLOUDWATCH_WORDS = _Words(
    "ThrottlingException", 400, "InternalServiceFault", "AccessDeniedException", "ExpiredTokenException"
)
_WORDS = {
    "sesv2": _REST_WORDS,
    "ses": _QUERY_WORDS,
    "sts": _QUERY_WORDS,
    "tagging": _TAGGING_WORDS,
    "cloudwatch": _CLOUDWATCH_WORDS,
}


@dataclass(frozen=True, slots=True)
class Aws:
    """Everything that isn't for somebody else: AWS's services are told apart by path, headers and signature."""

    recorded: ClassVar[bool] = False
    handlers: Mapping[str, Handler]

    def speaks(self, request: Request) -> bool:
        """Takes every request: none of these services has a mark that all its requests carry."""
        del request
        return True

    def opened(self, request: Request, state: Transaction, request_id: str) -> Exchange | Answer:
        """Reads the credential scope and finds the operation."""
        del state
        wire = format_of(request)
        try:
            who = caller(request)
            operation = operation_of(request, who.signing_name, wire)
        except ServiceError as error:
            return wire.refusal(error, error.status or 400, request_id)
        return _AwsExchange(request, request_id, wire, operation, who.scope, self.handlers)

    def failed(self, request: Request, message: str, request_id: str) -> Answer:
        """Writes an internal error in the request's format."""
        return format_of(request).refusal(ServiceError("InternalFailure", message), 500, request_id)


@dataclass(frozen=True, slots=True)
class _AwsExchange:
    request: Request
    request_id: str
    wire: WireFormat
    model: Operation
    scope: Scope
    handlers: Mapping[str, Handler]

    @property
    def operation(self) -> str:
        return self.model.full_name

    def struck(self, kind: FaultKind) -> ServiceError:
        words = _WORDS[self.model.service]
        match kind:
            case FaultKind.THROTTLE:
                message = "Too many requests have been made: Rate exceeded."
                return ServiceError(words.throttle, message, words.throttle_status)
            case FaultKind.ACCESS_DENIED:
                user = f"arn:{self.scope.partition}:iam::{self.scope.account}:user/sandbox"
                service = "ses" if self.model.service == "sesv2" else self.model.service
                message = f"User: {user} is not authorized to perform: {service}:{self.model.name}"
                return ServiceError(words.access_denied, message, 403)
            case FaultKind.EXPIRED_TOKEN:
                message = "The security token included in the request is expired"
                return ServiceError(words.expired_token, message, 403)
            case _:
                message = "An internal error of the service (a fault of the sandbox)."
                return ServiceError(words.error_500, message, 500)

    def carried_out(self, state: Transaction, now: float, list_lag: float) -> Document:
        handler = self.handlers.get(self.operation)
        if handler is None:
            raise unknown_operation(self.operation)
        values = self.wire.parameters(self.model, self.request)
        wrong = validation.refused_as(self.model, values)
        if wrong is not None:
            raise ServiceError(self.wire.validation_code, wrong)
        result = handler(Call(self.operation, self.scope, values, state, now, list_lag))
        broken = validation.answer_violations(self.model, result)
        if broken:
            raise ModelBroken(f"{self.operation} can't answer this: " + "; ".join(map(str, broken)))
        return result

    def answer(self, result: Document) -> Answer:
        return self.wire.answer(self.model, result, self.request_id)

    def refusal(self, error: ServiceError) -> Answer:
        status = refusals.status_of(self.model, error)
        wrong = refusals.violation(self.model, error.code, status)
        if wrong is not None:
            raise ModelBroken(wrong)
        return self.wire.refusal(error, status, self.request_id)
