"""
The json protocol: the operation in the `X-Amz-Target` header, everything else in JSON bodies.

Services whose models name a newer protocol beside it (CBOR) get this one from boto3, which prefers JSON.
"""

import json

from chanplan.sandbox.documents import Document
from chanplan.sandbox.errors import ServiceError
from chanplan.sandbox.wire.aws.model import Operation
from chanplan.sandbox.wire.aws.rest_json import from_json, json_object, to_json
from chanplan.sandbox.wire.messages import Answer, Request


class JsonRpc:
    """Reads and writes json 1.1."""

    validation_code = "InvalidParameterException"

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
        return _answer(200, {} if shape is None else to_json(shape, result), request_id)

    def refusal(self, error: ServiceError, status: int, request_id: str) -> Answer:
        """Writes an error with its code in the body."""
        return _answer(status, {"__type": error.code, "message": error.message}, request_id)


def _answer(status: int, body: object, request_id: str) -> Answer:
    headers = {"Content-Type": "application/x-amz-json-1.1", "x-amzn-RequestId": request_id}
    return Answer(status, json.dumps(body).encode(), headers)
