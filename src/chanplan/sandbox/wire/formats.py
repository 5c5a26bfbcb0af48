"""What every wire format can do, and the plain records of a request and its answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from chanplan.sandbox.documents import Document
from chanplan.sandbox.errors import ServiceError
from chanplan.sandbox.wire.model import Operation


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it came in."""

    method: str
    path: str
    """Raw: not percent-decoded."""
    query: str
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer to be sent."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


class WireFormat(Protocol):
    """Reads requests and writes answers of one protocol."""

    validation_code: str
    """The error code of a request that doesn't fit the model."""

    def parameters(self, operation: Operation, request: Request) -> Document:
        """Reads the parameters; raises `ServiceError` when the request can't be read."""

    def answer(self, operation: Operation, result: Document, request_id: str) -> Answer:
        """Writes the answer of a call that worked."""

    def refusal(self, error: ServiceError, status: int, request_id: str) -> Answer:
        """Writes an error."""
