"""The query protocol, as ses and sts speak it: a form in, XML out."""

from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

from botocore.model import ListShape, MapShape, Shape, StructureShape

from chanplan.sandbox.documents import Document
from chanplan.sandbox.errors import ServiceError
from chanplan.sandbox.wire.aws.model import Operation
from chanplan.sandbox.wire.messages import Answer, Request


class Query:
    """Reads and writes the query protocol."""

    validation_code = "ValidationError"

    def parameters(self, operation: Operation, request: Request) -> Document:
        """
        Reads the form's dotted names by the input shape.

        Names that no member stands for are kept as they are, so that validation finds them.
        """
        shape = operation.input_shape
        fields = form(request.body)
        used = {"Action", "Version"}
        values = _read(shape, "", fields, used) if isinstance(shape, StructureShape) else None
        unknown = {f"form:{name}": text for name, text in fields.items() if name not in used}
        return {**values, **unknown} if isinstance(values, dict) else unknown

    def answer(self, operation: Operation, result: Document, request_id: str) -> Answer:
        """Writes the answer inside the wrappers that the model names."""
        namespace = operation.model.service_model.metadata.get("xmlNamespace", "")
        shape = operation.output_shape
        inner = ""
        if isinstance(shape, StructureShape):
            wrapper = shape.serialization.get("resultWrapper", f"{operation.name}Result")
            inner = f"<{wrapper}>{_members(shape, result)}</{wrapper}>"
        return _answer(
            200,
            f'<{operation.name}Response xmlns="{namespace}">{inner}'
            f"<ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata></{operation.name}Response>",
            request_id,
        )

    def refusal(self, error: ServiceError, status: int, request_id: str) -> Answer:
        """Writes an error."""
        whose = "Receiver" if status >= 500 else "Sender"
        return _answer(
            status,
            f"<ErrorResponse><Error><Type>{whose}</Type><Code>{escape(error.code)}</Code>"
            f"<Message>{escape(error.message)}</Message></Error><RequestId>{request_id}</RequestId></ErrorResponse>",
            request_id,
        )


def form(body: bytes) -> dict[str, str]:
    """Reads a form."""
    try:
        fields = parse_qs(body.decode(), keep_blank_values=True)
    except (UnicodeDecodeError, ValueError) as error:
        raise ServiceError("MalformedQueryString", f"The body isn't a form: {error}", 400) from error
    return {name: values[-1] for name, values in fields.items()}


def _read(shape: Shape, prefix: str, fields: Mapping[str, str], used: set[str]) -> object:
    """Reads the value whose names start with `prefix`, None where there is none; adds the names to `used`."""
    if isinstance(shape, StructureShape):
        members = {
            name: _read(member, _joined(prefix, str(member.serialization.get("name", name))), fields, used)
            for name, member in shape.members.items()
        }
        found = {name: value for name, value in members.items() if value is not None}
        return found if found or not prefix or _given(prefix, fields, used) else None
    if isinstance(shape, ListShape):
        items = prefix if shape.serialization.get("flattened") else f"{prefix}.member"
        values: list[object] = []
        while (value := _read(shape.member, f"{items}.{len(values) + 1}", fields, used)) is not None:
            values.append(value)
        return values if values or _given(prefix, fields, used) else None
    if isinstance(shape, MapShape):
        return _read_map(shape, prefix, fields, used)
    return _scalar(shape, fields[prefix]) if _given(prefix, fields, used) else None


def _read_map(shape: MapShape, prefix: str, fields: Mapping[str, str], used: set[str]) -> object:
    pairs: Document = {}
    while _given(key := f"{prefix}.entry.{len(pairs) + 1}.key", fields, used):
        pairs[fields[key]] = _read(shape.value, f"{prefix}.entry.{len(pairs) + 1}.value", fields, used)
    return pairs or None


def _scalar(shape: Shape, text: str) -> object:
    try:
        match shape.type_name:
            case "boolean":
                return {"true": True, "false": False}[text]
            case "integer" | "long":
                return int(text)
            case "double" | "float":
                return float(text)
            case _:
                return text
    except (ValueError, KeyError) as error:
        raise ServiceError("MalformedInput", f"{text!r} is no {shape.type_name}", 400) from error


def _given(name: str, fields: Mapping[str, str], used: set[str]) -> bool:
    if name not in fields:
        return False
    used.add(name)
    return True


def _joined(prefix: str, name: str) -> str:
    return f"{prefix}.{name}" if prefix else name


def _members(shape: StructureShape, value: Document) -> str:
    return "".join(
        _element(member, str(member.serialization.get("name", name)), value[name])
        for name, member in shape.members.items()
        if value.get(name) is not None
    )


def _element(shape: Shape, name: str, value: object) -> str:
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        inner = _members(shape, value)
    elif isinstance(shape, ListShape) and isinstance(value, list):
        if shape.serialization.get("flattened"):
            return "".join(_element(shape.member, name, item) for item in value)
        inner = "".join(_element(shape.member, "member", item) for item in value)
    elif isinstance(shape, MapShape) and isinstance(value, dict):
        inner = "".join(
            f"<entry><key>{escape(key)}</key>{_element(shape.value, 'value', item)}</entry>"
            for key, item in value.items()
        )
    elif shape.type_name == "timestamp" and isinstance(value, int | float):
        inner = datetime.fromtimestamp(value, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    elif isinstance(value, bool):
        inner = "true" if value else "false"
    else:
        inner = escape(str(value))
    return f"<{name}>{inner}</{name}>"


def _answer(status: int, text: str, request_id: str) -> Answer:
    return Answer(status, text.encode(), {"Content-Type": "text/xml", "x-amzn-RequestId": request_id})
