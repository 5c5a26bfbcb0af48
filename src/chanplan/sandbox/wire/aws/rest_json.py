"""The rest-json protocol, as sesv2 speaks it: parameters in path, query and JSON body, answers in JSON."""

import base64
import json
from urllib.parse import parse_qs, unquote

from botocore.model import ListShape, MapShape, Shape, StructureShape

from chanplan.sandbox.documents import Document
from chanplan.sandbox.errors import ServiceError
from chanplan.sandbox.wire.aws.model import Operation, routes
from chanplan.sandbox.wire.messages import Answer, Request


class RestJson:
    """Reads and writes rest-json."""

    validation_code = "BadRequestException"

    def parameters(self, operation: Operation, request: Request) -> Document:
        """
        Reads path, query and body by the locations that the model names.

        What no member stands for is kept under a name that says where it was, so that validation finds it.
        """
        shape = operation.input_shape
        body = json_object(request.body)
        query = parse_qs(request.query, keep_blank_values=True)
        path = next(
            (
                found.groupdict()
                for route in routes(operation.service)
                if route.operation.name == operation.name and (found := route.pattern.fullmatch(request.path))
            ),
            {},
        )
        values: Document = {}
        members = shape.members if isinstance(shape, StructureShape) else {}
        for name, member in members.items():
            wire_name = str(member.serialization.get("name", name))
            location = member.serialization.get("location")
            if location == "uri":
                values[name] = unquote(path[wire_name])
            elif location == "querystring" or (request.method == "GET" and wire_name in query):
                if wire_name in query:
                    values[name] = _from_query(member, query.pop(wire_name))
            elif location is None and (given := body.pop(wire_name, None)) is not None:
                values[name] = from_json(member, given)
        values |= {f"query:{name}": given for name, given in query.items()}
        return values | {f"body:{name}": given for name, given in body.items()}

    def answer(self, operation: Operation, result: Document, request_id: str) -> Answer:
        """Writes the members that the output shape knows."""
        shape = operation.output_shape
        body = {} if shape is None else to_json(shape, result)
        return _json_answer(200, body, {"x-amzn-RequestId": request_id})

    def refusal(self, error: ServiceError, status: int, request_id: str) -> Answer:
        """Writes an error with its code in the header, where the SDKs look for it."""
        headers = {"x-amzn-RequestId": request_id, "x-amzn-ErrorType": error.code}
        return _json_answer(status, {"message": error.message}, headers)


def json_object(body: bytes) -> Document:
    """Reads a JSON object; an empty body is an empty object."""
    if not body:
        return {}
    try:
        value = json.loads(body)
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ServiceError("SerializationException", f"The body isn't JSON: {error}", 400) from error
    if not isinstance(value, dict):
        raise ServiceError("SerializationException", "Start of structure or map expected.", 400)
    return value


def from_json(shape: Shape, value: object) -> object:
    """Turns a JSON value into what the shape's type says; members that the shape doesn't know stay as they are."""
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        known = {str(member.serialization.get("name", name)): name for name, member in shape.members.items()}
        return {
            known.get(wire_name, wire_name): from_json(shape.members[known[wire_name]], item)
            if wire_name in known
            else item
            for wire_name, item in value.items()
            if item is not None
        }
    if isinstance(shape, ListShape) and isinstance(value, list):
        return [from_json(shape.member, item) for item in value]
    if isinstance(shape, MapShape) and isinstance(value, dict):
        return {key: from_json(shape.value, item) for key, item in value.items()}
    if shape.type_name == "blob" and isinstance(value, str):
        return _decoded(value)
    return value


def to_json(shape: Shape, value: object) -> object:
    """Turns an answer's value into JSON by its shape; times are seconds since 1970."""
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        return {
            str(member.serialization.get("name", name)): to_json(member, value[name])
            for name, member in shape.members.items()
            if value.get(name) is not None
        }
    if isinstance(shape, ListShape) and isinstance(value, list):
        return [to_json(shape.member, item) for item in value]
    if isinstance(shape, MapShape) and isinstance(value, dict):
        return {key: to_json(shape.value, item) for key, item in value.items()}
    if shape.type_name == "blob" and isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return value


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError as error:
        raise ServiceError("SerializationException", "The text isn't base64.", 400) from error


def _from_query(shape: Shape, values: list[str]) -> object:
    if isinstance(shape, ListShape):
        return [_from_query(shape.member, [value]) for value in values]
    text = values[0]
    try:
        match shape.type_name:
            case "integer" | "long":
                return int(text)
            case "boolean":
                return {"true": True, "false": False}[text]
            case "double" | "float" | "timestamp":
                return float(text)
            case _:
                return text
    except (ValueError, KeyError) as error:
        wanted = shape.type_name.capitalize()
        raise ServiceError(
            "SerializationException", f"'{text}' can not be converted to {wanted}", 400
        ) from error


def _json_answer(status: int, body: object, headers: dict[str, str]) -> Answer:
    return Answer(status, json.dumps(body).encode(), {"Content-Type": "application/json", **headers})
