"""
The json protocol: the operation in the `X-Amz-Target` header, everything else in JSON bodies.

Services whose models name a newer protocol beside it (CBOR) get this one from boto3, which prefers JSON.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from chanplan.sandbox.documents import Document
from chanplan.sandbox.errors import ServiceError
from chanplan.sandbox.wire.aws.model import Operation
from chanplan.sandbox.wire.aws.rest_json import from_json, json_object, to_json
from chanplan.sandbox.wire.messages import Answer, Request


@dataclass(frozen=True, slots=True)
class JsonRpc:
    """Reads and writes the json protocol of one service."""

    service: str
    """Our short name of it."""
    version: str
    """`1.0` or `1.1`; the bodies are the same."""
    validation_code: str
    older_codes: Mapping[str, str] = field(default_factory=dict)
    """Codes of the query protocol that the service spoke before: clients that knew it are told these."""

    def parameters(self, operation: Operation, request: Request) -> Document:
        """Reads the body."""
        values = json_object(request.body)
        shape = operation.input_shape
        read = values if shape is None else from_json(shape, values)
        assert isinstance(read, dict)
        return read

    def answer(self, operation: Operation, result: Document, request_id: str) -> Answer:
        """Writes the members that the output shape knows."""
        shape = operation.output_shape
        return self._answer(200, {} if shape is None else to_json(shape, result), request_id)

    def refusal(self, error: ServiceError, status: int, request_id: str) -> Answer:
        """Writes an error with its code in the body, and its older one in a header where there is one."""
        body = {"__type": error.code, "message": error.message}
        older = self.older_codes.get(error.code)
        whose = "Receiver" if status >= 500 else "Sender"
        return self._answer(
            status, body, request_id, {"x-amzn-query-error": f"{older};{whose}"} if older else {}
        )

    def _answer(
        self, status: int, body: object, request_id: str, more: Mapping[str, str] | None = None
    ) -> Answer:
        headers = {"Content-Type": f"application/x-amz-json-{self.version}", "x-amzn-RequestId": request_id}
        return Answer(status, json.dumps(body).encode(), {**headers, **(more or {})})


TAGGING = JsonRpc("tagging", "1.1", "InvalidParameterException")
CLOUDWATCH = JsonRpc(
    "cloudwatch",
    "1.0",
    "ValidationError",
    {
        "AccessDeniedException": "AccessDenied",
        "ExpiredTokenException": "ExpiredToken",
        "InternalServiceFault": "InternalServiceError",
        "InvalidNextToken": "InvalidNextToken",
        "ThrottlingException": "Throttling",
        "ValidationError": "ValidationError",
    },
)
