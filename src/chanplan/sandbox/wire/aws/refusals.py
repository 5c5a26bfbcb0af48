"""The codes of refusals and their HTTP statuses: the model's for an operation, and those that every operation may give."""

from collections.abc import Mapping

from chanplan.sandbox.errors import ServiceError
from chanplan.sandbox.wire.aws.model import Operation

# The references' pages of common errors; UnknownOperationException is what the front of the JSON services says.
_REST: Mapping[str, int] = {
    "AccessDeniedException": 403,
    "ExpiredTokenException": 403,
    "InternalServiceErrorException": 500,
    "SerializationException": 400,
    "UnknownOperationException": 404,
}
_QUERY: Mapping[str, int] = {
    "AccessDenied": 403,
    "ExpiredToken": 403,
    "InternalFailure": 500,
    "InvalidParameterValue": 400,
    "MalformedInput": 400,
    "Throttling": 400,
    "UnknownOperationException": 404,
    "ValidationError": 400,
}
_TAGGING: Mapping[str, int] = {
    "AccessDeniedException": 403,
    "ExpiredTokenException": 403,
    "InternalServiceException": 500,
    "SerializationException": 400,
    "UnknownOperationException": 404,
}
_CLOUDWATCH: Mapping[str, int] = {
    "AccessDeniedException": 403,
    "ExpiredTokenException": 403,
    "InternalServiceFault": 500,
    "SerializationException": 400,
    "ThrottlingException": 400,
    "UnknownOperationException": 404,
    "ValidationError": 400,
}
COMMON: Mapping[str, Mapping[str, int]] = {
    "sesv2": _REST,
    "ses": _QUERY,
    "sts": _QUERY,
    "tagging": _TAGGING,
    "cloudwatch": _CLOUDWATCH,
}


def status_of(operation: Operation, error: ServiceError) -> int:
    """Returns the HTTP status of a refusal: its own, else the common one, else the model's."""
    return (
        error.status or COMMON[operation.service].get(error.code) or operation.error_status(error.code) or 400
    )


def violation(operation: Operation, code: str, status: int) -> str | None:
    """Returns why an operation can't refuse with this code and status; None when it can."""
    allowed = COMMON[operation.service].get(code) or operation.error_status(code)
    if allowed is None:
        return f"{operation.full_name} never refuses with {code}"
    return (
        None if status == allowed else f"{operation.full_name} refuses with {code} by {allowed}, not {status}"
    )
