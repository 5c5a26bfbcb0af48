"""What every wire format of AWS can do."""

from typing import Protocol

from chanplan.sandbox.documents import Document
from chanplan.sandbox.errors import ServiceError
from chanplan.sandbox.wire.aws.model import Operation
from chanplan.sandbox.wire.messages import Answer, Request


class WireFormat(Protocol):
    """Reads requests and writes answers of one protocol."""

    @property
    def validation_code(self) -> str:
        """Returns the error code of a request that doesn't fit the model."""

    def parameters(self, operation: Operation, request: Request) -> Document:
        """Reads the parameters; raises `ServiceError` when the request can't be read."""

    def answer(self, operation: Operation, result: Document, request_id: str) -> Answer:
        """Writes the answer of a call that worked."""

    def refusal(self, error: ServiceError, status: int, request_id: str) -> Answer:
        """Writes an error."""
